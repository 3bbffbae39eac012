/**
 * Exact interventional Shapley values: what a column would say that is not known is what it says in rows of the training, whatever
 * the others say (Janzing, Minorics, Blöbaum: Feature relevance quantification in explainable AI: A causal problem, AISTATS
 * 2020). Against one such row a tree is a sum of games, one for each leaf that columns of either row may reach, whose
 * Shapley values are known (Lundberg, Erion, Chen et al., 2020, algorithm 3).
 */
import { goesLeft, leafOf, type Round, type Tree } from '../tree';
import type { BinnedRow, Explains } from './explains';

/** Rows of the training, binned, `columns` bytes each. */
export interface Background {
  bins: Uint8Array;
  rows: number;
}

const [UNDECIDED, OF_ROW, OF_BACKGROUND] = [0, 1, 2];

export class Interventional implements Explains {
  readonly base: number[];
  private readonly weights: Weights;

  constructor(
    private readonly rounds: readonly Round[],
    start: readonly number[],
    private readonly columns: number,
    private readonly background: Background,
  ) {
    this.weights = new Weights(columns);
    const { bins, rows } = background;
    this.base = start.map((value, output) => {
      let sum = 0;
      for (let row = 0; row < rows; row++)
        for (const round of rounds) sum += round[output].value[leafOf(round[output], bins, row * columns)];
      return value + sum / rows;
    });
  }

  add(row: BinnedRow, values: Float64Array): void {
    const { rounds, background, columns, weights } = this;
    const side = new Uint8Array(columns);
    const path = new Int32Array(columns);
    for (const round of rounds)
      round.forEach((tree, output) => {
        const ofOutput = values.subarray(output * columns, (output + 1) * columns);
        for (let other = 0; other < background.rows; other++)
          new Duel(tree, { row, other: other * columns, background, side, path, weights, values: ofOutput }).visit(
            0,
            0,
            0,
          );
      });
  }

  /** Steps of computation for one row: each row of the background may reach every leaf. Ways that both rows go count once. */
  static operations(rounds: readonly Round[], backgroundRows: number): number {
    return backgroundRows * rounds.flat().reduce((sum, { splits }) => sum + (splits.length + 1) / 2, 0);
  }
}

interface Contest {
  row: BinnedRow;
  /** Where the bins of the row of the background begin. */
  other: number;
  background: Background;
  /** Whose value each column has on the way to a node. */
  side: Uint8Array;
  /** The columns that have one. */
  path: Int32Array;
  weights: Weights;
  values: Float64Array;
}

class Duel {
  private readonly share: number;

  constructor(
    private readonly tree: Tree,
    private readonly contest: Contest,
  ) {
    this.share = 1 / contest.background.rows;
  }

  /** `ours` columns are of the row, `theirs` of the background, where both go different ways. */
  visit(node: number, ours: number, theirs: number): void {
    const { tree, contest } = this;
    const { row, other, background, side } = contest;
    let split = tree.splits[node];
    while (split) {
      const { column } = split;
      const isLeft = goesLeft(split, row.bins[row.at + column]);
      const isOtherLeft = goesLeft(split, background.bins[other + column]);
      if (isLeft !== isOtherLeft && side[column] === UNDECIDED) {
        const [left, right] = [tree.left[node], tree.right[node]];
        contest.path[ours + theirs] = column;
        side[column] = OF_ROW;
        this.visit(isLeft ? left : right, ours + 1, theirs);
        contest.path[ours + theirs] = column;
        side[column] = OF_BACKGROUND;
        this.visit(isOtherLeft ? left : right, ours, theirs + 1);
        side[column] = UNDECIDED;
        return;
      }
      node = (side[column] === OF_BACKGROUND ? isOtherLeft : isLeft) ? tree.left[node] : tree.right[node];
      split = tree.splits[node];
    }
    this.addLeaf(node, ours, theirs);
  }

  /** The leaf is reached by subsets with all columns of the row and none of the background. */
  private addLeaf(node: number, ours: number, theirs: number): void {
    const { side, path, weights, values } = this.contest;
    const value = this.share * this.tree.value[node];
    const gain = value * weights.of(ours - 1, theirs);
    const loss = value * weights.of(theirs - 1, ours);
    for (let i = 0; i < ours + theirs; i++) {
      if (side[path[i]] === OF_ROW) values[path[i]] += gain;
      else values[path[i]] -= loss;
    }
  }
}

/** before! · after! / (before + after + 1)! of subsets. */
class Weights {
  private readonly table: Float64Array;
  private readonly width: number;

  constructor(columns: number) {
    this.width = Math.min(columns, DEPTH_MAX) + 1;
    this.table = new Float64Array(this.width * this.width);
    for (let before = 0; before < this.width; before++)
      for (let after = 0; after < this.width; after++)
        this.table[before * this.width + after] = weightOf(before, after);
  }

  /** Asked with −1 where there is no such column: any number will do. */
  of(before: number, after: number): number {
    if (before < 0) return 0;
    return before < this.width && after < this.width
      ? this.table[before * this.width + after]
      : weightOf(before, after);
  }
}

/** Of the table. */
const DEPTH_MAX = 64;

function weightOf(before: number, after: number): number {
  let weight = 1 / (before + after + 1);
  for (let i = 1; i <= before; i++) weight *= i / (after + i);
  return weight;
}
