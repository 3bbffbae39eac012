/**
 * Grows one tree leaf by leaf: the leaf whose split lowers the loss most is split next (Shi: Best-first decision tree
 * learning, 2007). The histogram of the smaller child is summed, that of the larger one is what is left of the parent's.
 */
import { leafValue } from './gain';
import { SLOTS, subtract } from './histogram';
import { packingOf, type Magnitudes } from './packing';
import { SplitFinder, type ColumnRule, type NodeSums, type SideSums, type Split, type SplitRules } from './split';
import type { RowRange, RowWork } from '../rows/row-work';
import { leftBins, type Tree } from '../tree';

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
  /** Of all rows, or more. */
  magnitudes: Magnitudes;
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
    const { rows, magnitudes, columns, rules, seed } = request;
    const packing = packingOf(magnitudes, rows);
    work.pack({ from: 0, to: rows }, packing, seed);
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
      open.push(...this.split(leaf, leaf.split!, open.length + 2 === rules.leavesMax));
    }
    for (const { histogram } of open) this.work.giveBack(histogram);
    return { tree: this.finish(open), leaves: open };
  }

  private root(): OpenLeaf {
    const all = { from: 0, to: this.request.rows };
    const histogram = this.sumOf(all);
    const total = histogram.subarray(0, SLOTS).reduce((sum, value) => sum + value, 0);
    const place = { depth: 0, path: [], lower: -Infinity, upper: Infinity };
    return this.open(all, { ...this.finder.unpacked(total), total }, place, histogram);
  }

  /** @param histogram null where the node is not split again */
  private open(
    range: RowRange,
    { gradient, hessian, total }: SideSums,
    { depth, path, ...bounds }: Place,
    histogram: Float64Array | null,
  ): OpenLeaf {
    const rows = range.to - range.from;
    const sums = { gradient, hessian, total, rows, ...bounds };
    const node = this.nodes.length;
    this.nodes.push({ rows, sums, split: null, left: -1, right: -1 });
    const split = histogram && this.isDivisible(rows, depth) ? this.bestSplit(histogram, sums, path) : null;
    if (!split) this.work.giveBack(histogram);
    return { ...range, node, sums, depth, path, split, histogram: split && histogram };
  }

  private isDivisible(rows: number, depth: number): boolean {
    const { depthMax, rowsPerLeaf } = this.request.rules;
    return depth < (depthMax ?? Infinity) && rows >= 2 * rowsPerLeaf;
  }

  private bestSplit(histogram: Float64Array, sums: NodeSums, path: number[]): Split | null {
    const { rules, chosen } = this.request;
    return this.finder.best(histogram, sums, allowed(chosen, path, rules.interactions));
  }

  private sumOf(rows: RowRange): Float64Array {
    const sums = this.work.takeHistogram();
    this.work.sum(sums, rows, this.request.proceed);
    return sums;
  }

  /** @param isLast no leaf is split after it */
  private split({ node, from, to, sums, histogram, ...leaf }: OpenLeaf, split: Split, isLast: boolean): OpenLeaf[] {
    const middle = this.work.partition({ from, to }, split.column, leftBins(split));
    const [left, right] = [
      { from, to: middle },
      { from: middle, to },
    ];
    const depth = leaf.depth + 1;
    const isOver = isLast || !this.isDivisible(Math.max(middle - from, to - middle), depth);
    const [ofLeft, ofRight] = isOver ? this.noHistograms(histogram!) : this.histograms(histogram!, left, right);
    const [a, b] = this.bounds(sums, split);
    const place = { depth, path: [...leaf.path, split.column] };
    const children = [
      this.open(left, split.left, { ...place, ...a }, ofLeft),
      this.open(right, split.right, { ...place, ...b }, ofRight),
    ];
    Object.assign(this.nodes[node], { split, left: children[0].node, right: children[1].node });
    return children;
  }

  private noHistograms(parent: Float64Array): [null, null] {
    this.work.giveBack(parent);
    return [null, null];
  }

  /** Of two children; that of the parent becomes that of the larger one. */
  private histograms(parent: Float64Array, left: RowRange, right: RowRange): [left: Float64Array, right: Float64Array] {
    const isLeftSmaller = left.to - left.from <= right.to - right.from;
    const small = this.sumOf(isLeftSmaller ? left : right);
    subtract(parent, small);
    return isLeftSmaller ? [small, parent] : [parent, small];
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
