/**
 * Optimizers over one vector of all parameters, as TensorFlow.js programs. What depends on the step number alone is
 * computed outside and enters as two scalars, so an update has few operations.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerName, TrainingParameters } from '../families/program';

export interface Optimizer {
  /** Vectors of the parameters' length that the optimizer carries from step to step. */
  slots: number;
  /** The two scalars of a step (counted from 1) at this learning rate. */
  scalars(step: number, rate: number): [number, number];
  /** New parameters and slots. */
  update(p: tf.Tensor, gradient: tf.Tensor, slots: tf.Tensor[], scalars: [tf.Tensor, tf.Tensor]): tf.Tensor[];
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const RHO = 0.9;
const EPSILON = 1e-8;

type Settings = Pick<TrainingParameters, 'momentum'>;

const OPTIMIZERS: Record<OptimizerName, (settings: Settings) => Optimizer> = {
  sgd: () => ({
    slots: 0,
    scalars: (_, rate) => [rate, 0],
    update: (p, g, _, [rate]) => [tf.sub(p, tf.mul(g, rate))],
  }),

  momentum: ({ momentum }) => ({
    slots: 1,
    scalars: (_, rate) => [rate, 0],
    update: (p, g, [m], [rate]) => {
      const velocity = tf.add(tf.mul(m, momentum), g);
      return [tf.sub(p, tf.mul(velocity, rate)), velocity];
    },
  }),

  // The slot holds the moving average divided by (1 - rho).
  rmsprop: () => ({
    slots: 1,
    scalars: (_, rate) => [rate / Math.sqrt(1 - RHO), EPSILON / Math.sqrt(1 - RHO)],
    update: (p, g, [v], [rate, epsilon]) => {
      const square = tf.add(tf.mul(v, RHO), tf.square(g));
      return [tf.sub(p, tf.mul(tf.div(g, tf.add(tf.sqrt(square), epsilon)), rate)), square];
    },
  }),

  // Kingma & Ba 2015. The slots hold the moments divided by (1 - beta); the bias corrections sit in the scalars.
  adam: () => ({
    slots: 2,
    scalars: (step, rate) => {
      const second = Math.sqrt((1 - BETA_2 ** step) / (1 - BETA_2));
      return [(rate * (1 - BETA_1) * second) / (1 - BETA_1 ** step), EPSILON * second];
    },
    update: (p, g, [m, v], [rate, epsilon]) => {
      const first = tf.add(tf.mul(m, BETA_1), g);
      const second = tf.add(tf.mul(v, BETA_2), tf.square(g));
      return [tf.sub(p, tf.mul(tf.div(first, tf.add(tf.sqrt(second), epsilon)), rate)), first, second];
    },
  }),
};

export function createOptimizer(name: OptimizerName, settings: Settings): Optimizer {
  return OPTIMIZERS[name](settings);
}
