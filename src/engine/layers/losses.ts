/** Losses summed over the batch times `share` (1 / rows: the mean), with gradients in few operations. Weights are [batch, 1], or null for all ones. */
import * as tf from '@tensorflow/tfjs-core';
import { logSoftmax } from './fused';

type CustomGradient = { value: tf.Tensor; gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor };

/** How the rows of a batch count. */
export interface Counting {
  weights: tf.Tensor | null;
  share: number;
}

const weighted = (x: tf.Tensor, weights: tf.Tensor | null | undefined) => (weights ? tf.mul(x, weights) : x);

/** What a gradient needs must be saved: other tensors are gone when it runs. */
const listOf = (weights: tf.Tensor | null) => (weights ? [weights] : []);

/** -share · sum(weight · target · log softmax(logits)); logits [batch, classes], targets of the same shape, rows adding up to 1. */
export function softmaxCrossEntropy(logits: tf.Tensor, targets: tf.Tensor, { weights, share }: Counting): tf.Tensor {
  const loss = tf.customGrad((x, save): CustomGradient => {
    const logs = logSoftmax(x as tf.Tensor);
    (save as tf.GradSaveFunc)([logs, targets, ...listOf(weights)]);
    return {
      value: tf.mul(tf.sum(weighted(tf.mul(logs, targets), weights)), -share),
      gradFunc: (dy, [savedLogs, savedTargets, savedWeights]) => {
        const difference = weighted(tf.sub(tf.exp(savedLogs), savedTargets), savedWeights);
        return tf.mul(dy, tf.mul(difference, share));
      },
    };
  });
  return loss(logits);
}

/** Keeps powers of 1 - p, and their slopes, finite. */
const REST_MIN = 1e-7;

/** Focal loss (Lin et al. 2017): -share · sum(weight · (1 - p)^gamma · log p), p the probability of the row's class; targets are one-hot. */
export function focalCrossEntropy(
  logits: tf.Tensor,
  targets: tf.Tensor,
  gamma: number,
  { weights, share }: Counting,
): tf.Tensor {
  const loss = tf.customGrad((x, save): CustomGradient => {
    const logs = logSoftmax(x as tf.Tensor);
    const log = tf.sum(tf.mul(logs, targets), 1, true);
    const rest = tf.maximum(tf.sub(1, tf.exp(log)), REST_MIN);
    (save as tf.GradSaveFunc)([logs, targets, log, rest, ...listOf(weights)]);
    return {
      value: tf.mul(tf.sum(weighted(tf.mul(tf.pow(rest, gamma), log), weights)), -share),
      gradFunc: (dy, [savedLogs, savedTargets, savedLog, savedRest, savedWeights]) => {
        const falling = tf.mul(tf.mul(tf.exp(savedLog), savedLog), tf.mul(tf.pow(savedRest, gamma - 1), gamma));
        const slope = weighted(tf.sub(tf.pow(savedRest, gamma), falling), savedWeights);
        const difference = tf.sub(tf.exp(savedLogs), savedTargets);
        return tf.mul(dy, tf.mul(tf.mul(difference, slope), share));
      },
    };
  });
  return loss(logits);
}

/**
 * Multi-class hinge (Weston & Watkins 1999): share · sum(weight · sum over other classes of max(0, 1 + score - own score)),
 * or of its square. Scores [batch, classes], targets one-hot.
 */
export function multiclassHinge(
  scores: tf.Tensor,
  targets: tf.Tensor,
  squared: boolean,
  { weights, share }: Counting,
): tf.Tensor {
  const loss = tf.customGrad((x, save): CustomGradient => {
    const classScore = tf.sum(tf.mul(x as tf.Tensor, targets), 1, true);
    const excess = tf.relu(tf.add(tf.sub(x as tf.Tensor, classScore), tf.sub(1, targets)));
    (save as tf.GradSaveFunc)([excess, targets, ...listOf(weights)]);
    return {
      value: tf.mul(tf.sum(weighted(squared ? tf.square(excess) : excess, weights)), share),
      gradFunc: (dy, [savedExcess, savedTargets, savedWeights]) => {
        const slope = squared ? tf.mul(savedExcess, 2) : tf.step(savedExcess);
        const moved = tf.sub(slope, tf.mul(savedTargets, tf.sum(slope, 1, true)));
        return tf.mul(dy, tf.mul(weighted(moved, savedWeights), share));
      },
    };
  });
  return loss(scores);
}

/** A loss of the residual output - target: its value, and its slope divided by `factor`. `part` is what both are made of. */
export interface ResidualLoss {
  part(residual: tf.Tensor): tf.Tensor;
  value(part: tf.Tensor, residual: tf.Tensor): tf.Tensor;
  slope(part: tf.Tensor): tf.Tensor;
  factor: number;
}

const clip = (x: tf.Tensor, limit: number) => tf.clipByValue(x, -limit, limit);
const beyond = (epsilon: number) => (d: tf.Tensor) => tf.sub(d, clip(d, epsilon));

export const RESIDUAL_LOSSES = {
  squared: (): ResidualLoss => ({ part: (d) => d, value: (d) => tf.square(d), slope: (d) => d, factor: 2 }),
  absolute: (): ResidualLoss => ({ part: (d) => d, value: (d) => tf.abs(d), slope: (d) => tf.sign(d), factor: 1 }),
  /** d²/2 up to |d| = delta, linear beyond (Huber 1964). */
  huber: (delta: number): ResidualLoss => ({
    part: (d) => clip(d, delta),
    value: (c, d) => tf.mul(c, tf.sub(d, tf.mul(c, 0.5))),
    slope: (c) => c,
    factor: 1,
  }),
  /** The check function of Koenker & Bassett 1978: `quantile` per unit below the target, 1 - `quantile` per unit above. */
  pinball: (quantile: number): ResidualLoss => ({
    part: (d) => tf.sub(tf.step(d), quantile),
    value: (side, d) => tf.mul(side, d),
    slope: (side) => side,
    factor: 1,
  }),
  /** Residuals up to epsilon count nothing (Vapnik 1995). */
  epsilonInsensitive: (epsilon: number): ResidualLoss => ({
    part: beyond(epsilon),
    value: (c) => tf.abs(c),
    slope: (c) => tf.sign(c),
    factor: 1,
  }),
  squaredEpsilonInsensitive: (epsilon: number): ResidualLoss => ({
    part: beyond(epsilon),
    value: (c) => tf.square(c),
    slope: (c) => c,
    factor: 2,
  }),
};

/** share · sum(weight · loss of output - target); output and target [batch, 1]. */
export function residualLoss(
  output: tf.Tensor,
  target: tf.Tensor,
  { part, value, slope, factor }: ResidualLoss,
  { weights, share }: Counting,
): tf.Tensor {
  const loss = tf.customGrad((x, save): CustomGradient => {
    const residual = tf.sub(x as tf.Tensor, target);
    const kept = part(residual);
    (save as tf.GradSaveFunc)([kept, ...listOf(weights)]);
    return {
      value: tf.mul(tf.sum(weighted(value(kept, residual), weights)), share),
      gradFunc: (dy, [saved, savedWeights]) => tf.mul(dy, tf.mul(weighted(slope(saved), savedWeights), factor * share)),
    };
  });
  return loss(output);
}

/** Rows of the identity by class index (int32 [batch]), which is one Gather; `smoothing` is spread over all classes. */
export function classTargets(classes: tf.Tensor, count: number, smoothing = 0): tf.Tensor {
  const even = smoothing / count;
  const shareAt = (i: number) => (i % (count + 1) === 0 ? 1 - smoothing + even : even);
  const rows = Float32Array.from({ length: count * count }, (_, i) => shareAt(i));
  return tf.gather(tf.tensor2d(rows, [count, count]), classes as tf.Tensor1D);
}

/** Keeps the slope of a row near zero, as rectifiers may give, within bounds. */
const LENGTH_MIN = 1e-3;

/** Each row divided by its length. */
export const unitRows = (x: tf.Tensor): tf.Tensor =>
  tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), LENGTH_MIN ** 2)));

/**
 * Supervised contrast (Khosla et al. 2020): share · sum(weight · mean over the other rows p of a row's class of -log softmax
 * of its score with p among those with all other rows). A row that is alone in its class counts nothing. The number of rows
 * must be known while recording.
 *
 * @param units [batch, size], of length 1
 * @param classes int32 [batch]
 */
export function supervisedContrast(
  units: tf.Tensor,
  classes: tf.Tensor,
  temperature: number,
  { weights, share }: Counting,
): tf.Tensor {
  const rows = units.shape[0]!;
  const self = tf.eye(rows);
  const scores = tf.div(tf.matMul(units as tf.Tensor2D, units as tf.Tensor2D, false, true), temperature);
  const logs = logSoftmax(tf.add(scores, tf.mul(self, NEVER)));
  const equal = tf.cast(tf.equal(tf.reshape(classes, [rows, 1]), tf.reshape(classes, [1, rows])), 'float32');
  const others = tf.sub(equal, self);
  const count = tf.maximum(tf.sum(others, 1, true), 1);
  const summed = tf.sum(tf.mul(logs, others), 1, true);
  return tf.mul(tf.sum(weighted(tf.div(summed, count), weights)), -share);
}

/** A score that no exponential survives. */
const NEVER = -1e9;

/**
 * InfoNCE with in-batch negatives (van den Oord et al. 2018): share · sum(weight · -log softmax of the score of a row's own
 * pair among those of its left side with every right side of the batch). Right sides that are the same as the row's own
 * are none to tell it from.
 *
 * @param left and right [batch, units]; their products are the scores
 * @param same [batch, batch], 1 where the right side of a column is that of the row, 0 elsewhere
 */
export function inBatchContrast(
  left: tf.Tensor,
  right: tf.Tensor,
  same: tf.Tensor,
  { weights, share }: Counting,
): tf.Tensor {
  const pairScore = tf.sum(tf.mul(left, right), 1, true);
  const others = tf.add(tf.matMul(left as tf.Tensor2D, right as tf.Tensor2D, false, true), tf.mul(same, NEVER));
  const loss = tf.customGrad(
    (...inputs): { value: tf.Tensor; gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[] } => {
      const [x, y, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
      const largest = tf.maximum(x, tf.max(y, 1, true));
      const [ownPart, otherPart] = [tf.exp(tf.sub(x, largest)), tf.exp(tf.sub(y, largest))];
      const total = tf.add(ownPart, tf.sum(otherPart, 1, true));
      save([tf.sub(tf.div(ownPart, total), 1), tf.div(otherPart, total), ...listOf(weights)]);
      return {
        value: tf.mul(tf.sum(weighted(tf.sub(tf.add(tf.log(total), largest), x), weights)), share),
        gradFunc: (dy, [ownSlope, otherSlope, savedWeights]) =>
          [ownSlope, otherSlope].map((slope) => tf.mul(dy, tf.mul(weighted(slope, savedWeights), share))),
      };
    },
  );
  return loss(pairScore, others);
}
