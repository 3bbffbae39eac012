/** Support vector machine by gradient descent on its primal problem: linear, or with a radial kernel by random features. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { fourierFeatures } from '../../layers/fourier';
import type { Trained } from '../../learning/learner';
import { learnsClasses, MARGIN_TASKS } from '../../tasks/registry';
import { sizeOf } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { linearProgram } from './linear-program';
import type { Dimensions, Program, TrainingParameters } from '../training/program';
import { classWeightField, trainingFields } from '../training/training.schema';

const KERNELS = ['linear', 'rbf'] as const;
const LOSSES = ['hinge', 'squaredHinge', 'epsilonInsensitive', 'squaredEpsilonInsensitive'] as const;

interface SvmParameters extends TrainingParameters {
  kernel: (typeof KERNELS)[number];
  features: number;
  gamma: number | null;
}

const schema = z.strictObject({
  kernel: z
    .enum(KERNELS)
    .default('rbf')
    .describe('linear weighs the features; rbf compares rows by exp(-gamma · squared distance) and finds curves.'),
  features: z
    .int()
    .min(1)
    .max(8192)
    .default(2048)
    .describe('Random Fourier features that stand for the rbf kernel; more are closer to it. Unused by linear.'),
  gamma: z
    .number()
    .gt(0)
    .max(1e6)
    .nullable()
    .default(null)
    .describe(
      'How fast likeness falls with distance in the rbf kernel; null: 1 / (number of encoded features × their variance), all train rows together.',
    ),
  loss: z
    .enum(LOSSES)
    .nullable()
    .default(null)
    .describe(
      'Null: hinge for classes, epsilonInsensitive for numbers; the squared ones punish large errors more. Probabilities ' +
        'are fitted to the validation rows afterwards (Platt scaling).',
    ),
  epsilon: z
    .number()
    .min(0)
    .max(100)
    .default(0.1)
    .describe('Error, in standard deviations of the target, that counts nothing; regression only.'),
  ...classWeightField,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.01, schedule: 'cosine', l2: 1e-4 }),
}) satisfies z.ZodType<SvmParameters>;

export const svm = defineGradientFamily<SvmParameters>({
  name: 'svm',
  title: 'Support vector machine',
  description: 'Separates classes by a wide margin, or fits numbers within a tube; with the rbf kernel along curves.',
  data: 'table',
  tasks: MARGIN_TASKS,
  schema,
  searchSpace: {
    kernel: { kind: 'choice', values: KERNELS },
    gamma: { kind: 'logUniform', minimum: 1e-3, maximum: 1 },
    l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1 },
  },
  defaultLoss: (task) => (learnsClasses(task) ? 'hinge' : 'epsilonInsensitive'),
  advise: (profile) => ({
    rank: 0,
    reason: `Holds classes or numbers apart by a margin, which outliers move little; ${sizeOf(profile)}.`,
  }),
  program: svmProgram,
  trainedBy: (parameters, { train }) => ({ parameters: { ...parameters, gamma: parameters.gamma ?? gammaOf(train) } }),
});

/** 1 / (width × variance of all cells), as far as they are in memory: 1 / width otherwise. */
function gammaOf(train: Trained['train']): number | null {
  if (!('x' in train) || train.x.length === 0) return null;
  let [sum, squares] = [0, 0];
  for (const value of train.x) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / train.x.length;
  const variance = squares / train.x.length - mean * mean;
  return variance > 0 ? 1 / (train.width * variance) : null;
}

function svmProgram({ kernel, features, gamma }: SvmParameters, dimensions: Dimensions): Program {
  if (kernel === 'linear') return linearProgram(dimensions);
  const { width } = dimensions;
  const machine = linearProgram({ ...dimensions, width: features });
  let drawn: ReturnType<typeof fourierFeatures> | null = null;
  const map = (x: tf.Tensor) => {
    drawn ??= fourierFeatures({ width, count: features, gamma: gamma ?? 1 / width });
    const { kernel: weights, offset } = drawn;
    const angle = tf.add(tf.matMul(x as tf.Tensor2D, tf.tensor2d(weights, [width, features])), tf.tensor1d(offset));
    return tf.mul(tf.cos(angle), Math.sqrt(2 / features));
  };
  return {
    ...machine,
    forward: (parameters, x, rowKeys) => machine.forward(parameters, map(x), rowKeys),
    work: features * (width + dimensions.outputs),
  };
}
