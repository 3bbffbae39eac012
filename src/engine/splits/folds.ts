/** Deals rows to folds: those of a fold judge a model that is trained on the others. */
import type { Random } from '../random';

/**
 * Deals the rows to folds. Rows are shuffled within each stratum, laid end to end and dealt in turn, so that each stratum gives
 * its share to each fold to within one row; the only row of a stratum is in none, and always trained on.
 */
export function dealRows(rows: Uint32Array, strata: Float64Array | null, count: number, random: Random): Uint32Array[] {
  const counts = new Map<number, number>();
  if (strata) for (const row of rows) counts.set(strata[row], (counts.get(strata[row]) ?? 0) + 1);
  const shuffled = random.shuffle(Uint32Array.from(rows));
  const queue = strata
    ? shuffled.filter((row) => counts.get(strata[row])! > 1).sort((a, b) => strata[a] - strata[b])
    : shuffled;
  return Array.from({ length: count }, (_, fold) => queue.filter((_row, i) => i % count === fold).sort());
}

/**
 * Deals whole groups, the largest first: each to the fold where the counts of the classes come nearest to equal shares, by the
 * sum over classes of count² / total. Groups of equal size come in a random order.
 */
export function dealGroups(
  groups: readonly Uint32Array[],
  classes: Float64Array | null,
  count: number,
  random: Random,
): Uint32Array[] {
  const totals = countsOf(
    groups.flatMap((rows) => [...rows]),
    classes,
  );
  const folds = Array.from({ length: count }, () => ({ rows: [] as number[], held: new Map<number, number>() }));
  const order = [...random.shuffle(Uint32Array.from(groups.keys()))].sort(
    (a, b) => groups[b].length - groups[a].length,
  );
  for (const group of order) {
    const added = countsOf(groups[group], classes);
    const growth = folds.map(({ held }) => {
      let sum = 0;
      added.forEach((more, key) => {
        const before = held.get(key) ?? 0;
        sum += ((before + more) ** 2 - before ** 2) / totals.get(key)!;
      });
      return sum;
    });
    const { rows, held } = folds[growth.indexOf(Math.min(...growth))];
    rows.push(...groups[group]);
    added.forEach((more, key) => held.set(key, (held.get(key) ?? 0) + more));
  }
  return folds.map(({ rows }) => Uint32Array.from(rows).sort());
}

function countsOf(rows: ArrayLike<number>, classes: Float64Array | null): Map<number, number> {
  if (classes === null) return new Map([[0, rows.length]]);
  const counts = new Map<number, number>();
  for (let i = 0; i < rows.length; i++) counts.set(classes[rows[i]], (counts.get(classes[rows[i]]) ?? 0) + 1);
  return counts;
}
