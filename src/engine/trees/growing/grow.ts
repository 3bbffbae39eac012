/**
 * Grows one tree leaf by leaf: the leaf whose split lowers the loss most is split next (Shi: Best-first decision tree
 * learning, 2007). The histogram of the smaller child is summed, that of the larger one is what is left of the parent's.
 */
import { leafValue } from './gain';
import { packingOf, type Magnitudes, type Packing } from './packing';
import { unpacked, type ColumnRule, type NodeSums, type Split, type SplitRules } from './split';
import type { RowWork, Wanted } from '../rows/row-work';
import type { Tree } from '../tree';

export interface GrowRules extends SplitRules {
  leavesMax: number;
  /** Splits between the root and a leaf, at most; null: any number. */
  depthMax: number | null;
  /** Columns that may meet on a path to a leaf, in groups; a column of none stands alone. Null: any may. */
  interactions: number[][] | null;
}

export interface TreeRequest {
  /** That it is fitted to. */
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

interface OpenLeaf {
  node: number;
  sums: NodeSums;
  /** Of its histogram; null where there is no split to make, or no room. */
  slot: number | null;
  depth: number;
  path: number[];
  split: Split | null;
}

/** A tree, and which of its nodes are leaves. Its rows are those that were drawn last. */
export function growTree(work: RowWork, request: TreeRequest): { tree: Tree; leaves: number[] } {
  return new Growth(work, request).run();
}

const ROOT = 0;
/** Histograms that a split needs room for, besides that of its node. */
const SLOTS_FREE = 2;

class Growth {
  private readonly packing: Packing;
  private readonly nodes: Node[] = [];

  constructor(
    private readonly work: RowWork,
    private readonly request: TreeRequest,
  ) {
    const { rows, magnitudes, seed } = request;
    this.packing = packingOf(magnitudes, rows);
    work.pack(this.packing, seed);
  }

  run(): { tree: Tree; leaves: number[] } {
    const { rules, proceed } = this.request;
    const open = [this.root()];
    while (open.length < rules.leavesMax) {
      proceed();
      const next = mostUseful(open);
      if (next === null) break;
      const [leaf] = open.splice(next, 1);
      open.push(...this.split(leaf, leaf.split!, open.length + 2 === rules.leavesMax));
    }
    for (const { slot } of open) this.work.slots.giveBack(slot);
    const leaves = open.map(({ node }) => node);
    return { tree: this.finish(leaves), leaves };
  }

  private root(): OpenLeaf {
    const { work, request } = this;
    const total = work.sum(ROOT, request.proceed);
    const free = { lower: -Infinity, upper: Infinity };
    const root = this.open({ ...unpacked(total, this.packing), total, rows: request.rows, ...free }, 0, []);
    this.searchAlone(root);
    return this.settled(root);
  }

  private open(sums: NodeSums, depth: number, path: number[]): OpenLeaf {
    const node = this.nodes.length;
    this.nodes.push({ sums, split: null, left: -1, right: -1 });
    return { node, sums, depth, path, slot: null, split: null };
  }

  private isDivisible({ sums, depth }: OpenLeaf): boolean {
    const { depthMax, rowsPerLeaf } = this.request.rules;
    return depth < (depthMax ?? Infinity) && sums.rows >= 2 * rowsPerLeaf;
  }

  /** @param isLast no leaf is split after it */
  private split({ node, sums, slot, depth, path }: OpenLeaf, split: Split, isLast: boolean): OpenLeaf[] {
    const { work } = this;
    const [left, right] = [this.nodes.length, this.nodes.length + 1];
    const rowsLeft = work.part(node, split, { left, right });
    const [ofLeft, ofRight] = this.bounds(sums, split);
    const below = [...path, split.column];
    const children = [
      this.open({ ...split.left, rows: rowsLeft, ...ofLeft }, depth + 1, below),
      this.open({ ...split.right, rows: sums.rows - rowsLeft, ...ofRight }, depth + 1, below),
    ];
    Object.assign(this.nodes[node], { split, left, right });
    if (isLast || !children.some((child) => this.isDivisible(child))) work.slots.giveBack(slot);
    else if (slot === null) for (const child of children) this.searchAlone(child);
    else this.searchBoth(children, slot);
    return children.map((child) => this.settled(child));
  }

  /** Two children; the histogram of their parent becomes that of the larger one. */
  private searchBoth(children: OpenLeaf[], slot: number): void {
    const { work } = this;
    const [small, large] = children.toSorted((a, b) => a.sums.rows - b.sums.rows);
    [small.slot, large.slot] = [work.slots.take(), slot];
    const wanted = [small, large].map((child) => this.wanted(child));
    [small.split, large.split] = work.search(wanted[0], wanted[1], this.columnsOf(small), this.request.proceed);
  }

  private searchAlone(leaf: OpenLeaf): void {
    const { work } = this;
    if (!this.isDivisible(leaf)) return;
    leaf.slot = work.slots.take();
    [leaf.split] = work.search(this.wanted(leaf), null, this.columnsOf(leaf), this.request.proceed);
  }

  private wanted(leaf: OpenLeaf): Wanted {
    return { node: leaf.node, slot: leaf.slot!, sums: leaf.sums, isSearched: this.isDivisible(leaf) };
  }

  /** Those that its path leaves; children have those of their parent at most. */
  private columnsOf({ path }: OpenLeaf): number[] {
    const { chosen, rules } = this.request;
    return allowed(chosen, path, rules.interactions);
  }

  /** Without a histogram where it is of no use, or where others need the room. */
  private settled(leaf: OpenLeaf): OpenLeaf {
    if (leaf.split && this.work.slots.freeCount >= SLOTS_FREE) return leaf;
    this.work.slots.giveBack(leaf.slot);
    return { ...leaf, slot: null };
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

  /** Leaves have values of exact sums. */
  private finish(leaves: number[]): Tree {
    const { nodes } = this;
    const value = Float64Array.from(nodes, ({ sums }) => this.valueOf(sums, sums));
    this.work.totals(leaves).forEach((sums, i) => (value[leaves[i]] = this.valueOf(sums, nodes[leaves[i]].sums)));
    return {
      splits: nodes.map(({ split }) => split),
      left: Int32Array.from(nodes, ({ left }) => left),
      right: Int32Array.from(nodes, ({ right }) => right),
      value,
      rows: Int32Array.from(nodes, ({ sums }) => sums.rows),
      hessian: Float64Array.from(nodes, ({ sums }) => sums.hessian),
    };
  }

  private valueOf(sums: { gradient: number; hessian: number }, { lower, upper }: NodeSums): number {
    return within(leafValue(sums, this.request.rules), lower, upper);
  }
}

interface Node {
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
