/**
 * Optimizers over one vector of all parameters, as TensorFlow.js programs. What depends on the step number alone is
 * computed outside and enters as scalars, so an update has few operations.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerName, TrainingParameters } from '../families/training/program';

export interface Update {
  /** Those of this step. */
  scalars: tf.Tensor[];
  /** A vector of `value` where penalties apply and of 0 elsewhere. */
  mask(value: number): tf.Tensor;
}

export interface Optimizer {
  /** Vectors of the parameters' length that the optimizer carries from step to step; they start at zero. */
  slots: number;
  scalarCount: number;
  /** The scalars of a step (counted from 1) at this learning rate. */
  scalars(step: number, rate: number): number[];
  /** New parameters and slots. */
  update(p: tf.Tensor, gradient: tf.Tensor, slots: tf.Tensor[], update: Update): tf.Tensor[];
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const RHO = 0.9;
const EPSILON = 1e-8;
const ADAGRAD_EPSILON = 1e-10;

type Settings = Pick<TrainingParameters, 'momentum' | 'weightDecay'>;

/** g / (sqrt(v) + epsilon) · rate, subtracted from p. */
const scaledStep = (p: tf.Tensor, [g, v]: [tf.Tensor, tf.Tensor], [rate, epsilon]: (tf.Tensor | number)[]) =>
  tf.sub(p, tf.mul(tf.div(g, tf.add(tf.sqrt(v), epsilon)), rate));

/** Kingma & Ba 2015. The slots hold the moments divided by (1 - beta); the bias corrections sit in the scalars. */
const adam: Optimizer = {
  slots: 2,
  scalarCount: 2,
  scalars: (step, rate) => {
    const second = Math.sqrt((1 - BETA_2 ** step) / (1 - BETA_2));
    return [(rate * (1 - BETA_1) * second) / (1 - BETA_1 ** step), EPSILON * second];
  },
  update: (p, g, [m, v], { scalars }) => {
    const first = tf.add(tf.mul(m, BETA_1), g);
    const second = tf.add(tf.mul(v, BETA_2), tf.square(g));
    return [scaledStep(p, [first, second], scalars), first, second];
  },
};

const OPTIMIZERS: Record<OptimizerName, (settings: Settings) => Optimizer> = {
  sgd: () => ({
    slots: 0,
    scalarCount: 1,
    scalars: (_, rate) => [rate],
    update: (p, g, _, { scalars: [rate] }) => [tf.sub(p, tf.mul(g, rate))],
  }),

  momentum: ({ momentum }) => ({
    slots: 1,
    scalarCount: 1,
    scalars: (_, rate) => [rate],
    update: (p, g, [m], { scalars: [rate] }) => {
      const velocity = tf.add(tf.mul(m, momentum), g);
      return [tf.sub(p, tf.mul(velocity, rate)), velocity];
    },
  }),

  // As Sutskever et al. 2013, in the form that evaluates the gradient at the parameters themselves.
  nesterov: ({ momentum }) => ({
    slots: 1,
    scalarCount: 1,
    scalars: (_, rate) => [rate],
    update: (p, g, [m], { scalars: [rate] }) => {
      const velocity = tf.add(tf.mul(m, momentum), g);
      const ahead = tf.add(tf.mul(velocity, momentum), g);
      return [tf.sub(p, tf.mul(ahead, rate)), velocity];
    },
  }),

  // The slot holds the moving average divided by (1 - rho).
  rmsprop: () => ({
    slots: 1,
    scalarCount: 2,
    scalars: (_, rate) => [rate / Math.sqrt(1 - RHO), EPSILON / Math.sqrt(1 - RHO)],
    update: (p, g, [v], { scalars }) => {
      const square = tf.add(tf.mul(v, RHO), tf.square(g));
      return [scaledStep(p, [g, square], scalars), square];
    },
  }),

  // Duchi et al. 2011.
  adagrad: () => ({
    slots: 1,
    scalarCount: 1,
    scalars: (_, rate) => [rate],
    update: (p, g, [v], { scalars: [rate] }) => {
      const total = tf.add(v, tf.square(g));
      return [scaledStep(p, [g, total], [rate, ADAGRAD_EPSILON]), total];
    },
  }),

  adam: () => adam,

  // Loshchilov & Hutter 2019: the decay is apart from the gradient, and scaled by the learning rate alone.
  adamw: ({ weightDecay }) => ({
    ...adam,
    scalarCount: 3,
    scalars: (step, rate) => [...adam.scalars(step, rate), rate],
    update: (p, g, slots, { scalars: [scaled, epsilon, rate], mask }) => {
      const kept = tf.sub(p, tf.mul(tf.mul(p, mask(weightDecay)), rate));
      return adam.update(kept, g, slots, { scalars: [scaled, epsilon], mask });
    },
  }),
};

export function createOptimizer(name: OptimizerName, settings: Settings): Optimizer {
  return OPTIMIZERS[name](settings);
}

/** The scalars of consecutive steps after step `from`, one list per scalar, at these learning rates. */
export function scalarsOf({ scalars, scalarCount }: Optimizer, from: number, rates: number[]): Float32Array[] {
  const steps = rates.map((rate, i) => scalars(from + i + 1, rate));
  return Array.from({ length: scalarCount }, (_, k) => Float32Array.from(steps, (values) => values[k]));
}
