/** One interface over what runs the steps: ONNX Runtime, TensorFlow, or the reference in plain JavaScript. */
import type { Matrix } from '../learning/fit';
import type { GraphBuilder } from '../onnx/graph';
import { learnsClasses } from '../tasks/registry';
import type { ExecutorName } from '../types';
import { rowsPerRun, type Device } from './row-blocks';
import type { StepPlan } from '../gradient/step';

/** The inputs of consecutive steps over the rows of one block. */
export interface Steps {
  count: number;
  /** Rows of the block in each mini-batch, [count, batch]. */
  order: Int32Array;
  /** Random row keys, [count, batch], where the program needs them. */
  keys: Int32Array | null;
  /** The optimizer's scalars, [count] each. */
  scalars: Float32Array[];
}

/** Sums over rows. */
export interface Score {
  loss: number;
  correct: number;
}

export interface StepRunner {
  /** Threads that compute a step. */
  readonly threads: number;
  /** Takes the steps over `rows` from `state` ([parameters, ...slots], left unchanged). */
  train(state: Float32Array[], steps: Steps, rows: Matrix): Promise<{ state: Float32Array[]; losses: Float32Array }>;
  score(parameters: Float32Array, rows: Matrix): Promise<Score>;
  /** Writes the profile that was asked for, where there is one. */
  endProfiling?(): Promise<void>;
  release(): Promise<void>;
}

export interface Executor {
  readonly name: ExecutorName;
  /** For mini-batches of `batch` rows, at most. */
  prepare(plan: StepPlan, batch: number): Promise<StepRunner>;
}

/** Of losses that compare each row with all others of those scored at once, and of executors without a graph. */
export const CONTRAST_ROWS = 512;

/** Rows scored at once by this graph. */
export const scoreRows = ({ program }: StepPlan, evaluation: GraphBuilder, device: Device): number =>
  program.batchLoss ? CONTRAST_ROWS : rowsPerRun(evaluation, device);

/** The targets as the step takes them: class indices as integers. */
export function targetsOf(plan: StepPlan, { y }: Matrix): Float32Array | Int32Array {
  return learnsClasses(plan.task) ? Int32Array.from(y) : y;
}
