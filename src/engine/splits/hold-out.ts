import type { Random } from '../random';
import { hasSeveralTargets, learnsFeatures } from '../tasks/registry';
import type { Targets } from '../tasks/targets/shape';

/** Classes by table row, where each row has one. */
export function strataOf({ task, columns: [target] }: Targets, stratify: boolean): Float64Array | null {
  if (!stratify || hasSeveralTargets(task) || learnsFeatures(task)) return null;
  return target.labels === null ? null : target.values;
}

/**
 * Moves a share of the rows out, at least one. Rows are shuffled within each stratum, laid end to end and taken at even
 * steps, so that each stratum gives its share to within one row; the only row of a stratum stays.
 */
export function holdOut(
  rows: Uint32Array,
  strata: Float64Array | null,
  fraction: number,
  random: Random,
): [Uint32Array, Uint32Array] {
  const shuffled = random.shuffle(Uint32Array.from(rows));
  const queue = strata === null ? shuffled : withoutSingles(shuffled, strata);
  const taken = new Uint8Array(rows.length === 0 ? 0 : rows[rows.length - 1] + 1);
  queue.forEach((row, i) => {
    if (Math.round((i + 1) * fraction) > Math.round(i * fraction)) taken[row] = 1;
  });
  return [rows.filter((row) => !taken[row]), rows.filter((row) => taken[row])];
}

function withoutSingles(rows: Uint32Array, strata: Float64Array): Uint32Array {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(strata[row], (counts.get(strata[row]) ?? 0) + 1);
  // Array sort is stable, so the shuffled order stays within a stratum.
  return rows.filter((row) => counts.get(strata[row])! > 1).sort((a, b) => strata[a] - strata[b]);
}
