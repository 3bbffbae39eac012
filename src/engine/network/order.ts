/**
 * How a sequence lies in memory: by rows, [batch, steps, …], or by steps, [steps · batch, …] with the rows of a step side by
 * side. Recurrence and attention go by steps (layers/attention.ts says why); most other layers take sequences as they come.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { StepMask } from '../layers/recurrent/step-mask';
import type { Built } from './built';

export type Order = 'rows' | 'steps';

/** What a layer gives. */
export interface Value {
  x: tf.Tensor;
  order: Order;
  /** Which steps count; null: all, or there are none. */
  mask: StepMask | null;
}

/** A value whose rows are of this shape, in an order. */
export function inOrder({ x, order }: Pick<Value, 'x' | 'order'>, shape: number[], wanted: Order): tf.Tensor {
  if (order === wanted) return x;
  const [steps, ...rest] = shape;
  const swapped = (t: tf.Tensor) => tf.transpose(t, [1, 0, ...rest.map((_, i) => i + 2)]);
  if (wanted === 'rows') return swapped(tf.reshape(x, [steps, x.shape[0]! / steps, ...rest]));
  return tf.reshape(swapped(x), [steps * x.shape[0]!, ...rest]);
}

type Placed = Pick<Built, 'order' | 'gives'> & { from: number[] };

/**
 * The order that each layer takes. One that takes any goes by steps after a layer that does, and before layers that all do:
 * so a sequence is turned once, and where it is narrowest, as ids are before their embedding.
 */
export function ordersOf(layers: Placed[]): Order[] {
  const bySteps = layers.map(({ order }) => order === 'steps');
  const readers = layers.map((): number[] => []);
  layers.forEach(({ from }, i) => from.forEach((k) => readers[k]?.push(i)));
  const givesSteps = (k: number) => k >= 0 && (layers[k].gives ?? (bySteps[k] ? 'steps' : 'rows')) === 'steps';
  const follows = ({ from, gives }: Placed, i: number) =>
    from.some(givesSteps) || (!gives && readers[i].length > 0 && readers[i].every((reader) => bySteps[reader]));
  const next = () => layers.findIndex((layer, i) => !bySteps[i] && layer.order === 'any' && follows(layer, i));
  for (let i = next(); i >= 0; i = next()) bySteps[i] = true;
  return bySteps.map((steps) => (steps ? 'steps' : 'rows'));
}
