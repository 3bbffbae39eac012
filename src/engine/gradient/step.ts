/** One training step and the evaluation of a family's program, as TensorFlow.js programs over flat parameters. */
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of all kernels, which the Node build of tfjs-core leaves out.
import '@tensorflow/tfjs-layers';
import type { ParameterSpec, Updates } from '../layers/parameters';
import type { Dimensions, PlannedTraining, Program } from '../families/training/program';
import { parameterCount } from '../families/training/gradient';
import { findGradientFamily } from '../families/registry';
import { Random } from '../random';
import { hasSeveralTargets, learnsFeatures, taskOf } from '../tasks/registry';
import type { Counting } from '../layers/losses';
import type { Task } from '../types';
import type { Loss } from '../tasks/learning/loss';
import { createOptimizer, type Optimizer } from './optimizers';

export interface Batch {
  x: tf.Tensor;
  /** Class indices (int32) or numbers (float32), [batch]; of a task of several targets [batch, targets], as is the weight. */
  y: tf.Tensor;
  weight: tf.Tensor | null;
  rowKeys: tf.Tensor | null;
}

export interface StepPlan {
  program: Program;
  optimizer: Optimizer;
  loss: Loss;
  task: Task;
  outputs: number;
  /** Per row of the full width; null where y is a vector. */
  targets: number | null;
  /** Of the rows that the program was made for; sequences may be cut to less. */
  width: number;
  l2: number;
  clipNorm: number | null;
}

/** The step of a family with all its parameters filled in. */
export function planStep(family: string, settings: PlannedTraining, dimensions: Dimensions): StepPlan {
  const { task, outputs, targets = 1 } = dimensions;
  const { program: build, defaultLoss } = findGradientFamily(family);
  const loss = settings.loss ?? defaultLoss?.(task) ?? null;
  const optimizer = createOptimizer(settings.optimizer, settings);
  const { l2, clipNorm } = settings;
  return {
    program: build(settings, dimensions),
    optimizer,
    loss: taskOf(task).learning.loss(outputs, { ...settings, loss }),
    task,
    outputs,
    targets: hasSeveralTargets(task) ? targets : null,
    width: dimensions.width,
    l2,
    clipNorm,
  };
}

const sizeOf = ({ shape }: ParameterSpec) => shape.reduce((a, b) => a * b, 1);

export { parameterCount };

/** Initial parameters in one vector. Each parameter draws from a stream of its own. */
export function initialParameters({ parameters }: Program, seed: number): Float32Array {
  const parts = parameters.map((spec, i) => {
    if (spec.initial) return spec.initial;
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
function unflatten({ parameters }: Program, flat: tf.Tensor): Record<string, tf.Tensor> {
  // The gradient of TensorFlow.js takes no split into one.
  const parts = parameters.length === 1 ? [flat] : tf.split(flat, parameters.map(sizeOf));
  return Object.fromEntries(parameters.map(({ name, shape }, i) => [name, tf.reshape(parts[i], shape)]));
}

/**
 * The loss of a batch: the mean over its rows, or the sum. Of several targets it is over the values that are present, of
 * features over all of a row.
 */
function lossOf(plan: StepPlan, output: tf.Tensor, { x, y, weight }: Batch, mean: boolean): tf.Tensor {
  const rows = y.shape[0]!;
  if (learnsFeatures(plan.task)) {
    return plan.loss.sum(output, x, { weights: null, share: 1 / (mean ? x.size : x.shape[1]!) });
  }
  if (plan.targets === null) {
    const weights = weight && tf.reshape(weight, [rows, 1]);
    return plan.loss.sum(output, y, { weights, share: mean ? 1 / rows : 1 });
  }
  const weights = mean && weight ? tf.div(weight, tf.maximum(tf.sum(weight), WEIGHT_MIN)) : weight;
  return plan.loss.sum(output, y, { weights, share: mean && !weight ? 1 / y.size : 1 });
}

function contrastOf({ program }: StepPlan, parameters: Named, { x, y, weight }: Batch, mean: boolean): tf.Tensor {
  const rows = y.shape[0]!;
  const weights = weight && tf.reshape(weight, [rows, 1]);
  return program.batchLoss!(parameters, x, y, { weights, share: mean ? 1 / rows : 1 });
}

type Named = Record<string, tf.Tensor>;

/** A batch may have no target value at all. */
const WEIGHT_MIN = 1e-12;

/** A vector of `value` where penalties apply and of 0 elsewhere. */
function penalized({ program }: StepPlan, value: number): tf.Tensor1D {
  const vector = new Float32Array(parameterCount(program));
  program.parameters.reduce((at, spec) => {
    const end = at + sizeOf(spec);
    if (spec.penalized) vector.fill(value, at, end);
    return end;
  }, 0);
  return tf.tensor1d(vector);
}

/** Scaled to a Euclidean norm of `limit` where it is longer (Pascanu et al. 2013). */
function clipped(gradient: tf.Tensor, limit: number | null): tf.Tensor {
  if (limit === null) return gradient;
  const norm = tf.sqrt(tf.sum(tf.square(gradient)));
  return tf.mul(gradient, tf.div(limit, tf.maximum(norm, limit)));
}

/** Mean data loss of the batch while training: a step's forward pass, which puts what it moves by itself into `updates`. */
export function stepLoss(plan: StepPlan, flat: tf.Tensor, batch: Batch, updates: Updates): tf.Tensor {
  const parameters = unflatten(plan.program, flat);
  if (plan.program.batchLoss) return contrastOf(plan, parameters, batch, true);
  const output = plan.program.forward(parameters, batch.x, batch.rowKeys, updates);
  const loss = lossOf(plan, output, batch, true);
  if (!plan.program.batchTerm) return loss;
  return tf.add(loss, plan.program.batchTerm(parameters, batch, meanOver(batch)));
}

function meanOver({ y, weight }: Batch): Counting {
  const rows = y.shape[0]!;
  return { weights: weight && tf.reshape(weight, [rows, 1]), share: 1 / rows };
}

/**
 * Mean data loss of the batch, and [parameters, ...slots] after the step. The gradient is that of
 * loss + l2/2 · |penalized parameters|².
 */
export function trainingStep(
  plan: StepPlan,
  state: tf.Tensor[],
  batch: Batch,
  scalars: tf.Tensor[],
): { loss: tf.Tensor; state: tf.Tensor[] } {
  const [flat, ...slots] = state;
  const updates: Updates = {};
  const differentiate = tf.valueAndGrad((p: tf.Tensor) => {
    const loss = stepLoss(plan, p, batch, updates);
    Object.values(updates).forEach((tensor) => tf.keep(tensor));
    return loss;
  });
  const { value, grad } = differentiate(flat);
  const gradient = clipped(plan.l2 > 0 ? tf.add(grad, tf.mul(flat, penalized(plan, plan.l2))) : grad, plan.clipNorm);
  const mask = (value: number) => penalized(plan, value);
  const [next, ...nextSlots] = plan.optimizer.update(flat, gradient, slots, { scalars, mask });
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

/** Sums over a block of rows: weighted loss, and weight of the values classified rightly (0 for numbers). */
export function evaluation(plan: StepPlan, flat: tf.Tensor, batch: Batch): { loss: tf.Tensor; correct: tf.Tensor } {
  const parameters = unflatten(plan.program, flat);
  const output = plan.program.forward(parameters, batch.x, null);
  const loss = plan.program.batchLoss ? contrastOf(plan, parameters, batch, false) : lossOf(plan, output, batch, false);
  const { classes } = taskOf(plan.task).learning;
  if (classes === null) return { loss, correct: tf.scalar(0) };
  const hits = tf.cast(tf.equal(classes(output), batch.y), 'float32');
  return { loss, correct: tf.sum(batch.weight ? tf.mul(hits, batch.weight) : hits) };
}
