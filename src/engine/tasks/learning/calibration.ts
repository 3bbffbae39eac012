/**
 * Probabilities from margins: softmax(slope · score + offset of the class), fitted by maximum likelihood. For two classes
 * this is the sigmoid of J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999, with his smoothed targets.
 */

export interface Calibration {
  slope: number;
  /** One per class; the first is 0. */
  offsets: number[];
}

/** Probabilities below it count as it. */
export const PROBABILITY_MIN = 1e-12;

export const logsOf = (probabilities: Float32Array): Float32Array =>
  probabilities.map((p) => Math.log(Math.max(PROBABILITY_MIN, p)));

/** Of the scores of one row. */
export function probabilitiesAfter(scores: Float32Array, { slope, offsets }: Calibration): Float64Array {
  const p = new Float64Array(scores.length);
  logProbabilities(scores, Float64Array.of(slope, ...offsets.slice(1)), p);
  return p;
}

/** Slopes that are tried. */
const SLOPE_MIN = 0.02;
const SLOPE_MAX = 50;

/**
 * One slope and no offsets, which leaves the order of the classes of a row as it is (Guo et al.: On Calibration of Modern Neural Networks,
 * 2017; the slope is 1 / temperature). The likelihood has one maximum, where its derivative changes its sign.
 */
export function fitTemperature(scores: Float32Array, classes: ArrayLike<number>, count: number): Calibration {
  const offsets = new Array<number>(count).fill(0);
  let [low, high] = [Math.log(SLOPE_MIN), Math.log(SLOPE_MAX)];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (slopeGradient({ scores, classes, count }, Math.exp(middle)) < 0) low = middle;
    else high = middle;
  }
  return { slope: Math.exp((low + high) / 2), offsets };
}

/** Of the negative log-likelihood; it rises with the slope. */
function slopeGradient({ scores, classes, count }: Omit<Problem, 'targets'>, slope: number): number {
  let sum = 0;
  for (let row = 0; row < classes.length; row++) {
    const at = row * count;
    let [largest, total, mean] = [-Infinity, 0, 0];
    for (let k = 0; k < count; k++) largest = Math.max(largest, scores[at + k]);
    for (let k = 0; k < count; k++) {
      const share = Math.exp(slope * (scores[at + k] - largest));
      total += share;
      mean += share * scores[at + k];
    }
    sum += mean / total - scores[at + classes[row]];
  }
  return sum;
}

const ITERATIONS = 100;
const TOLERANCE = 1e-10;
/** Added to the Hessian's diagonal, so that classes without rows do no harm. */
const RIDGE = 1e-9;

/** scores: row-major [rows, classes]; classes: class index of each row. Without rows, the identity. */
export function fitCalibration(scores: Float32Array, classes: ArrayLike<number>, count: number): Calibration {
  const rows = classes.length;
  let at = Float64Array.from({ length: count }, (_, i) => Number(i === 0));
  if (rows === 0) return asCalibration(at);
  const problem = { scores, classes, count, targets: smoothedTargets(classes, count) };
  let current = derivatives(problem, at);
  for (let i = 0; i < ITERATIONS; i++) {
    const step = solve(current.hessian, current.gradient);
    const next = search(problem, at, { step, loss: current.loss });
    if (!next) break;
    const gain = current.loss - next.result.loss;
    [at, current] = [next.at, next.result];
    if (gain < TOLERANCE * rows) break;
  }
  return asCalibration(at);
}

const asCalibration = ([slope, ...offsets]: Float64Array): Calibration => ({ slope, offsets: [0, ...offsets] });

interface Problem {
  scores: Float32Array;
  classes: ArrayLike<number>;
  count: number;
  /** Of a row of each class, [classes]. */
  targets: { ofClass: number; other: number }[];
}

/** A row is not wholly of its class: (n + 1) / (n + classes), the rest shared by the others. */
function smoothedTargets(classes: ArrayLike<number>, count: number): Problem['targets'] {
  const counts = new Array<number>(count).fill(0);
  for (let row = 0; row < classes.length; row++) counts[classes[row]]++;
  return counts.map((n) => ({ ofClass: (n + 1) / (n + count), other: 1 / (n + count) }));
}

/** Of the negative log-likelihood at (slope, offsets of all classes but the first). */
function derivatives({ scores, classes, count, targets }: Problem, at: Float64Array) {
  const gradient = new Float64Array(count);
  const hessian = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: count }, (_, j) => (i === j ? RIDGE : 0)),
  );
  const p = new Float64Array(count);
  let loss = 0;
  for (let row = 0; row < classes.length; row++) {
    const rowScores = scores.subarray(row * count, (row + 1) * count);
    const log = logProbabilities(rowScores, at, p);
    const { ofClass: target, other } = targets[classes[row]];
    let mean = 0;
    for (let k = 0; k < count; k++) mean += p[k] * rowScores[k];
    for (let k = 0; k < count; k++) {
      const wanted = k === classes[row] ? target : other;
      loss -= wanted * log[k];
      gradient[0] += (p[k] - wanted) * rowScores[k];
      hessian[0][0] += p[k] * (rowScores[k] - mean) ** 2;
      if (k === 0) continue;
      gradient[k] += p[k] - wanted;
      hessian[0][k] += p[k] * (rowScores[k] - mean);
      for (let j = 1; j < count; j++) hessian[k][j] += p[k] * (Number(j === k) - p[j]);
    }
  }
  for (let k = 1; k < count; k++) hessian[k][0] = hessian[0][k];
  return { loss, gradient, hessian };
}

/** Fills `p` with the probabilities of a row; answers their logs. */
function logProbabilities(scores: Float32Array, at: Float64Array, p: Float64Array): Float64Array {
  const logits = Float64Array.from(scores, (score, k) => at[0] * score + (k === 0 ? 0 : at[k]));
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest;
  for (let k = 0; k < p.length; k++) {
    logits[k] -= total;
    p[k] = Math.exp(logits[k]);
  }
  return logits;
}

/** Halves the Newton step until the likelihood grows; null when it no longer does. */
function search(problem: Problem, at: Float64Array, { step, loss }: { step: Float64Array; loss: number }) {
  for (let length = 1; length > 1e-8; length /= 2) {
    const next = at.map((value, i) => value - length * step[i]);
    const result = derivatives(problem, next);
    if (result.loss < loss) return { at: next, result };
  }
  return null;
}

/** Solves a positive definite system by Cholesky's factors, overwriting `a`. */
function solve(a: Float64Array[], b: Float64Array): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i][j];
      for (let k = 0; k < j; k++) sum -= a[i][k] * a[j][k];
      a[i][j] = i === j ? Math.sqrt(Math.max(sum, RIDGE)) : sum / a[j][j];
    }
    for (let k = 0; k < i; k++) x[i] -= a[i][k] * x[k];
    x[i] /= a[i][i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= a[k][i] * x[k];
    x[i] /= a[i][i];
  }
  return x;
}
