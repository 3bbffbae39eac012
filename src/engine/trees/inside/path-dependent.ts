/**
 * Exact Shapley values of a tree's answer, path-dependent (Lundberg, Erion, Chen et al.: From local explanations to global
 * understanding with explainable AI for trees, Nature Machine Intelligence 2, 2020): how much each column moves the answer away
 * from the mean over the training rows. What a column would say that is not known is the mix of both sides by their training rows.
 *
 * The answer of a leaf, where some columns are known, is a product over the columns on its way: of a known one 1 or 0, of an
 * unknown one the share of rows that stay. The Shapley value of such a product is an integral over [0, 1] of a polynomial in
 * the chance t that another column is known (Owen: Multilinear extensions of games, 1972). It is taken exactly at half as many
 * points as there are columns on the way, and the sums over leaves are made node by node, as in Linear TreeShap (Yu et al.,
 * NeurIPS 2022): work is nodes times points. All factors are positive, so nothing cancels in deep trees.
 */
import type { Round } from '../tree';
import type { BinnedRow, Explains } from './explains';
import {
  BELOW,
  bitOf,
  COLUMN,
  flatten,
  goesLeftAt,
  NODE_WIDTH,
  RIGHT,
  SHARED_BIT,
  shapesOf,
  sizeOf,
  type Shape,
} from './shape';

export class PathDependent implements Explains {
  readonly base: number[];
  private readonly shapes: Shape[];
  private readonly memory: Memory;

  /** @param columns that trees split by */
  constructor(
    rounds: readonly Round[],
    start: readonly number[],
    private readonly columns: number,
  ) {
    this.shapes = rounds.flatMap((round) => {
      let output = 0;
      return shapesOf(round).map((trees) => flatten(trees, (output += trees.length) - trees.length));
    });
    this.base = [...start];
    for (const { output, outputs, mean } of this.shapes)
      for (let k = 0; k < outputs; k++) this.base[output + k] += mean[k];
    this.memory = memoryOf(this.shapes, columns);
  }

  /** Adds the values of the row to `values`, [outputs, columns]. */
  add(row: BinnedRow, values: Float64Array): void {
    for (const shape of this.shapes)
      new Walk(shape, row, this.memory, values.subarray(shape.output * this.columns)).run();
  }

  /** Steps of computation for one row, of about 5 ns each. */
  static operations(rounds: readonly Round[]): number {
    return rounds.flatMap(shapesOf).reduce((sum, trees) => {
      const { splits, points } = sizeOf(trees);
      return sum + splits * (STEPS_OF_SPLIT + STEPS_OF_POINT * trees.length * points);
    }, 0);
  }
}

/** As measured. */
const STEPS_OF_SPLIT = 20;
const STEPS_OF_POINT = 2;

/** Reused for all rows; of each way so many numbers as there are points, by depth. */
interface Memory {
  /** What the columns on the way to the node say together, times the weight of the point. */
  way: Float64Array;
  /** One over what the column of the node says above it; ones come first, for columns that do not stand above. */
  inverse: Float64Array;
  /** How many ones: as many as the shape of the most points reads. */
  ones: number;
  /** By depth: where `inverse` has those of the node. */
  above: Int32Array;
  /** What the leaves beneath say, times what the columns beneath say: of each side, [depth, 2, outputs]. */
  beneath: Float64Array;
  /** By depth: the shares of rows that stay while the column of the node is not known, on the side of the row and on the other. */
  known: Float64Array;
  unknown: Float64Array;
  /** By column: the share of rows that stay on the way while it is not known. */
  stays: Float64Array;
  /** By column: 1 where the way is not the row's. */
  isLost: Uint8Array;
}

function memoryOf(shapes: readonly Shape[], columns: number): Memory {
  const most = (sizeOfShape: (shape: Shape) => number) =>
    shapes.reduce((size, shape) => Math.max(size, sizeOfShape(shape)), 0);
  const levels = ({ depth, quadrature }: Shape): number => (depth + 2) * quadrature.points.length;
  const depth = most((shape) => shape.depth);
  const ones = most(({ quadrature }) => quadrature.points.length);
  return {
    ...{ ones, way: new Float64Array(most(levels)), inverse: new Float64Array(ones + most(levels)).fill(1) },
    beneath: new Float64Array(most((shape) => 2 * levels(shape) * shape.outputs)),
    ...{ above: new Int32Array(depth), known: new Float64Array(depth), unknown: new Float64Array(depth) },
    ...{ stays: new Float64Array(columns).fill(1), isLost: new Uint8Array(columns) },
  };
}

/** Sides of a split, of a row. */
const TAKEN = 0;
const OTHER = 1;

class Walk {
  private readonly points: Float64Array;
  private readonly count: number;
  /** Bits of the columns whose way is not the row's. */
  private lost = 0;

  constructor(
    private readonly shape: Shape,
    private readonly row: BinnedRow,
    private readonly memory: Memory,
    private readonly values: Float64Array,
  ) {
    this.points = shape.quadrature.points;
    this.count = this.points.length;
  }

  run(): void {
    this.memory.way.set(this.shape.quadrature.weights);
    this.visit(0, 0, TAKEN);
  }

  /** Of `way` of its level it makes `beneath` of its level and side. */
  private visit(node: number, level: number, side: number): void {
    const { memory, lost } = this;
    const { nodes, leftShare } = this.shape;
    if (this.isPlain(node)) return this.fill(node, level, side);
    const column = nodes[node * NODE_WIDTH + COLUMN];
    if (memory.isLost[column] === 1) return this.mix(node, level, side);
    const right = nodes[node * NODE_WIDTH + RIGHT];
    const isLeft = goesLeftAt(this.shape, node, this.row.bins[this.row.at + column]);
    const share = isLeft ? leftShare[node] : 1 - leftShare[node];
    const stayed = memory.stays[column];
    memory.known[level] = stayed * share;
    memory.unknown[level] = stayed * (1 - share);
    memory.above[level] = stayed === 1 ? 0 : this.invert(level, stayed);
    memory.stays[column] = stayed * share;
    this.follow(isLeft ? node + 1 : right, level, TAKEN);
    memory.isLost[column] = 1;
    this.lost = lost | bitOf(column);
    this.follow(isLeft ? right : node + 1, level, OTHER);
    this.lost = lost;
    memory.isLost[column] = 0;
    memory.stays[column] = stayed;
    this.divide(column, level, side);
  }

  /** Whether all leaves beneath count by their rows, as no column there can be the row's. */
  private isPlain(node: number): boolean {
    return (this.shape.nodes[node * NODE_WIDTH + BELOW] & (~this.lost | SHARED_BIT)) === 0;
  }

  private fill(node: number, level: number, side: number): void {
    const { beneath } = this.memory;
    const { outputs, mean } = this.shape;
    let at = this.beneathAt(level, side);
    for (let output = 0; output < outputs; output++) {
      const answer = mean[node * outputs + output];
      for (let k = 0; k < this.count; k++) beneath[at++] = answer;
    }
  }

  private beneathAt(level: number, side: number): number {
    return (2 * level + side) * this.shape.outputs * this.count;
  }

  /** A split by a column whose way is not the row's: it adds nothing, and both sides count by their rows. */
  private mix(node: number, level: number, side: number): void {
    const { count, shape, memory } = this;
    const { way, beneath } = memory;
    const share = shape.leftShare[node];
    const at = level * count;
    for (let k = at; k < at + count; k++) way[k + count] = share * way[k];
    this.visit(node + 1, level + 1, TAKEN);
    for (let k = at; k < at + count; k++) way[k + count] = (1 - share) * way[k];
    this.visit(shape.nodes[node * NODE_WIDTH + RIGHT], level + 1, OTHER);
    const to = this.beneathAt(level, side);
    const left = this.beneathAt(level + 1, TAKEN);
    const right = this.beneathAt(level + 1, OTHER);
    for (let i = 0; i < shape.outputs * count; i++)
      beneath[to + i] = share * beneath[left + i] + (1 - share) * beneath[right + i];
  }

  /** One over what a column says of which `stayed` rows stay; tells where. */
  private invert(level: number, stayed: number): number {
    const { points, count } = this;
    const { inverse, ones } = this.memory;
    const at = ones + level * count;
    for (let k = 0; k < count; k++) inverse[at + k] = 1 / (points[k] + (1 - points[k]) * stayed);
    return at;
  }

  /** One side of a split. */
  private follow(child: number, level: number, side: number): void {
    if (this.isPlain(child)) return this.fill(child, level + 1, side);
    const { points, count } = this;
    const { way, inverse, known, unknown, above } = this.memory;
    const rises = side === TAKEN ? 1 : 0;
    const stays = side === TAKEN ? known[level] : unknown[level];
    const at = level * count;
    const from = above[level];
    for (let k = 0; k < count; k++)
      way[at + count + k] = way[at + k] * inverse[from + k] * (stays + (rises - stays) * points[k]);
    this.visit(child, level + 1, side);
  }

  /**
   * What the column adds is that it is known beneath, less what it added above to these leaves already; this comes down to the
   * difference of both sides.
   */
  private divide(column: number, level: number, side: number): void {
    const { points, count, values } = this;
    const { way, inverse, beneath, above } = this.memory;
    const known = this.memory.known[level];
    const unknown = this.memory.unknown[level];
    const at = level * count;
    const from = above[level];
    for (let output = 0; output < this.shape.outputs; output++) {
      const to = this.beneathAt(level, side) + output * count;
      const taken = this.beneathAt(level + 1, TAKEN) + output * count;
      const other = this.beneathAt(level + 1, OTHER) + output * count;
      let sum = 0;
      for (let k = 0; k < count; k++) {
        const ofTaken = beneath[taken + k];
        const ofOther = beneath[other + k];
        const mixed = known * ofTaken + unknown * ofOther;
        const scale = inverse[from + k];
        sum += way[at + k] * scale * scale * (ofTaken - ofOther);
        beneath[to + k] = scale * (mixed + points[k] * (ofTaken - mixed));
      }
      values[output * this.row.columns + column] += unknown * sum;
    }
  }
}
