/**
 * Exact Shapley values of a tree's answer (Lundberg, Erion, Chen et al.: From local explanations to global understanding with
 * explainable AI for trees, Nature Machine Intelligence 2, 2020, algorithm 2): how much each column moves the answer away from the
 * mean over the training rows. What a column would say that is not known is the mix of both sides by their training rows.
 */
import { goesLeft, type Tree } from './tree';

/** A column on the way to a node: the shares of its branches that stay open without and with it, and its weight. */
interface Step {
  column: number;
  unknownShare: number;
  known: number;
  weight: number;
}

/** Adds the values of the row whose bins begin at `at` to `values`, one for each column. */
export function addShapleyValues(
  tree: Tree,
  { bins, at }: { bins: Uint8Array; at: number },
  values: Float64Array,
): void {
  const visit = (node: number, path: Step[]): void => {
    const split = tree.splits[node];
    if (!split) {
      path.slice(1).forEach(({ column, unknownShare, known }, i) => {
        const weight = unwound(path, i + 1).reduce((sum, step) => sum + step.weight, 0);
        values[column] += weight * (known - unknownShare) * tree.value[node];
      });
      return;
    }
    const isLeft = goesLeft(split, bins[at + split.column]);
    const [taken, other] = isLeft ? [tree.left[node], tree.right[node]] : [tree.right[node], tree.left[node]];
    const earlier = path.findIndex(({ column }) => column === split.column);
    const before = earlier > 0 ? path[earlier] : { unknownShare: 1, known: 1 };
    const rest = earlier > 0 ? unwound(path, earlier) : path;
    const share = (child: number): number => tree.rows[child] / tree.rows[node];
    visit(taken, extended(rest, split.column, share(taken) * before.unknownShare, before.known));
    visit(other, extended(rest, split.column, share(other) * before.unknownShare, 0));
  };
  visit(0, [{ column: -1, unknownShare: 1, known: 1, weight: 1 }]);
}

/** The mean of the tree's answers over its training rows. */
export function meanAnswer({ splits, value, rows }: Tree): number {
  const sum = splits.reduce((total, split, node) => (split ? total : total + value[node] * rows[node]), 0);
  return sum / rows[0];
}

/** The path with one more column: the weights of subsets of all sizes grow by those with it. */
function extended(path: Step[], column: number, unknownShare: number, known: number): Step[] {
  const size = path.length;
  const next = [...path.map((step) => ({ ...step })), { column, unknownShare, known, weight: 0 }];
  for (let i = size - 1; i >= 0; i--) {
    next[i + 1].weight += (known * next[i].weight * (i + 1)) / (size + 1);
    next[i].weight = (unknownShare * next[i].weight * (size - i)) / (size + 1);
  }
  return next;
}

/** The path without one of its columns: undoes `extended`. */
function unwound(path: Step[], place: number): Step[] {
  const last = path.length - 1;
  const { unknownShare, known } = path[place];
  const next = path.map((step) => ({ ...step }));
  let weight = next[last].weight;
  for (let i = last - 1; i >= 0; i--) {
    if (known !== 0) {
      const before = next[i].weight;
      next[i].weight = (weight * (last + 1)) / ((i + 1) * known);
      weight = before - (next[i].weight * unknownShare * (last - i)) / (last + 1);
    } else next[i].weight = (next[i].weight * (last + 1)) / (unknownShare * (last - i));
  }
  for (let i = place; i < last; i++) {
    const { column, unknownShare: share, known: one } = next[i + 1];
    Object.assign(next[i], { column, unknownShare: share, known: one });
  }
  return next.slice(0, last);
}
