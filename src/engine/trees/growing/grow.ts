/**
 * Grows one tree leaf by leaf: the leaf whose split lowers the loss most is split next (Shi: Best-first decision tree
 * learning, 2007). The histogram of the smaller child is summed, that of the larger one is what is left of the parent's.
 */
import { SLOTS, subtract } from './histogram';
import { packingOf } from './packing';
import { leafValue, SplitFinder, type ColumnRule, type NodeSums, type Split, type SplitRules } from './split';
import type { RowRange, RowWork } from '../rows/row-work';
import { goesLeft, type Tree } from '../tree';

export interface GrowRules extends SplitRules {
  leavesMax: number;
  /** Splits between the root and a leaf, at most; null: any number. */
  depthMax: number | null;
  /** Columns that may meet on a path to a leaf, in groups; a column of none stands alone. Null: any may. */
  interactions: number[][] | null;
}

export interface TreeRequest {
  /** The first so many of the order are fitted to, ascending at first; it is put in the order of the leaves. */
  rows: number;
  columns: ColumnRule[];
  /** Columns that may be split by. */
  chosen: number[];
  rules: GrowRules;
  seed: number;
  /** Asked again and again; throws to stop. */
  proceed(): void;
}

/** A leaf and its rows: order[from] … order[to − 1]. */
export interface LeafRows {
  node: number;
  from: number;
  to: number;
}

interface OpenLeaf extends LeafRows {
  sums: NodeSums;
  /** Null where there is no split to make. */
  histogram: Float64Array | null;
  depth: number;
  path: number[];
  split: Split | null;
}

export function growTree(work: RowWork, request: TreeRequest): { tree: Tree; leaves: LeafRows[] } {
  return new Growth(work, request).run();
}

class Growth {
  private readonly finder: SplitFinder;
  private readonly nodes: Node[] = [];

  constructor(
    private readonly work: RowWork,
    private readonly request: TreeRequest,
  ) {
    const { rows, columns, rules, seed } = request;
    const range = { from: 0, to: rows };
    const { gradients, hessians } = work.measure(range);
    const packing = packingOf(gradients, hessians, rows);
    work.pack(range, packing, seed);
    this.finder = new SplitFinder(packing, rules, columns);
  }

  run(): { tree: Tree; leaves: LeafRows[] } {
    const { rules, proceed } = this.request;
    const open = [this.root()];
    while (open.length < rules.leavesMax) {
      proceed();
      const next = mostUseful(open);
      if (next === null) break;
      const [leaf] = open.splice(next, 1);
      open.push(...this.split(leaf, leaf.split!));
    }
    for (const { histogram } of open) this.work.giveBack(histogram);
    return { tree: this.finish(open), leaves: open };
  }

  private root(): OpenLeaf {
    const all = { from: 0, to: this.request.rows };
    return this.open(all, this.sumOf(all), { depth: 0, path: [], lower: -Infinity, upper: Infinity });
  }

  private open(rows: RowRange, histogram: Float64Array, { depth, path, ...bounds }: Place): OpenLeaf {
    const total = histogram.subarray(0, SLOTS).reduce((sum, value) => sum + value, 0);
    const count = rows.to - rows.from;
    const sums = { ...this.finder.unpacked(total), total, rows: count, ...bounds };
    const node = this.nodes.length;
    this.nodes.push({ rows: count, sums, split: null, left: -1, right: -1 });
    const split = this.bestSplit(histogram, sums, { depth, path });
    if (!split) this.work.giveBack(histogram);
    return { ...rows, node, sums, depth, path, split, histogram: split && histogram };
  }

  private bestSplit(
    histogram: Float64Array,
    sums: NodeSums,
    { depth, path }: Pick<Place, 'depth' | 'path'>,
  ): Split | null {
    const { rules, chosen } = this.request;
    if (depth === (rules.depthMax ?? Infinity) || sums.rows < 2 * rules.rowsPerLeaf) return null;
    return this.finder.best(histogram, sums, allowed(chosen, path, rules.interactions));
  }

  private sumOf(rows: RowRange): Float64Array {
    const sums = this.work.takeHistogram();
    this.work.sum(sums, rows, this.request.proceed);
    return sums;
  }

  private split({ node, from, to, sums, histogram, ...leaf }: OpenLeaf, split: Split): [OpenLeaf, OpenLeaf] {
    const middle = this.work.partition(
      { from, to },
      split.column,
      Uint8Array.from({ length: SLOTS }, (_, bin) => Number(goesLeft(split, bin))),
    );
    const [left, right] = [
      { from, to: middle },
      { from: middle, to },
    ];
    const isLeftSmaller = middle - from <= to - middle;
    const small = this.sumOf(isLeftSmaller ? left : right);
    const large = histogram!;
    subtract(large, small);
    const [a, b] = this.bounds(sums, split);
    const place = { depth: leaf.depth + 1, path: [...leaf.path, split.column] };
    const children: [OpenLeaf, OpenLeaf] = [
      this.open(left, isLeftSmaller ? small : large, { ...place, ...a }),
      this.open(right, isLeftSmaller ? large : small, { ...place, ...b }),
    ];
    Object.assign(this.nodes[node], { split, left: children[0].node, right: children[1].node });
    return children;
  }

  /** A monotone split leaves each side the values on its side of the middle. */
  private bounds({ lower, upper }: NodeSums, { column, left, right }: Split): Pick<NodeSums, 'lower' | 'upper'>[] {
    const { direction } = this.request.columns[column];
    if (direction === 0)
      return [
        { lower, upper },
        { lower, upper },
      ];
    const [a, b] = [left, right].map((side) => within(leafValue(side, this.request.rules), lower, upper));
    const middle = (a + b) / 2;
    const sides = [
      { lower, upper: middle },
      { lower: middle, upper },
    ];
    return direction > 0 ? sides : sides.reverse();
  }

  /** Leaves have values of exact sums, in the order of rows. */
  private finish(leaves: OpenLeaf[]): Tree {
    const { nodes } = this;
    const value = Float64Array.from(nodes, ({ sums }) => this.valueOf(sums, sums));
    for (const { node, from, to, sums } of leaves) value[node] = this.valueOf(this.work.total({ from, to }), sums);
    return {
      splits: nodes.map(({ split }) => split),
      left: Int32Array.from(nodes, ({ left }) => left),
      right: Int32Array.from(nodes, ({ right }) => right),
      value,
      rows: Int32Array.from(nodes, ({ rows }) => rows),
      hessian: Float64Array.from(nodes, ({ sums }) => sums.hessian),
    };
  }

  private valueOf(sums: { gradient: number; hessian: number }, { lower, upper }: NodeSums): number {
    return within(leafValue(sums, this.request.rules), lower, upper);
  }
}

/** Where a node is in the tree, and the values that leaves below may take. */
interface Place extends Pick<NodeSums, 'lower' | 'upper'> {
  depth: number;
  /** Splits above, by column. */
  path: number[];
}

interface Node {
  rows: number;
  sums: NodeSums;
  split: Split | null;
  left: number;
  right: number;
}

const within = (value: number, lower: number, upper: number): number => Math.min(upper, Math.max(lower, value));

/** The place of the leaf with the best split, the first of equals; null where none has one. */
function mostUseful(open: OpenLeaf[]): number | null {
  let best: number | null = null;
  open.forEach(({ split }, i) => {
    if (split && (best === null || split.gain > open[best].split!.gain)) best = i;
  });
  return best;
}

/** Columns that share a group with all columns of the path. */
function allowed(columns: number[], path: number[], groups: number[][] | null): number[] {
  if (groups === null || path.length === 0) return columns;
  const shared = groups.filter((group) => path.every((column) => group.includes(column))).flat();
  return columns.filter((column) => shared.includes(column) || path.every((other) => other === column));
}
