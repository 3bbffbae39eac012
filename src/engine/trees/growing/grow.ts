/**
 * Grows one tree leaf by leaf: the leaf whose split lowers the loss most is split next (Shi: Best-first decision tree
 * learning, 2007). The histogram of the smaller child is summed, that of the larger one is what is left of the parent's.
 */
import type { BinnedRows } from '../bins';
import { histogramSize, SLOTS, subtract } from './histogram';
import { pack, type Packing } from './packing';
import { leafValue, SplitFinder, type ColumnRule, type NodeSums, type Split, type SplitRules } from './split';
import type { Summing } from '../summing/summing';
import { goesLeft, type Tree } from '../tree';

export interface GrowRules extends SplitRules {
  leavesMax: number;
  /** Splits between the root and a leaf, at most; null: any number. */
  depthMax: number | null;
  /** Columns that may meet on a path to a leaf, in groups; a column of none stands alone. Null: any may. */
  interactions: number[][] | null;
}

/** What a tree is fitted to. All arrays are by row. */
export interface TreeData {
  binned: BinnedRows;
  columns: ColumnRule[];
  gradients: Float64Array;
  hessians: Float64Array;
  /** Room for packed values. */
  packed: Float64Array;
}

export interface TreeRequest {
  /** Rows to fit to, ascending; it is put in the order of the leaves. */
  order: Uint32Array;
  /** Columns that may be split by. */
  columns: number[];
  rules: GrowRules;
  seed: number;
  sum: Summing;
  /** Asked before each split; throws to stop. */
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
  histogram: Float64Array;
  depth: number;
  /** Splits above, by column. */
  path: number[];
  split: Split | null;
}

export function growTree(data: TreeData, request: TreeRequest): { tree: Tree; leaves: LeafRows[] } {
  return new Growth(data, request).run();
}

class Growth {
  private readonly packing: Packing;
  private readonly finder: SplitFinder;
  private readonly nodes: Node[] = [];
  private readonly spare: Uint32Array;

  constructor(
    private readonly data: TreeData,
    private readonly request: TreeRequest,
  ) {
    const { order, rules, seed } = request;
    this.packing = pack(data, order, { values: data.packed, seed });
    this.finder = new SplitFinder(this.packing, rules, data.columns);
    this.spare = new Uint32Array(order.length);
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
    return { tree: this.finish(open), leaves: open };
  }

  private root(): OpenLeaf {
    const { order } = this.request;
    const histogram = this.sumOf(0, order.length);
    const total = histogram.subarray(0, SLOTS).reduce((sum, value) => sum + value, 0);
    const sums = { ...this.finder.unpacked(total), total, rows: order.length, lower: -Infinity, upper: Infinity };
    return this.open({ from: 0, to: order.length, sums, histogram, depth: 0, path: [] });
  }

  private open(leaf: Omit<OpenLeaf, 'node' | 'split'>): OpenLeaf {
    const node = this.nodes.length;
    this.nodes.push({ rows: leaf.to - leaf.from, sums: leaf.sums, split: null, left: -1, right: -1 });
    return { ...leaf, node, split: this.bestSplit(leaf) };
  }

  private bestSplit({ sums, histogram, depth, path }: Omit<OpenLeaf, 'node' | 'split'>): Split | null {
    const { rules, columns } = this.request;
    if (depth === (rules.depthMax ?? Infinity) || sums.rows < 2 * rules.rowsPerLeaf) return null;
    return this.finder.best(histogram, sums, allowed(columns, path, rules.interactions));
  }

  private sumOf(from: number, to: number): Float64Array {
    const { binned, packed } = this.data;
    const sums = new Float64Array(histogramSize(binned));
    this.request.sum(sums, binned, { order: this.request.order, values: packed, from, to });
    return sums;
  }

  private split(leaf: OpenLeaf, split: Split): [OpenLeaf, OpenLeaf] {
    const middle = this.partition(leaf, split);
    const { from, to, depth, sums, histogram } = leaf;
    const isLeftSmaller = middle - from <= to - middle;
    const small = isLeftSmaller ? this.sumOf(from, middle) : this.sumOf(middle, to);
    subtract(histogram, small);
    const [left, right] = isLeftSmaller ? [small, histogram] : [histogram, small];
    const bounds = this.bounds(sums, split);
    const path = [...leaf.path, split.column];
    const side = (own: Float64Array, from: number, to: number, limits: Pick<NodeSums, 'lower' | 'upper'>): OpenLeaf => {
      const total = own.subarray(0, SLOTS).reduce((sum, value) => sum + value, 0);
      const sums = { ...this.finder.unpacked(total), total, rows: to - from, ...limits };
      return this.open({ from, to, sums, histogram: own, depth: depth + 1, path });
    };
    const children: [OpenLeaf, OpenLeaf] = [side(left, from, middle, bounds[0]), side(right, middle, to, bounds[1])];
    Object.assign(this.nodes[leaf.node], { split, left: children[0].node, right: children[1].node });
    return children;
  }

  /** Puts the rows that go left before the others, each in their order; returns where the others begin. */
  private partition({ from, to }: LeafRows, split: Split): number {
    const { order } = this.request;
    const { bins, stride } = this.data.binned;
    const left = Uint8Array.from({ length: SLOTS }, (_, bin) => (goesLeft(split, bin) ? 1 : 0));
    let [kept, moved] = [from, 0];
    for (let i = from; i < to; i++) {
      const row = order[i];
      const goes = left[bins[row * stride + split.column]];
      order[kept] = row;
      this.spare[moved] = row;
      kept += goes;
      moved += 1 - goes;
    }
    order.set(this.spare.subarray(0, moved), kept);
    return kept;
  }

  /** A monotone split leaves each side the values on its side of the middle. */
  private bounds({ lower, upper }: NodeSums, { column, left, right }: Split): Pick<NodeSums, 'lower' | 'upper'>[] {
    const { direction } = this.data.columns[column];
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
    for (const { node, from, to, sums } of leaves) value[node] = this.valueOf(this.exactSums(from, to), sums);
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

  private exactSums(from: number, to: number): { gradient: number; hessian: number } {
    const { gradients, hessians } = this.data;
    const { order } = this.request;
    let [gradient, hessian] = [0, 0];
    for (let i = from; i < to; i++) {
      gradient += gradients[order[i]];
      hessian += hessians[order[i]];
    }
    return { gradient, hessian };
  }
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
