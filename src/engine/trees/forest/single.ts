/** One tree of as many leaves as the validation rows find best; without them, of as many as it may have. */
import { growByImpurity, type ImpurityRequest } from './grow';
import type { ForestRequest } from './forest';
import { goesLeft, type Tree } from '../tree';

export interface SingleRequest extends Pick<ForestRequest, 'train' | 'validation' | 'answers'> {
  grow: Omit<ImpurityRequest, 'order' | 'times' | 'binned' | 'targets'>;
  /** After each number of leaves. */
  done(leaves: number, losses: { train: number; validation: number | null }): void;
}

export interface Single {
  trees: Tree[];
  leaves: number;
  /** On validation, or on the training rows where there are none. */
  loss: number;
}

/**
 * Splits are made in the order of what they explain: the tree after any number of them is a part of the whole one, and all of
 * them are judged by the way.
 */
export function singleTree({ train, validation, answers, grow, done }: SingleRequest): Single {
  const { rows } = train.targets;
  const trees = growByImpurity({
    ...grow,
    ...train,
    order: Uint32Array.from({ length: rows }, (_, row) => row),
    times: null,
  });
  const trained = new GrowingScores(trees, train, answers);
  const judged = validation && new GrowingScores(trees, validation, answers);
  let best = { leaves: 1, loss: Infinity };
  const splits = (trees[0].splits.length - 1) / 2;
  for (let split = 0; split <= splits; split++) {
    const losses = { train: trained.after(split), validation: judged && judged.after(split) };
    const loss = losses.validation ?? losses.train;
    if (validation === null || loss < best.loss) best = { leaves: split + 1, loss };
    done(split + 1, losses);
  }
  const kept = firstSplits(trees[0], best.leaves - 1);
  const { length } = kept.splits;
  return { trees: trees.map(({ value }) => ({ ...kept, value: value.slice(0, length) })), ...best };
}

/** The nodes of a tree after so many splits: the children of a split have the numbers after those of all nodes before. */
function firstSplits(tree: Tree, count: number): Tree {
  const nodes = 2 * count + 1;
  const isInner = (node: number): boolean => tree.left[node] >= 0 && tree.left[node] < nodes;
  return {
    splits: tree.splits.slice(0, nodes).map((split, node) => (isInner(node) ? split : null)),
    left: tree.left.slice(0, nodes).map((left, node) => (isInner(node) ? left : -1)),
    right: tree.right.slice(0, nodes).map((right, node) => (isInner(node) ? right : -1)),
    value: tree.value.slice(0, nodes),
    rows: tree.rows.slice(0, nodes),
    hessian: tree.hessian.slice(0, nodes),
  };
}

/** Losses of a tree while it grows. A split moves the rows of one leaf alone. */
class GrowingScores {
  private readonly rowsOf: Uint32Array[];
  private readonly parents: number[] = [];
  private sum = 0;
  private weight = 0;

  constructor(
    private readonly trees: Tree[],
    private readonly part: SingleRequest['train'],
    private readonly answers: SingleRequest['answers'],
  ) {
    const [{ left }] = trees;
    left.forEach((child, node) => {
      if (child >= 0) this.parents[(child - 1) / 2] = node;
    });
    this.rowsOf = [Uint32Array.from({ length: part.targets.rows }, (_, row) => row)];
    this.count(0, 1);
  }

  /** The mean loss after so many splits; to be asked in order. */
  after(splits: number): number {
    if (splits > 0) this.split(splits - 1);
    return this.weight === 0 ? NaN : this.sum / this.weight;
  }

  private split(number: number): void {
    const { bins, stride } = this.part.binned;
    const parent = this.parents[number];
    const [{ splits, left }] = this.trees;
    const rule = splits[parent]!;
    const rows = this.rowsOf[parent];
    const isLeft = (row: number): boolean => goesLeft(rule, bins[row * stride + rule.column]);
    const child = left[parent];
    this.count(parent, -1);
    this.rowsOf[child] = rows.filter(isLeft);
    this.rowsOf[child + 1] = rows.filter((row) => !isLeft(row));
    this.count(child, 1);
    this.count(child + 1, 1);
    this.rowsOf[parent] = new Uint32Array();
  }

  private count(node: number, sign: number): void {
    const answer = this.trees.map(({ value }) => value[node]);
    for (const row of this.rowsOf[node]) {
      const [loss, weight] = this.answers.loss(this.part.targets, answer, row);
      this.sum += sign * loss;
      this.weight += sign * weight;
    }
  }
}
