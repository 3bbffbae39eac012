/** Sums of products of features and targets, from which least squares follow without the rows. */
import { eachBlock, inBlocks } from '../../learning/blocks';
import type { Rows } from '../../learning/fit';

/** Of rows with the same weights. Features are counted from `shift`, so that large ones lose no digits. */
export interface Moments {
  width: number;
  shift: Float64Array;
  weight: number;
  /** Weighted sums: of features, of their products [width, width] in the upper triangle. */
  x: Float64Array;
  products: Float64Array;
  targets: TargetMoments[];
}

interface TargetMoments {
  /** Its place among the targets of a row. */
  target: number;
  y: number;
  yy: number;
  xy: Float64Array;
}

/** Rows that are added at once: each cell of the products is read and written once for all of them. */
const ROWS_AT_ONCE = 4;

export interface MomentsRequest {
  targets: number;
  /** Whether the targets of a row may have weights of their own. */
  apart: boolean;
  /** Which of `parts` sums a row is added to, by its number. */
  parts: number;
  partOf(row: number): number;
  /** Of other rows that these are to be compared with; left out: the first row. */
  shift?: Float64Array;
  look(): void;
}

/** By part, the moments of all targets at once, or of each. */
export async function momentsOf(rows: Rows, request: MomentsRequest): Promise<Moments[][]> {
  const { targets, apart, parts, partOf, look } = request;
  let sums: Moments[][] | null = null;
  let number = 0;
  await eachBlock(inBlocks(rows), ({ rows: count, width, x, y, weight }) => {
    const shift = request.shift ?? sums?.[0][0].shift ?? Float64Array.from(x.subarray(0, width));
    sums ??= Array.from({ length: parts }, () => emptyMoments(shift, targets, apart));
    const adders = sums.map((sets) => sets.map((set) => new Adder(set)));
    for (let row = 0; row < count; row++) {
      const features = x.subarray(row * width, (row + 1) * width);
      for (const adder of adders[partOf(number)]) {
        adder.add(features, y.subarray(row * targets, (row + 1) * targets), weight && weight.subarray(row * targets));
      }
      if (number++ % LOOK_ROWS === 0) look();
    }
    adders.flat().forEach((adder) => adder.flush());
  });
  return sums ?? Array.from({ length: parts }, () => emptyMoments(request.shift!, targets, apart));
}

const LOOK_ROWS = 256;

function emptyMoments(shift: Float64Array, targets: number, apart: boolean): Moments[] {
  const { length: width } = shift;
  const all = Array.from({ length: targets }, (_, target) => target);
  return (apart ? all.map((target) => [target]) : [all]).map((group) => ({
    ...{ width, shift, weight: 0, x: new Float64Array(width), products: new Float64Array(width * width) },
    targets: group.map((target) => ({ target, y: 0, yy: 0, xy: new Float64Array(width) })),
  }));
}

/** Adds rows to moments, a few at a time. */
class Adder {
  private readonly features: Float64Array[];
  private readonly weights = new Float64Array(ROWS_AT_ONCE);
  private count = 0;

  constructor(private readonly sums: Moments) {
    this.features = Array.from({ length: ROWS_AT_ONCE }, () => new Float64Array(sums.width));
  }

  add(features: Float32Array, y: Float32Array, weights: Float32Array | null): void {
    const { sums } = this;
    const weight = weights ? weights[sums.targets[0].target] : 1;
    if (weight === 0) return;
    const shifted = this.features[this.count];
    for (let j = 0; j < shifted.length; j++) {
      shifted[j] = features[j] - sums.shift[j];
      sums.x[j] += weight * shifted[j];
    }
    for (const target of sums.targets) {
      const value = weight * y[target.target];
      target.y += value;
      target.yy += value * y[target.target];
      for (let j = 0; j < shifted.length; j++) target.xy[j] += value * shifted[j];
    }
    sums.weight += weight;
    this.weights[this.count++] = weight;
    if (this.count === ROWS_AT_ONCE) this.flush();
  }

  flush(): void {
    for (let i = this.count; i < ROWS_AT_ONCE; i++) this.weights[i] = 0;
    this.count = 0;
    const { width, products } = this.sums;
    const [a, b, c, d] = this.features;
    const [wa, wb, wc, wd] = this.weights;
    for (let i = 0; i < width; i++) {
      const [va, vb, vc, vd] = [wa * a[i], wb * b[i], wc * c[i], wd * d[i]];
      if (va === 0 && vb === 0 && vc === 0 && vd === 0) continue;
      const base = i * width;
      for (let j = i; j < width; j++) products[base + j] += va * a[j] + vb * b[j] + vc * c[j] + vd * d[j];
    }
  }
}

/** Of the rows of both; they have the same shift. */
export const joinMoments = (one: Moments, other: Moments): Moments => ({
  ...one,
  weight: one.weight + other.weight,
  x: one.x.map((value, j) => value + other.x[j]),
  products: one.products.map((value, j) => value + other.products[j]),
  targets: one.targets.map((target, t) => ({
    ...target,
    y: target.y + other.targets[t].y,
    yy: target.yy + other.targets[t].yy,
    xy: target.xy.map((value, j) => value + other.targets[t].xy[j]),
  })),
});

/** Means and covariances. */
export interface Centered {
  width: number;
  /** Of the features, in their own unit. */
  mean: Float64Array;
  /** [width, width], all of it. */
  covariance: Float64Array;
  targets: { target: number; mean: number; variance: number; covariance: Float64Array }[];
}

export function centered({ width, shift, weight, x, products, targets }: Moments): Centered {
  const total = weight || 1;
  const means = x.map((sum) => sum / total);
  const covariance = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      const value = products[i * width + j] / total - means[i] * means[j];
      covariance[i * width + j] = value;
      covariance[j * width + i] = value;
    }
  }
  return {
    width,
    mean: means.map((mean, j) => mean + shift[j]),
    covariance,
    targets: targets.map(({ target, y, yy, xy }) => {
      const mean = y / total;
      const covariances = xy.map((sum, j) => sum / total - mean * means[j]);
      return { target, mean, variance: yy / total - mean * mean, covariance: covariances };
    }),
  };
}

/** Sum of squared errors of a weighted sum of features, times weights. */
export function squaredErrors(moments: Moments, t: number, weights: Float64Array, bias: number): number {
  const { width, shift, weight, x, products } = moments;
  const { y, yy, xy } = moments.targets[t];
  let start = bias;
  let [linear, cross, square] = [0, 0, 0];
  for (let i = 0; i < width; i++) {
    if (weights[i] === 0) continue;
    start += weights[i] * shift[i];
    linear += weights[i] * x[i];
    cross += weights[i] * xy[i];
    let row = (products[i * width + i] * weights[i]) / 2;
    for (let j = i + 1; j < width; j++) row += products[i * width + j] * weights[j];
    square += 2 * weights[i] * row;
  }
  const sum = yy - 2 * start * y + start * start * weight - 2 * cross + 2 * start * linear + square;
  return Math.max(0, sum);
}
