/**
 * Exact Shapley values of a tree's answer (Lundberg, Erion, Chen et al.: From local explanations to global understanding with
 * explainable AI for trees, Nature Machine Intelligence 2, 2020, algorithm 2): how much each column moves the answer away from the
 * mean over the training rows. What a column would say that is not known is the mix of both sides by their training rows.
 */
import { goesLeft, type Round, type Tree } from '../tree';
import type { BinnedRow, Explains } from './explains';

/**
 * The columns on the way to a node, each with the shares of its branches that stay open without and with it, and its weight.
 * Paths of all depths lie one behind the other in the same arrays.
 */
class Paths {
  readonly column: Int32Array;
  readonly unknown: Float64Array;
  readonly known: Float64Array;
  readonly weight: Float64Array;

  /** @param depth splits on the longest way */
  constructor(depth: number, columns: number) {
    const size = (depth + 1) * (Math.min(depth, columns) + 2);
    this.column = new Int32Array(size);
    this.unknown = new Float64Array(size);
    this.known = new Float64Array(size);
    this.weight = new Float64Array(size);
  }

  /** Copies `count` columns. */
  copy(from: number, to: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.column[to + i] = this.column[from + i];
      this.unknown[to + i] = this.unknown[from + i];
      this.known[to + i] = this.known[from + i];
      this.weight[to + i] = this.weight[from + i];
    }
  }

  /** Adds a column to the `size` of a path: the weights of subsets of all sizes grow by those with it. */
  extend(at: number, size: number, { column, unknown, known }: Branch): void {
    const { weight } = this;
    this.column[at + size] = column;
    this.unknown[at + size] = unknown;
    this.known[at + size] = known;
    weight[at + size] = size === 0 ? 1 : 0;
    for (let i = size - 1; i >= 0; i--) {
      weight[at + i + 1] += (known * weight[at + i] * (i + 1)) / (size + 1);
      weight[at + i] = (unknown * weight[at + i] * (size - i)) / (size + 1);
    }
  }

  /** Takes one of the columns out of a path whose last one is `last`: undoes `extend`. */
  unwind(at: number, last: number, place: number): void {
    const { weight, column } = this;
    const [unknown, known] = [this.unknown[at + place], this.known[at + place]];
    let next = weight[at + last];
    for (let i = last - 1; i >= 0; i--) {
      if (known !== 0) {
        const before = weight[at + i];
        weight[at + i] = (next * (last + 1)) / ((i + 1) * known);
        next = before - (weight[at + i] * unknown * (last - i)) / (last + 1);
      } else weight[at + i] = (weight[at + i] * (last + 1)) / (unknown * (last - i));
    }
    for (let i = at + place; i < at + last; i++) {
      column[i] = column[i + 1];
      this.unknown[i] = this.unknown[i + 1];
      this.known[i] = this.known[i + 1];
    }
  }

  /** The sum of the weights of a path without one of its columns. */
  sumWithout(at: number, last: number, place: number): number {
    const { weight } = this;
    const [unknown, known] = [this.unknown[at + place], this.known[at + place]];
    let next = weight[at + last];
    let sum = 0;
    for (let i = last - 1; i >= 0; i--) {
      if (known !== 0) {
        const part = (next * (last + 1)) / ((i + 1) * known);
        sum += part;
        next = weight[at + i] - (part * unknown * (last - i)) / (last + 1);
      } else sum += (weight[at + i] * (last + 1)) / (unknown * (last - i));
    }
    return sum;
  }
}

interface Branch {
  column: number;
  unknown: number;
  known: number;
}

export class PathDependent implements Explains {
  readonly base: number[];
  private readonly paths: Paths;
  private readonly shapes: Tree[][][];

  /** @param columns that trees split by */
  constructor(
    rounds: readonly Round[],
    start: readonly number[],
    private readonly columns: number,
  ) {
    this.shapes = rounds.map(shapesOf);
    this.base = start.map((value, output) => rounds.reduce((sum, round) => sum + meanAnswer(round[output]), value));
    const depth = rounds.flat().reduce((most, tree) => Math.max(most, depthOf(tree)), 0);
    this.paths = new Paths(depth, columns);
  }

  /** Adds the values of the row to `values`, [outputs, columns]. */
  add(row: BinnedRow, values: Float64Array): void {
    for (const shapes of this.shapes) {
      let output = 0;
      for (const trees of shapes) {
        new Walk(trees, row, this.paths, values.subarray(output * this.columns)).visit(0, 0, 0, ROOT);
        output += trees.length;
      }
    }
  }

  /** Steps of computation for one row: the square of the way to each leaf, which is walked for every column on it. */
  static operations(rounds: readonly Round[]): number {
    return sumOf(rounds.flatMap(shapesOf), ([tree]) => sumOf(leafDepths(tree), (depth) => (depth + 1) ** 2));
  }
}

const ROOT: Branch = { column: -1, unknown: 1, known: 1 };

/** Trees of one shape differ in what leaves say alone. */
class Walk {
  private readonly tree: Tree;
  private readonly columns: number;

  constructor(
    private readonly trees: Tree[],
    private readonly row: BinnedRow,
    private readonly paths: Paths,
    private readonly values: Float64Array,
  ) {
    [this.tree] = trees;
    this.columns = row.columns;
  }

  /** `size` columns are on the way so far, from `from` on. */
  visit(node: number, from: number, size: number, branch: Branch): void {
    const { paths, tree, row } = this;
    const at = from + size;
    paths.copy(from, at, size);
    paths.extend(at, size, branch);
    const split = tree.splits[node];
    if (!split) return this.addLeaf(node, at, size);
    const isLeft = goesLeft(split, row.bins[row.at + split.column]);
    const [taken, other] = isLeft ? [tree.left[node], tree.right[node]] : [tree.right[node], tree.left[node]];
    let [unknown, known, rest] = [1, 1, size];
    for (let i = 1; i <= size; i++) {
      if (paths.column[at + i] !== split.column) continue;
      [unknown, known] = [paths.unknown[at + i], paths.known[at + i]];
      paths.unwind(at, size, i);
      rest--;
      break;
    }
    const { column } = split;
    const share = (child: number): number => (unknown * tree.rows[child]) / tree.rows[node];
    this.visit(taken, at, rest + 1, { column, unknown: share(taken), known });
    this.visit(other, at, rest + 1, { column, unknown: share(other), known: 0 });
  }

  private addLeaf(node: number, at: number, last: number): void {
    const { paths, trees, values, columns } = this;
    for (let i = 1; i <= last; i++) {
      const weight = paths.sumWithout(at, last, i) * (paths.known[at + i] - paths.unknown[at + i]);
      const column = paths.column[at + i];
      for (let output = 0; output < trees.length; output++)
        values[output * columns + column] += weight * trees[output].value[node];
    }
  }
}

/** Trees of one shape together, in the order of the outputs. */
export function shapesOf(round: Round): Tree[][] {
  const isShared = round.every(({ splits }) => splits === round[0].splits);
  return isShared ? [round] : round.map((tree) => [tree]);
}

/** The mean of the tree's answers over its training rows. */
function meanAnswer({ splits, value, rows }: Tree): number {
  const sum = splits.reduce((total, split, node) => (split ? total : total + value[node] * rows[node]), 0);
  return sum / rows[0];
}

/** Splits on the way to each leaf. */
function leafDepths({ splits, left, right }: Tree): number[] {
  const depths: number[] = [];
  const open = [[0, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, depth] = next;
    if (splits[node]) open.push([left[node], depth + 1], [right[node], depth + 1]);
    else depths.push(depth);
  }
  return depths;
}

const depthOf = (tree: Tree): number => leafDepths(tree).reduce((most, depth) => Math.max(most, depth), 0);

const sumOf = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((sum, value) => sum + of(value), 0);
