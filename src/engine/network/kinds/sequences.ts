/** Layers of sequences that look at all steps, or tell them apart: masking, positions, attention, columns as steps. */
import * as tf from '@tensorflow/tfjs-core';
import { attention } from '../../layers/attention';
import { affine } from '../../layers/dense';
import { kernelSpec } from '../../layers/parameters';
import { StepMask } from '../../layers/recurrent/step-mask';
import { byStep, sinusoidalPositions } from '../../layers/recurrent/tokens';
import { LayerFault, only, vectorSpec, type Built, type Builds } from '../built';
import type { LayerOf } from '../layer.schema';

/** A step with a missing number does not count; zeros take the place of what is missing. */
function masking(shape: number[]): Built {
  return {
    ...{ shape, parameters: [], work: 0, order: 'steps', masks: true },
    apply: ([x], pass) => {
      const missing = tf.isNaN(x);
      pass.mask = StepMask.of(missing, shape[0]);
      return tf.where(missing, tf.zerosLike(x), x);
    },
  };
}

function positions({ encoding }: LayerOf<'positions'>, [steps, units]: number[], i: number): Built {
  const name = `positions_${i}`;
  const learned = encoding === 'learned';
  const spec = { name, shape: [steps, units], limit: 0.1, penalized: false, perStep: true };
  return {
    ...{ shape: [steps, units], parameters: learned ? [spec] : [], work: 0, order: 'any' },
    apply: ([x], { parameters: p, order }) => {
      const table = learned ? p[name] : sinusoidalPositions(steps, units);
      // The table is that of the longest rows.
      const shown = table.shape[0]! > steps ? tf.slice(table, 0, steps) : table;
      if (order === 'rows') return tf.add(x, shown);
      return tf.reshape(tf.add(byStep(x, steps), tf.reshape(shown, [steps, 1, units])), x.shape);
    },
  };
}

function attending({ heads }: LayerOf<'attention'>, [steps, units]: number[], i: number): Built {
  if (units % heads !== 0) {
    const hint = `Bring the steps to ${heads * Math.ceil(units / heads)} units, or use another number of heads.`;
    throw new LayerFault('heads', `${units} units cannot be divided among ${heads} heads`, hint);
  }
  const [kernel, bias, outputKernel, outputBias] = ['kernel', 'bias', 'outputKernel', 'outputBias'].map(
    (role) => `${role}_${i}`,
  );
  return {
    shape: [steps, units],
    parameters: [
      kernelSpec(kernel, [units, 3 * units], 'glorot'),
      vectorSpec(bias, 3 * units),
      kernelSpec(outputKernel, [units, units], 'glorot'),
      vectorSpec(outputBias, units),
    ],
    work: steps * (4 * units ** 2 + 2 * steps * units),
    order: 'steps',
    apply: ([x], { parameters: p, mask }) => {
      const shape = { steps, batch: x.shape[0]! / steps, heads };
      const heard = attention(affine(x, p[kernel], p[bias]), mask && mask.scores, shape);
      return affine(heard, p[outputKernel], p[outputBias]);
    },
  };
}

/**
 * Each column is a step: its features times a vector each, plus one more (Gorishniy et al. 2021, FT-Transformer; bins as in
 * Gorishniy et al. 2022). `columns` gives that of each feature; a column with fewer features than another gets vectors
 * that do not count.
 */
function columnSteps({ units, columns }: LayerOf<'columnEmbedding'>, [width]: number[], i: number): Built {
  const { steps, most, sources, counts, inOrder: plain } = stepsOfColumns(columns ?? [...Array(width).keys()], width);
  const [kernel, bias] = [`kernel_${i}`, `bias_${i}`];
  const limit = 1 / Math.sqrt(units);
  return {
    shape: [steps, units],
    parameters: [
      { name: kernel, shape: [steps, most, units], limit, penalized: false },
      { name: bias, shape: [steps, 1, units], limit, penalized: false },
    ],
    work: steps * most * units,
    gives: 'steps',
    apply: ([x], { parameters: p }) => {
      const byColumn = plain ? x : tf.gather(x, tf.tensor1d(sources, 'int32'), 1);
      const vectors = counts.includes(0) ? tf.mul(p[kernel], tf.tensor(counts, [steps, most, 1])) : p[kernel];
      const batch = x.shape[0]!;
      const bySteps = tf.transpose(tf.reshape(byColumn, [batch, steps, most]), [1, 0, 2]);
      return tf.reshape(tf.add(tf.matMul(bySteps, vectors), p[bias]), [steps * batch, units]);
    },
  };
}

function stepsOfColumns(columns: readonly number[], width: number) {
  if (columns.length !== width) {
    const message = `names the columns of ${columns.length} features, and rows have ${width}`;
    throw new LayerFault('columns', message, 'Leave it out: it follows from the table.');
  }
  const groups: number[][] = [];
  columns.forEach((column, feature) => (groups[column] ??= []).push(feature));
  // Without columns that have no feature.
  const members = Object.values(groups);
  const most = Math.max(...members.map(({ length }) => length));
  const places = members.flatMap((features) => Array.from({ length: most }, (_, i) => features[i] ?? -1));
  return {
    ...{ steps: members.length, most, inOrder: places.every((feature, i) => feature === i) },
    ...{ sources: places.map((i) => Math.max(0, i)), counts: places.map((i) => Number(i >= 0)) },
  };
}

export const SEQUENCES: Builds<'masking' | 'positions' | 'attention' | 'columnEmbedding'> = {
  masking: (_, inputs) => masking(only('masking', inputs, 2)),
  positions: (layer, inputs, i) => positions(layer, only('positions', inputs, 2), i),
  attention: (layer, inputs, i) => attending(layer, only('attention', inputs, 2), i),
  columnEmbedding: (layer, inputs, i) => columnSteps(layer, only('columnEmbedding', inputs, 1), i),
};
