/** A tree of decisions as arrays by node; node 0 is its root. */

/** That a byte can name. */
const BINS = 256;

/** Which bins of a column go left. */
export interface Rule {
  column: number;
  /** Of a number: bins up to it go left. */
  bin: number;
  /** Of a text: whether each of 256 bins goes left; null of a number. */
  members: Uint8Array | null;
  /** Whether missing numbers go left. */
  missingLeft: boolean;
  /** What the split lowers the loss by. */
  gain: number;
}

export interface Tree {
  /** Null of a leaf. */
  splits: (Rule | null)[];
  left: Int32Array;
  right: Int32Array;
  /** Of leaves: what the tree adds. Of the others: what it would add if it ended there. */
  value: Float64Array;
  /** Training rows that reach the node, and the sum of their Hessians. */
  rows: Int32Array;
  hessian: Float64Array;
}

/** Trees that are grown together, one for each output; those of one shape share all but their values. */
export type Round = Tree[];

export const goesLeft = (
  { bin: last, members, missingLeft }: Pick<Rule, 'bin' | 'members' | 'missingLeft'>,
  bin: number,
): boolean => (members ? members[bin] === 1 : bin === 0 ? missingLeft : bin <= last);

/** Of each bin whether it goes left. */
export function leftBins(rule: Rule): Uint8Array {
  const left = new Uint8Array(BINS);
  for (let bin = 0; bin < BINS; bin++) left[bin] = Number(goesLeft(rule, bin));
  return left;
}

/** The leaf of the row whose bins begin at `at`. */
export function leafOf({ splits, left, right }: Tree, bins: Uint8Array, at: number): number {
  let node = 0;
  for (let split = splits[0]; split; split = splits[node]) {
    node = goesLeft(split, bins[at + split.column]) ? left[node] : right[node];
  }
  return node;
}

/** Numbers of `columns` outputs by row; a tree adds to one of them. */
export interface Scores {
  values: Float64Array;
  outputs: number;
}

export function addAnswers(
  tree: Tree,
  { bins, stride, rows }: { bins: Uint8Array; stride: number; rows: number },
  { values, outputs }: Scores,
  output: number,
): void {
  for (let row = 0; row < rows; row++) values[row * outputs + output] += tree.value[leafOf(tree, bins, row * stride)];
}
