/** What fits weights exactly, whatever the loss. */
import type { PathScale, Penalty } from './penalty';

/** Of each output its weights, then the biases: [outputs, width] and [outputs]. */
export type Weights = Float64Array;

export interface Solver {
  /** What penalties of the path depend on. */
  scale: PathScale;
  /**
   * @param start weights to begin with; null: none are known
   * @param accuracy `path` of one among many, `final` of the one that is kept
   */
  solve(penalty: Penalty, start: Weights | null, how: { accuracy: 'path' | 'final'; rows: 'train' | 'all' }): Weights;
  /** Mean losses; of rows that are held out null where there are none. */
  losses(weights: Weights): { train: number; validation: number | null };
}

export interface SolverShape {
  width: number;
  outputs: number;
}

export const weightsOf = (weights: Weights, output: number, width: number): Float64Array =>
  weights.subarray(output * width, (output + 1) * width);
