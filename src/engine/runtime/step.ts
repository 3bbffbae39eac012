/** One training step and the evaluation of a family's program, as TensorFlow.js programs over flat parameters. */
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of all kernels, which the Node build of tfjs-core leaves out.
import '@tensorflow/tfjs-layers';
import type { ParameterSpec, Program, Updates } from '../families/program';
import { classTargets, softmaxCrossEntropy, squaredError } from '../layers/losses';
import { Random } from '../random';
import type { Task } from '../types';
import type { Optimizer } from './optimizers';

export interface Batch {
  x: tf.Tensor;
  /** Class indices (int32 [batch]) or targets (float32 [batch]). */
  y: tf.Tensor;
  weight: tf.Tensor | null;
  rowKeys: tf.Tensor | null;
}

export interface StepPlan {
  program: Program;
  optimizer: Optimizer;
  task: Task;
  outputs: number;
  l2: number;
}

const sizeOf = ({ shape }: ParameterSpec) => shape.reduce((a, b) => a * b, 1);

export const parameterCount = ({ parameters }: Program) => parameters.reduce((sum, spec) => sum + sizeOf(spec), 0);

/** Initial parameters in one vector. Each parameter draws from a stream of its own. */
export function initialParameters({ parameters }: Program, seed: number): Float32Array {
  const parts = parameters.map((spec, i) => {
    const random = new Random(seed, 1000 + i);
    return Float32Array.from(
      { length: sizeOf(spec) },
      () => (spec.start ?? 0) + (random.uint32() / 2 ** 31 - 1) * spec.limit,
    );
  });
  const flat = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (flat.set(part, at), at + part.length), 0);
  return flat;
}

/** The vector cut into named parameters. */
export function unflatten({ parameters }: Program, flat: tf.Tensor): Record<string, tf.Tensor> {
  const parts = tf.split(flat, parameters.map(sizeOf));
  return Object.fromEntries(parameters.map(({ name, shape }, i) => [name, tf.reshape(parts[i], shape)]));
}

/** The sum of the losses of a batch, times `share`. */
function lossOf(plan: StepPlan, output: tf.Tensor, { y, weight }: Batch, share: number): tf.Tensor {
  const rows = y.shape[0]!;
  const weights = weight && tf.reshape(weight, [rows, 1]);
  if (plan.task === 'regression') return squaredError(output, tf.reshape(y, [rows, 1]), weights, share);
  return softmaxCrossEntropy(output, classTargets(y, plan.outputs), weights, share);
}

/** Where the L2 penalty applies: l2 for penalized parameters, 0 for the others. */
function decay({ program, l2 }: StepPlan): tf.Tensor {
  const parts = program.parameters.map((spec) => new Array<number>(sizeOf(spec)).fill(spec.penalized ? l2 : 0));
  return tf.tensor1d(parts.flat());
}

/**
 * Mean data loss of the batch, and [parameters, ...slots] after the step. The gradient is that of
 * loss + l2/2 · |penalized parameters|².
 */
export function trainingStep(
  plan: StepPlan,
  state: tf.Tensor[],
  batch: Batch,
  scalars: [tf.Tensor, tf.Tensor],
): { loss: tf.Tensor; state: tf.Tensor[] } {
  const [flat, ...slots] = state;
  const updates: Updates = {};
  const differentiate = tf.valueAndGrad((p: tf.Tensor) => {
    const output = plan.program.forward(unflatten(plan.program, p), batch.x, batch.rowKeys, updates);
    Object.values(updates).forEach((tensor) => tf.keep(tensor));
    return lossOf(plan, output, batch, 1 / batch.y.shape[0]!);
  });
  const { value, grad } = differentiate(flat);
  const gradient = plan.l2 > 0 ? tf.add(grad, tf.mul(flat, decay(plan))) : grad;
  const [next, ...nextSlots] = plan.optimizer.update(flat, gradient, slots, scalars);
  return { loss: value, state: [replaced(plan.program, next, updates), ...nextSlots] };
}

/** The vector with the parameters in `updates` replaced; disposes of the updates. */
function replaced(program: Program, flat: tf.Tensor, updates: Updates): tf.Tensor {
  const names = Object.keys(updates);
  if (names.length === 0) return flat;
  const parts = unflatten(program, flat);
  const whole = tf.concat(program.parameters.map(({ name }) => tf.reshape(updates[name] ?? parts[name], [-1])));
  for (const name of names) updates[name].dispose();
  return whole;
}

/** Sums over a block of rows: weighted loss, and weight of the rows classified rightly (0 for regression). */
export function evaluation(plan: StepPlan, flat: tf.Tensor, batch: Batch): { loss: tf.Tensor; correct: tf.Tensor } {
  const output = plan.program.forward(unflatten(plan.program, flat), batch.x, null);
  const loss = lossOf(plan, output, batch, 1);
  if (plan.task === 'regression') return { loss, correct: tf.scalar(0) };
  const hits = tf.cast(tf.equal(tf.argMax(output, 1), batch.y), 'float32');
  return { loss, correct: tf.sum(batch.weight ? tf.mul(hits, batch.weight) : hits) };
}

/** What the model answers: class probabilities, or the raw output of a regression. */
export function prediction(
  { program, task }: Pick<StepPlan, 'program' | 'task'>,
  parameters: Record<string, tf.Tensor>,
  x: tf.Tensor,
): tf.Tensor {
  const output = program.forward(parameters, x, null);
  return task === 'regression' ? output : tf.softmax(output);
}
