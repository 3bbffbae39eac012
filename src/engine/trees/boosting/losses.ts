/**
 * Losses that trees are boosted by: gradient and Hessian of a row's loss by its score, where boosting starts, and what scores
 * mean. y holds numbers, or the places of classes; a weight of 0 counts nothing.
 */
import { lambdarank } from './lambdarank';
import { quantile } from '../../metrics/quantile';
import { deriveLogistic, unweightedLogistic } from './logistic';

/** Targets row-major, [rows, targets]. */
export interface Targets {
  rows: number;
  count: number;
  y: Float32Array;
  weight: Float32Array | null;
  /** Of rows that lie by their groups: where each group begins, and the end. */
  starts?: Uint32Array;
}

/** Of one output, by row. */
export interface Derivatives {
  gradients: Float64Array;
  hessians: Float64Array;
}

/** Rows and what is said of them so far. */
export interface Scored {
  targets: Targets;
  scores: Float64Array;
  outputs: number;
}

export interface Rows {
  from: number;
  to: number;
}

export interface BoostingLoss {
  /** The score that every row begins with, for each output. */
  start(targets: Targets, outputs: number): number[];
  /** Of a range of rows. `scores` are row-major [rows, outputs]. */
  derive(scored: Scored, output: number, into: Derivatives, rows: Rows): void;
  /** Losses of a range of rows times their weights, and the weights. */
  total(scored: Scored, rows: Rows): [sum: number, weight: number];
  /** The most that a leaf adds, before the learning rate: scores that are logarithms have no bound otherwise. */
  stepMax?: number;
  /** Both, of a loss that gives them at once to rows of one output. */
  deriveAndTotal?(scored: Scored, into: Derivatives, rows: Rows): [sum: number, weight: number];
  /** In place of the value by gradients: what a leaf adds, from the differences between target and score of its rows. */
  leafValue?(differences: Float64Array, weights: Float64Array | null): number;
}

export interface LossSettings {
  /** Of `huber`: differences beyond it count linearly, in units of the scaled target. */
  delta: number;
  /** Of `quantile`: the share of targets below the answer. */
  quantile: number;
  /** Of `tweedie`: the power of the mean that the variance grows by, between 1 (Poisson) and 2 (gamma). */
  power: number;
}

const EPSILON = 1e-15;
const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));
/** log(1 + exp(x)) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const weightAt = ({ weight }: Targets, i: number): number => (weight ? weight[i] : 1);

/** A loss of one number by one score: value, gradient and Hessian. */
interface PointLoss {
  value(y: number, score: number): number;
  gradient(y: number, score: number): number;
  hessian(y: number, score: number): number;
  start(ys: Float64Array, weights: Float64Array): number;
}

function ofNumbers(
  { value, gradient, hessian, start }: PointLoss,
  leafValue?: BoostingLoss['leafValue'],
): BoostingLoss {
  return {
    start: (targets, outputs) =>
      Array.from({ length: outputs }, (_, output) => {
        const counted = places(targets, output);
        return start(
          Float64Array.from(counted, (i) => targets.y[i]),
          Float64Array.from(counted, (i) => weightAt(targets, i)),
        );
      }),
    derive: ({ targets, scores, outputs }, output, { gradients, hessians }, { from, to }) => {
      for (let row = from; row < to; row++) {
        const i = row * outputs + output;
        const weight = weightAt(targets, i);
        gradients[row] = weight * gradient(targets.y[i], scores[i]);
        hessians[row] = weight * hessian(targets.y[i], scores[i]);
      }
    },
    total: ({ targets, scores, outputs }, { from, to }) => {
      let [sum, weights] = [0, 0];
      for (let i = from * outputs; i < to * outputs; i++) {
        sum += weightAt(targets, i) * value(targets.y[i], scores[i]);
        weights += weightAt(targets, i);
      }
      return [sum, weights];
    },
    ...(leafValue && { leafValue }),
  };
}

/** Those that count. */
function places(targets: Targets, output: number): Uint32Array {
  const { rows, count } = targets;
  const all = Uint32Array.from({ length: rows }, (_, row) => row * count + output);
  return all.filter((i) => weightAt(targets, i) > 0);
}

function meanOf(ys: Float64Array, weights: Float64Array): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total === 0 ? 0 : ys.reduce((sum, y, i) => sum + y * weights[i], 0) / total;
}

const logit = (p: number): number => Math.log(p / (1 - p));
const inside = (p: number): number => Math.min(1 - EPSILON, Math.max(EPSILON, p));

const squared = (): BoostingLoss =>
  ofNumbers({
    value: (y, score) => (score - y) ** 2 / 2,
    gradient: (y, score) => score - y,
    hessian: () => 1,
    start: meanOf,
  });

/** Leaves have the weighted quantile of the differences, which minimises the loss within them. */
const pinball = ({ quantile: share }: Pick<LossSettings, 'quantile'>): BoostingLoss =>
  ofNumbers(
    {
      value: (y, score) => (y >= score ? share * (y - score) : (1 - share) * (score - y)),
      gradient: (y, score) => (y > score ? -share : y < score ? 1 - share : 0),
      hessian: () => 1,
      start: (ys, weights) => weightedQuantile([...ys], weights, share),
    },
    (differences, weights) => weightedQuantile([...differences], weights && [...weights], share),
  );

const huber = ({ delta }: LossSettings): BoostingLoss =>
  ofNumbers({
    value: (y, score) => {
      const size = Math.abs(score - y);
      return size <= delta ? size ** 2 / 2 : delta * (size - delta / 2);
    },
    gradient: (y, score) => Math.max(-delta, Math.min(delta, score - y)),
    hessian: () => 1,
    start: (ys, weights) => weightedQuantile([...ys], weights, 0.5),
  });

/** Of leaves whose rows are out of all proportion to what was said of them. */
const LOGARITHM_STEP_MAX = 5;

const ofLogarithms = (loss: PointLoss): BoostingLoss => ({ ...ofNumbers(loss), stepMax: LOGARITHM_STEP_MAX });

/** Of counts; scores are logarithms of means. */
const poisson = (): BoostingLoss =>
  ofLogarithms({
    value: (y, score) => Math.exp(score) - y * score,
    gradient: (y, score) => Math.exp(score) - y,
    // A Hessian above the true one bounds the step.
    hessian: (_, score) => Math.exp(score + 0.7),
    start: (ys, weights) => Math.log(Math.max(EPSILON, meanOf(ys, weights))),
  });

/** Of amounts, most of them 0. */
const tweedie = ({ power }: LossSettings): BoostingLoss =>
  ofLogarithms({
    value: (y, score) =>
      (-y * Math.exp((1 - power) * score)) / (1 - power) + Math.exp((2 - power) * score) / (2 - power),
    gradient: (y, score) => -y * Math.exp((1 - power) * score) + Math.exp((2 - power) * score),
    hessian: (y, score) =>
      -y * (1 - power) * Math.exp((1 - power) * score) + (2 - power) * Math.exp((2 - power) * score),
    start: (ys, weights) => Math.log(Math.max(EPSILON, meanOf(ys, weights))),
  });

/** Each output for itself: y is 0 or 1. */
const logistic = (): BoostingLoss => {
  const plain = ofNumbers({
    value: (y, score) => softplus(score) - y * score,
    gradient: (y, score) => sigmoid(score) - y,
    hessian: (_, score) => Math.max(EPSILON, sigmoid(score) * sigmoid(-score)),
    start: (ys, weights) => logit(inside(meanOf(ys, weights))),
  });
  return {
    ...plain,
    derive: deriveLogistic,
    deriveAndTotal: (scored, into, rows) => deriveLogistic(scored, 0, into, rows),
    total: (scored, rows) => (scored.targets.weight ? plain.total(scored, rows) : unweightedLogistic(scored, rows)),
  };
};

/** y is the place of the class. */
const softmax = (): BoostingLoss => ({
  start: (targets, outputs) => {
    const shares = new Array<number>(outputs).fill(0);
    let total = 0;
    for (let row = 0; row < targets.rows; row++) {
      shares[targets.y[row]] += weightAt(targets, row);
      total += weightAt(targets, row);
    }
    return shares.map((share) => Math.log(inside(share / total)));
  },
  derive: ({ targets, scores, outputs }, output, { gradients, hessians }, { from, to }) => {
    const factor = outputs / (outputs - 1);
    for (let row = from; row < to; row++) {
      const at = row * outputs;
      const p = Math.exp(scores[at + output] - logSum(scores, at, outputs));
      const weight = weightAt(targets, row);
      gradients[row] = weight * (p - (targets.y[row] === output ? 1 : 0));
      hessians[row] = weight * Math.max(EPSILON, factor * p * (1 - p));
    }
  },
  total: ({ targets, scores, outputs }, { from, to }) => {
    let [sum, weights] = [0, 0];
    for (let row = from; row < to; row++) {
      const at = row * outputs;
      sum += weightAt(targets, row) * (logSum(scores, at, outputs) - scores[at + targets.y[row]]);
      weights += weightAt(targets, row);
    }
    return [sum, weights];
  },
});

/** log Σ exp of the scores of a row. */
export function logSum(scores: ArrayLike<number>, at: number, outputs: number): number {
  let most = -Infinity;
  for (let k = 0; k < outputs; k++) most = Math.max(most, scores[at + k]);
  let sum = 0;
  for (let k = 0; k < outputs; k++) sum += Math.exp(scores[at + k] - most);
  return most + Math.log(sum);
}

/** The least value that this share of the weights is at or below; without weights the interpolated quantile. */
function weightedQuantile(values: number[], weights: ArrayLike<number> | null, share: number): number {
  if (values.length === 0) return 0;
  if (weights === null || Array.from(weights).every((weight) => weight === weights[0]))
    return quantile(Float64Array.from(values).sort(), share);
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const wanted = share * order.reduce((sum, i) => sum + weights[i], 0);
  let sum = 0;
  for (const i of order) if ((sum += weights[i]) >= wanted) return values[i];
  return values[order[order.length - 1]];
}

const BOOSTING_LOSSES = {
  squared,
  absolute: () => pinball({ quantile: 0.5 }),
  huber,
  quantile: pinball,
  poisson,
  tweedie,
  logistic,
  softmax,
  lambdarank,
} satisfies Record<string, (settings: LossSettings) => BoostingLoss>;

export type BoostingLossName = keyof typeof BOOSTING_LOSSES;

/** Which loss, told so that each thread can make it. */
export interface LossChoice {
  name: BoostingLossName;
  settings: LossSettings;
}

export const lossOf = ({ name, settings }: LossChoice): BoostingLoss => BOOSTING_LOSSES[name](settings);
