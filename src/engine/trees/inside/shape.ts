/** Trees of one shape as flat arrays, in the order in which they are walked: the left child of a node is the next one. */
import type { Round, Rule, Tree } from '../tree';
import { quadratureOf, type Quadrature } from './quadrature';

export interface Shape {
  /** Of the first tree among those of a round, and how many trees there are. */
  output: number;
  outputs: number;
  /** By node: its column, its right child, the rule (`ruleOf`), and bits of the columns that it or nodes beneath split by, 0 of a leaf. */
  nodes: Int32Array;
  /** By rule of texts: of each bin whether it goes left. */
  members: Uint8Array[];
  /** Of the training rows of a node, those that go left. */
  leftShare: Float64Array;
  /** The mean of the answers beneath each node over its training rows, row-major [nodes, outputs]; of a leaf, its answer. */
  mean: Float64Array;
  depth: number;
  quadrature: Quadrature;
}

export const NODE_WIDTH = 4;
export const COLUMN = 0;
export const RIGHT = 1;
const RULE = 2;
export const BELOW = 3;

/** Columns that have a bit of their own; all others share the last one. */
const BITS = 31;
export const SHARED_BIT = 1 << BITS;
export const bitOf = (column: number): number => (column < BITS ? 1 << column : SHARED_BIT);

/** Trees of one shape together, in the order of the outputs. */
export function shapesOf(round: Round): Tree[][] {
  const isShared = round.every(({ splits }) => splits === round[0].splits);
  return isShared ? [round] : round.map((tree) => [tree]);
}

/** A rule of a number is its last bin that goes left, and whether missing numbers do; one of texts is below 0. */
const MISSING_LEFT = 1 << 8;

function ruleOf({ members, bin, missingLeft }: Rule, lists: Uint8Array[]): number {
  return members ? -lists.push(members) : bin + (missingLeft ? MISSING_LEFT : 0);
}

export function goesLeftAt({ nodes, members }: Shape, node: number, bin: number): boolean {
  const rule = nodes[node * NODE_WIDTH + RULE];
  if (rule < 0) return members[-1 - rule][bin] === 1;
  return bin === 0 ? rule >= MISSING_LEFT : bin <= (rule & (MISSING_LEFT - 1));
}

/** @param output of the first tree */
export function flatten(trees: readonly Tree[], output: number): Shape {
  const size = trees[0].splits.length;
  const shape: Shape = {
    ...{ output, outputs: trees.length, nodes: new Int32Array(size * NODE_WIDTH), members: [] },
    ...{ leftShare: new Float64Array(size), mean: new Float64Array(size * trees.length) },
    ...{ depth: 0, quadrature: quadratureOf(1) },
  };
  const columns = new Placing(trees, shape).run();
  return { ...shape, quadrature: quadratureOf(Math.max(1, Math.ceil(columns / 2))) };
}

class Placing {
  private next = 0;
  private columnsMax = 0;
  /** On the way to a node: how often columns are split by. */
  private readonly times = new Map<number, number>();

  constructor(
    private readonly trees: readonly Tree[],
    private readonly shape: Shape,
  ) {}

  /** Tells how many columns are on one way, at most. */
  run(): number {
    this.place(0, 0);
    return this.columnsMax;
  }

  private place(node: number, depth: number): number {
    const { trees, shape } = this;
    const [{ splits, left, right, rows }] = trees;
    const at = this.next++;
    const rule = splits[node];
    if (!rule) {
      shape.depth = Math.max(shape.depth, depth);
      this.columnsMax = Math.max(this.columnsMax, this.times.size);
      trees.forEach(({ value }, output) => (shape.mean[at * shape.outputs + output] = value[node]));
      return at;
    }
    const times = this.times.get(rule.column) ?? 0;
    this.times.set(rule.column, times + 1);
    const children = [this.place(left[node], depth + 1), this.place(right[node], depth + 1)];
    if (times > 0) this.times.set(rule.column, times);
    else this.times.delete(rule.column);
    shape.leftShare[at] = rows[left[node]] / rows[node];
    this.join(at, rule, children);
    return at;
  }

  private join(at: number, rule: Rule, [left, right]: number[]): void {
    const { nodes, members, mean, outputs, leftShare } = this.shape;
    const below = [left, right].reduce((bits, child) => bits | nodes[child * NODE_WIDTH + BELOW], bitOf(rule.column));
    nodes.set([rule.column, right, ruleOf(rule, members), below], at * NODE_WIDTH);
    for (let output = 0; output < outputs; output++)
      mean[at * outputs + output] =
        leftShare[at] * mean[left * outputs + output] + (1 - leftShare[at]) * mean[right * outputs + output];
  }
}

/** Of each shape: splits, and points that an explanation asks at each. */
export function sizeOf(trees: readonly Tree[]): { splits: number; points: number } {
  const { quadrature } = flatten(trees, 0);
  return { splits: trees[0].splits.filter(Boolean).length, points: quadrature.points.length };
}
