import { AUTO, PREPROCESS_DEFAULTS } from '../engine';
import type { Profile } from './target-check';

/** One credit pays one started second of computing on one core. */
export const creditsOf = (seconds: number): number => Math.max(1, Math.ceil(seconds));

/** Multiplications and additions of a training step per row: forward, gradient of weights, gradient of inputs. */
const FLOPS_PER_WEIGHT = 6;
/** Measured on one core with networks of the default sizes; small batches and short rows reach less. */
const FLOPS_PER_SECOND = 1e10;
/** Gathering a row and the optimizer's share of a step. */
const ROW_SECONDS = 4e-7;
/** Reading the table, preparing the graphs, the evaluation with its intervals. */
const FIXED_SECONDS = 0.5;
const EVALUATED_ROW_SECONDS = 5e-5;
/** Early stopping usually ends a training here. */
const EPOCHS_USUAL = 100;
const TRAIN_FRACTION = 0.64;
const TEST_FRACTION = 0.2;

const HIDDEN_DEFAULT: Record<string, number[][]> = {
  linear: [[]],
  logistic: [[]],
  mlp: [[128, 64]],
  autoencoder: [[64]],
  [AUTO]: [[], [64], [128, 64], [256, 128]],
};

/** Seconds that a run on such data is expected to compute: an order of magnitude, from rows, columns and layers. */
export function estimateSeconds(
  { rowCount, columns }: Profile,
  { family, parameters }: { family: string; parameters: Record<string, unknown> },
  targets = 1,
): number {
  const { levelsMax } = PREPROCESS_DEFAULTS;
  const width = columns.reduce((sum, c) => sum + (c.isNumber ? 1 : Math.min(c.distinctCount, levelsMax)), 0);
  const given = parameters.hidden as number[] | undefined;
  const networks = given ? [given] : (HIDDEN_DEFAULT[family] ?? HIDDEN_DEFAULT.mlp);
  const epochs = Math.min(Number(parameters.epochs ?? Infinity), EPOCHS_USUAL);
  const rowSeconds = networks.reduce((sum, hidden) => {
    const mirrored = [...hidden, Math.ceil(width / 3), ...hidden];
    const layers = family === 'autoencoder' ? [...mirrored, width] : [...hidden, 1 + targets];
    return sum + secondsPerRow(width, layers);
  }, 0);
  const seconds =
    FIXED_SECONDS + rowCount * (TEST_FRACTION * EVALUATED_ROW_SECONDS + TRAIN_FRACTION * epochs * rowSeconds);
  return Math.round(seconds * 100) / 100;
}

function secondsPerRow(width: number, layers: number[]): number {
  const sizes = [width, ...layers];
  const weights = sizes.slice(1).reduce((sum, size, i) => sum + size * sizes[i], 0);
  return ROW_SECONDS + (weights * FLOPS_PER_WEIGHT) / FLOPS_PER_SECOND;
}
