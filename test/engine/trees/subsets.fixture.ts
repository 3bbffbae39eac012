/** What columns add to the answer of a tree by the definition: over all subsets of columns. */
import type { BinnedRow } from '../../../src/engine/trees/inside/explains';
import { goesLeft, type Tree } from '../../../src/engine/trees/tree';

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** By the definition: over all subsets of the columns, what one more of them changes. */
export function shapley(columns: number, valueOf: (known: Set<number>) => number): number[] {
  return Array.from({ length: columns }, (_, column) => {
    let sum = 0;
    for (let set = 0; set < 2 ** columns; set++) {
      if (set & (1 << column)) continue;
      const known = new Set([...Array(columns).keys()].filter((c) => set & (1 << c)));
      const weight = (factorial(known.size) * factorial(columns - known.size - 1)) / factorial(columns);
      sum += weight * (valueOf(new Set([...known, column])) - valueOf(known));
    }
    return sum;
  });
}

/** What a tree says where some columns of a row are known: of the others both sides count by their training rows. */
export function meanWhereKnown(tree: Tree, { bins, at }: BinnedRow, known: Set<number>, node = 0): number {
  const split = tree.splits[node];
  if (!split) return tree.value[node];
  const [l, r] = [tree.left[node], tree.right[node]];
  const of = (child: number) => meanWhereKnown(tree, { bins, at, columns: 0 }, known, child);
  if (known.has(split.column)) return of(goesLeft(split, bins[at + split.column]) ? l : r);
  return (tree.rows[l] * of(l) + tree.rows[r] * of(r)) / tree.rows[node];
}
