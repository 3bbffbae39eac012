/**
 * Minimizes a smooth convex function by limited-memory BFGS (Nocedal & Wright: Numerical Optimization, 2006, chapter 7), with the
 * diagonal of the Hessian as the first guess of curvature. A step costs two passes over the rows; the search for its length none.
 */

/** A mean loss of scores, which are linear in the weights, and a penalty on the squares of some of these. */
export interface Smooth {
  /** Half of it times the sum of squared weights joins the loss. */
  penalty: number;
  isPenalized(place: number): boolean;
  scoresOf(weights: Float64Array): Float64Array;
  lossOf(scores: Float64Array): number;
  gradientOf(scores: Float64Array, weights: Float64Array): Float64Array;
  /** Diagonal of the Hessian; above 0. */
  curvatureOf(scores: Float64Array): Float64Array;
  /** Of the loss along a change of the scores. */
  slopeOf(scores: Float64Array, direction: Float64Array): number;
}

export interface Minimizing {
  /** What a step of Newton's method would still gain, by what is known of the curvature, as a share of the loss. */
  tolerance: number;
  stepsMax: number;
  look(): void;
}

const MEMORY = 12;
/** Armijo's and Wolfe's conditions. */
const ENOUGH_DECREASE = 1e-4;
const ENOUGH_CURVATURE = 0.9;
const LENGTHS_MAX = 40;
/** Of the loss: below it rounding hides whether a step helps. */
const ROUNDING = 1e-15;

export function minimize(
  objective: Smooth,
  start: Float64Array,
  { tolerance, stepsMax, look }: Minimizing,
): Float64Array {
  let weights: Float64Array = Float64Array.from(start);
  let scores: Float64Array = objective.scoresOf(weights);
  let gradient = objective.gradientOf(scores, weights);
  const curvature = objective.curvatureOf(scores);
  const memory: Pair[] = [];
  for (let step = 0; step < stepsMax; step++) {
    look();
    const loss = valueOf(objective, scores, weights);
    const direction = directionOf(gradient, curvature, memory);
    const byDiagonal = gradient.reduce((sum, value, i) => sum + (value * value) / curvature[i], 0);
    const gain = Math.max(byDiagonal, -dot(gradient, direction)) / 2;
    if (gain <= tolerance * Math.max(Math.abs(loss), Number.MIN_VALUE)) break;
    const found = alongLine(objective, { weights, scores, gradient, loss }, direction);
    if (found === null) {
      if (memory.length === 0) break;
      memory.length = 0;
      continue;
    }
    const next = objective.gradientOf(found.scores, found.weights);
    remember(memory, { change: minus(found.weights, weights), slope: minus(next, gradient) });
    ({ weights, scores } = found);
    gradient = next;
  }
  return weights;
}

interface Pair {
  change: Float64Array;
  slope: Float64Array;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]);
const plus = (a: Float64Array, b: Float64Array, times: number): Float64Array => a.map((v, i) => v + times * b[i]);

function valueOf(objective: Smooth, scores: Float64Array, weights: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < weights.length; i++) if (objective.isPenalized(i)) squares += weights[i] * weights[i];
  return objective.lossOf(scores) + (objective.penalty * squares) / 2;
}

/** The two-loop recursion. */
function directionOf(gradient: Float64Array, curvature: Float64Array, memory: Pair[]): Float64Array {
  let direction: Float64Array = gradient.map((value) => -value);
  const shares: number[] = [];
  for (let m = memory.length - 1; m >= 0; m--) {
    const { change, slope } = memory[m];
    shares[m] = dot(change, direction) / dot(change, slope);
    direction = plus(direction, slope, -shares[m]);
  }
  const last = memory.at(-1);
  const scale = last
    ? dot(last.change, last.slope) / last.slope.reduce((sum, value, i) => sum + (value * value) / curvature[i], 0)
    : 1;
  direction = direction.map((value, i) => (scale * value) / curvature[i]);
  memory.forEach(({ change, slope }, m) => {
    const share = dot(slope, direction) / dot(change, slope);
    direction = plus(direction, change, shares[m] - share);
  });
  return direction;
}

function remember(memory: Pair[], pair: Pair): void {
  if (dot(pair.change, pair.slope) <= Number.EPSILON * dot(pair.slope, pair.slope)) return;
  memory.push(pair);
  if (memory.length > MEMORY) memory.shift();
}

interface At {
  weights: Float64Array;
  scores: Float64Array;
  gradient: Float64Array;
  loss: number;
}

/** A length that satisfies both conditions, by bisection (Lewis & Overton 2013); null: no step helps. */
function alongLine(
  objective: Smooth,
  { weights, scores, gradient, loss }: At,
  direction: Float64Array,
): Pick<At, 'weights' | 'scores'> | null {
  const slope = dot(gradient, direction);
  if (!(slope < 0)) return null;
  const change = objective.scoresOf(direction);
  let [low, high] = [0, Infinity];
  let length = 1;
  let best: Pick<At, 'weights' | 'scores'> | null = null;
  for (let tries = 0; tries < LENGTHS_MAX; tries++) {
    const next = { weights: plus(weights, direction, length), scores: plus(scores, change, length) };
    const value = valueOf(objective, next.scores, next.weights);
    if (value <= loss + ENOUGH_DECREASE * length * slope + ROUNDING * Math.abs(loss)) {
      best = next;
      if (slopeAt(objective, next, { change, direction }) >= ENOUGH_CURVATURE * slope) return next;
      low = length;
    } else {
      high = length;
    }
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return best;
}

function slopeAt(
  objective: Smooth,
  { weights, scores }: Pick<At, 'weights' | 'scores'>,
  { change, direction }: { change: Float64Array; direction: Float64Array },
): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) if (objective.isPenalized(i)) sum += weights[i] * direction[i];
  return objective.slopeOf(scores, change) + objective.penalty * sum;
}
