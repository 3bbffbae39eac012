/** Gauss–Legendre quadrature over [0, 1]. */

export interface Quadrature {
  points: Float64Array;
  /** Their sum is 1. */
  weights: Float64Array;
}

const STEPS_MAX = 100;
const cache = new Map<number, Quadrature>();

/** Exact, but for rounding, for polynomials of a degree up to 2 · count − 1. */
export function quadratureOf(count: number): Quadrature {
  const kept = cache.get(count) ?? quadrature(count);
  cache.set(count, kept);
  return kept;
}

/** Newton's method from Tricomi's estimate of each root of the Legendre polynomial. */
function quadrature(count: number): Quadrature {
  const [points, weights] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    let root = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    for (let step = 0; step < STEPS_MAX; step++) {
      const { value, slope } = legendre(count, root);
      root -= value / slope;
      if (Math.abs(value / slope) < Number.EPSILON) break;
    }
    const { slope } = legendre(count, root);
    points[i] = (1 - root) / 2;
    weights[i] = 1 / ((1 - root * root) * slope * slope);
  }
  return { points, weights };
}

/** The Legendre polynomial of a degree of 1 or more, by its recurrence. */
function legendre(degree: number, x: number): { value: number; slope: number } {
  let [before, value] = [1, x];
  for (let n = 2; n <= degree; n++) [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) };
}
