/**
 * Grows one tree by impurity (Breiman, Friedman, Olshen and Stone: Classification and Regression Trees, 1984): a split explains
 * as much as can be of the variance of numbers, which is the Gini impurity of classes. All outputs share one tree.
 */
import type { BinnedRows, ColumnBins } from '../bins';
import type { Random } from '../../random';
import { goesLeft, type Rule, type Tree } from '../tree';
import { ImpuritySplits } from './impurity.splits';
import { SumLayout, type ForestTargets } from './targets';

export interface ImpurityRules {
  /** Infinity: any number. */
  leavesMax: number;
  /** Splits between the root and a leaf, at most; null: any number. */
  depthMax: number | null;
  rowsPerLeaf: number;
  /** Columns that a split may be of, drawn anew for each; those that are all the same in a node do not count. */
  columnsPerSplit: number;
  /** Rows that say the same as all rows do, which each leaf has besides its own. */
  extra: number;
}

export interface ImpurityRequest {
  binned: BinnedRows;
  columns: ColumnBins[];
  targets: ForestTargets;
  /** By output: what rows say that nothing is known of. */
  prior: number[];
  /** Rows to fit to, ascending; it is put in the order of the leaves. */
  order: Uint32Array;
  /** How often each row of the table counts; null: once. */
  times: Uint8Array | null;
  rules: ImpurityRules;
  /** Draws columns; null: they are tried in their order. */
  random: Random | null;
  /** Asked before each split; throws to stop. */
  proceed(): void;
}

interface OpenNode {
  node: number;
  from: number;
  to: number;
  depth: number;
  sums: Float64Array;
  split: Rule;
}

/** Of each output a tree: all but the values of leaves is the same. Children have the numbers after those of all nodes before. */
export function growByImpurity(request: ImpurityRequest): Tree[] {
  return new ImpurityGrowth(request).run();
}

class ImpurityGrowth {
  private readonly layout: SumLayout;
  private readonly finder: ImpuritySplits;
  private readonly splits: (Rule | null)[] = [];
  private readonly left: number[] = [];
  private readonly sums: Float64Array[] = [];
  private readonly spare: Uint32Array;

  constructor(private readonly request: ImpurityRequest) {
    this.layout = new SumLayout(request.targets);
    this.finder = new ImpuritySplits(request, this.layout);
    this.spare = new Uint32Array(request.order.length);
  }

  run(): Tree[] {
    const { order, rules, proceed } = this.request;
    const open: OpenNode[] = [];
    this.open(open, { from: 0, to: order.length, depth: 0 });
    for (let leaves = 1; open.length > 0 && leaves < rules.leavesMax; leaves++) {
      proceed();
      // Where any number of leaves may grow, their order is all the same.
      const [next] = rules.leavesMax === Infinity ? [open.pop()!] : open.splice(mostUseful(open), 1);
      this.split(open, next);
    }
    return this.finish();
  }

  private open(open: OpenNode[], { from, to, depth }: Pick<OpenNode, 'from' | 'to' | 'depth'>): void {
    const { order, times, rules } = this.request;
    const sums = new Float64Array(this.layout.size);
    for (let i = from; i < to; i++) this.layout.add(sums, 0, order[i], times === null ? 1 : times[order[i]]);
    const node = this.splits.length;
    this.splits.push(null);
    this.left.push(-1);
    this.sums.push(sums);
    const canSplit = depth < (rules.depthMax ?? Infinity) && sums[this.layout.size - 1] >= 2 * rules.rowsPerLeaf;
    const split = canSplit ? this.finder.best({ from, to, sums }) : null;
    if (split) open.push({ node, from, to, depth, sums, split });
  }

  private split(open: OpenNode[], { node, from, to, depth, split }: OpenNode): void {
    const middle = this.partition({ from, to, split });
    this.splits[node] = split;
    this.left[node] = this.splits.length;
    this.open(open, { from, to: middle, depth: depth + 1 });
    this.open(open, { from: middle, to, depth: depth + 1 });
  }

  /** Puts the rows that go left before the others, each in their order; returns where the others begin. */
  private partition({ from, to, split }: Pick<OpenNode, 'from' | 'to' | 'split'>): number {
    const { order, binned } = this.request;
    const { bins, stride } = binned;
    const { spare } = this;
    let [kept, moved] = [from, 0];
    for (let i = from; i < to; i++) {
      const row = order[i];
      if (goesLeft(split, bins[row * stride + split.column])) order[kept++] = row;
      else spare[moved++] = row;
    }
    for (let i = 0; i < moved; i++) order[kept + i] = spare[i];
    return kept;
  }

  private finish(): Tree[] {
    const { prior, rules } = this.request;
    const { splits, layout } = this;
    const rows = Int32Array.from(this.sums, (sums) => sums[layout.size - 1]);
    const shared = {
      splits,
      left: Int32Array.from(this.left),
      right: Int32Array.from(this.left, (left) => (left < 0 ? -1 : left + 1)),
      rows,
      hessian: Float64Array.from(rows),
    };
    return prior.map((share, output) => ({
      ...shared,
      value: Float64Array.from(this.sums, (sums) => layout.mean(sums, output, { prior: share, extra: rules.extra })),
    }));
  }
}

/** The place of the node with the best split, the first of equals. */
function mostUseful(open: OpenNode[]): number {
  let best = 0;
  for (let i = 1; i < open.length; i++) if (open[i].split.gain > open[best].split.gain) best = i;
  return best;
}
