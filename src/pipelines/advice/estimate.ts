import { estimateCost } from '../../engine';
import { targetFacts, type Profile } from './target-check';
import type { CompiledPipeline } from '../steps/pipeline.compiler';

/** One credit pays one started second of computing on one core. */
export const creditsOf = (seconds: number): number => Math.max(1, Math.ceil(seconds));

/** Measured on one core with networks of the default sizes; small batches and short rows reach less. */
const OPERATIONS_PER_SECOND = 1e10;
/** Reading the table, preparing the graphs, the evaluation with its intervals. */
const FIXED_SECONDS = 0.5;
const EVALUATED_ROW_SECONDS = 5e-5;
const TRAIN_FRACTION = 0.64;
const TEST_FRACTION = 0.2;

type Use = Pick<CompiledPipeline, 'target' | 'drop' | 'task' | 'estimator'> & Partial<CompiledPipeline>;

/**
 * What a run on such data is expected to take, as an order of magnitude: seconds of computing on one core, and bytes of memory
 * for its rows and its model. Targets that are no columns count for nothing.
 */
export function estimateRun(profile: Profile, use: Use): Cost {
  const { operations, bytes } = estimateCost(use, {
    rows: Math.ceil(profile.rowCount * TRAIN_FRACTION),
    columns: profile.columns.map(({ name, isNumber, distinctCount, traits }) => ({
      ...{ name, traits, distinct: distinctCount },
      kind: isNumber ? ('number' as const) : ('category' as const),
    })),
    targets: [use.target].flat().flatMap((name) => targetFacts(profile, name) ?? []),
  });
  const evaluation = profile.rowCount * TEST_FRACTION * EVALUATED_ROW_SECONDS;
  const seconds = FIXED_SECONDS + evaluation + operations / OPERATIONS_PER_SECOND;
  return { seconds: Math.round(seconds * 100) / 100, bytes };
}

interface Cost {
  seconds: number;
  bytes: number;
}
