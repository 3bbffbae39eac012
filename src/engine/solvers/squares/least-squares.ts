/** Least squares from moments: ridge by Cholesky's factor, lasso and elastic net by coordinate descent. */
import type { Rows } from '../../learning/fit';
import { choleskyFactor, solveFactored } from './cholesky';
import { descend } from './coordinate-descent';
import { centered, joinMoments, momentsOf, squaredErrors, type Centered, type Moments } from './moments';
import type { Penalty } from '../penalty';
import { weightsOf, type Solver, type SolverShape, type Weights } from '../solver';

const ACCURACY = {
  path: { tolerance: 1e-4, sweepsMax: 500 },
  final: { tolerance: 1e-9, sweepsMax: 20_000 },
};

/** Half of the squared error is what is solved for. */
const HALF = 0.5;

export interface LeastSquaresRequest extends SolverShape {
  train: Rows;
  /** Null: there are none, and none are needed. */
  validation: Rows | null;
  /** Share of the training rows, one of so many, that stand for validation rows where there are none. */
  held: number | null;
  look(): void;
}

/** One pass over the rows. */
export async function leastSquares(request: LeastSquaresRequest): Promise<Solver> {
  const { width, outputs, train, validation, held, look } = request;
  const apart = outputs > 1 && [train, ...(validation ? [validation] : [])].some(hasWeights);
  const asked = { targets: outputs, apart, look };
  const isHeld = (row: number): boolean => held !== null && row % held === held - 1;
  const parts = await momentsOf(train, {
    ...asked,
    parts: held === null ? 1 : 2,
    partOf: (row) => Number(isHeld(row)),
  });
  const [known] = parts;
  const whole = { ...asked, parts: 1, partOf: () => 0, shift: known[0].shift };
  const judging = validation ? (await momentsOf(validation, whole))[0] : (parts[1] ?? null);
  return new LeastSquares({ width, outputs }, { train: known, validation: judging }, look);
}

/** Of blocks it is not known before they are read. */
const hasWeights = (rows: Rows): boolean => 'groups' in rows || rows.weight !== null;

class LeastSquares implements Solver {
  readonly scale;
  private readonly sets: Record<'train' | 'all', Centered[]>;

  constructor(
    private readonly shape: SolverShape,
    private readonly moments: { train: Moments[]; validation: Moments[] | null },
    private readonly look: () => void,
  ) {
    const { train, validation } = moments;
    const of = train.map(centered);
    const all = validation ? train.map((set, i) => centered(joinMoments(set, validation[i]))) : of;
    this.sets = { train: of, all };
    this.scale = { l2: 1, perDecade: 2, l1: Math.max(...of.map(largestCovariance)) / HALF };
  }

  solve({ l1, l2 }: Penalty, start: Weights | null, { accuracy, rows }: Parameters<Solver['solve']>[2]): Weights {
    const { width, outputs } = this.shape;
    const solved = new Float64Array(outputs * (width + 1));
    for (const set of this.sets[rows]) {
      const factor = l1 > 0 ? null : choleskyFactor(set.covariance, width, HALF * l2, this.look);
      for (const { target, mean, variance, covariance } of set.targets) {
        const net = {
          size: width,
          covariance: set.covariance,
          target: covariance,
          variance,
          l1: HALF * l1,
          l2: HALF * l2,
        };
        const weights = factor
          ? solveFactored(factor, covariance)
          : descend(net, start ? weightsOf(start, target, width) : new Float64Array(width), {
              ...ACCURACY[accuracy],
              look: this.look,
            });
        solved.set(weights, target * width);
        solved[outputs * width + target] = weights.reduce((sum, weight, j) => sum - weight * set.mean[j], mean);
      }
    }
    return solved;
  }

  losses(weights: Weights): { train: number; validation: number | null } {
    const { train, validation } = this.moments;
    return { train: this.loss(train, weights), validation: validation && this.loss(validation, weights) };
  }

  /** The mean of all values that count. */
  private loss(sets: Moments[], weights: Weights): number {
    const { width, outputs } = this.shape;
    let [sum, total] = [0, 0];
    for (const set of sets) {
      set.targets.forEach(({ target }, t) => {
        sum += squaredErrors(set, t, weightsOf(weights, target, width), weights[outputs * width + target]);
        total += set.weight;
      });
    }
    return sum / total;
  }
}

const largestCovariance = ({ targets }: Centered): number =>
  Math.max(...targets.map(({ covariance }) => covariance.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
