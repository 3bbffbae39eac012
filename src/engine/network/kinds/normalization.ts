/** Numbers brought to mean 0 and variance 1 by moments of the data, or back. */
import * as tf from '@tensorflow/tfjs-core';
import { LayerFault, sizeOf, type Built } from '../built';
import type { LayerOf } from '../layer.schema';

/** The least deviation that Keras divides by. */
const DEVIATION_MIN = 1e-7;

/** Moments are of each place along `axes` (from 1, or -1 for the last), over all others. */
export function normalized(layer: LayerOf<'normalization'>, shape: number[], i: number): Built {
  const kept = keptAxes(layer.axes, shape.length);
  const sizes = shape.filter((_, axis) => kept.has(axis));
  const broadcast = [1, ...shape.map((length, axis) => (kept.has(axis) ? length : 1))];
  const [mean, variance] = [`mean_${i}`, `variance_${i}`];
  const known = givenMoments(layer, sizes);
  const spec = (name: string, start: number) => ({ name, shape: sizes, start, limit: 0, penalized: false });
  return {
    shape,
    parameters: known ? [] : [spec(mean, 0), spec(variance, 1)],
    work: sizeOf(shape),
    apply: ([x], { parameters: p }) => {
      const moments = known ? known.map((values) => tf.tensor1d(values)) : [fixed(p[mean]), fixed(p[variance])];
      const [centre, spread] = moments.map((moment) => tf.reshape(moment, broadcast));
      const deviation = tf.maximum(tf.sqrt(spread), DEVIATION_MIN);
      return layer.invert ? tf.add(tf.mul(x, deviation), centre) : tf.div(tf.sub(x, centre), deviation);
    },
  };
}

function keptAxes(axes: number[], rank: number): Set<number> {
  const places = axes.map((axis) => (axis < 0 ? rank + axis : axis - 1));
  if (places.every((place) => place >= 0 && place < rank)) return new Set(places);
  const hint = 'Axes count from 1, or from the last, -1.';
  throw new LayerFault('axes', `[${axes.join(', ')}] are not axes of rows with ${rank}`, hint);
}

/** One number of each stands for all places. Null: the moments are parameters. */
function givenMoments({ mean, variance }: LayerOf<'normalization'>, sizes: number[]): [number[], number[]] | null {
  if (mean === null && variance === null) return null;
  if (mean === null || variance === null) {
    throw new LayerFault(mean ? 'variance' : 'mean', 'is missing beside the other', 'Give both, or none.');
  }
  const count = sizeOf(sizes);
  const filled = (field: 'mean' | 'variance', values: number[]) => {
    if (values.length === count) return values;
    if (values.length === 1) return new Array<number>(count).fill(values[0]);
    throw new LayerFault(field, `holds ${values.length} numbers, and the axes have ${count} places`, 'Give as many.');
  };
  return [filled('mean', mean), filled('variance', variance)];
}

/** The parameter itself, which no gradient moves. */
const fixed = tf.customGrad((p) => ({
  value: tf.clone(p as tf.Tensor),
  gradFunc: () => tf.zerosLike(p as tf.Tensor),
}));
