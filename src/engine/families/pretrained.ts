/** A network that was trained elsewhere and uploaded: served as it is, or trained on. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import {
  embeddingsOf,
  isRandom,
  passThrough,
  placeLayers,
  PlacedFault,
  workOf,
  type PlacedLayer,
} from '../network/build';
import { sizeOf, withBatch } from '../network/built';
import { bodyEnd, frozenLayers, needed, type Place } from '../network/fine-tuning';
import { headOf, headSpecs } from '../network/head';
import { inOrder } from '../network/order';
import type { Layer } from '../network/layer.schema';
import type { NetworkFile } from '../network/network-file';
import { CLASSES_MAX } from '../tasks/targets/facts';
import { DENSE_TASKS, learnsClasses, taskOf } from '../tasks/registry';
import { EngineError } from '../types';
import { defineGradientFamily } from './training/gradient';
import { lossFields } from './training/loss.schema';
import type { ParameterSpec } from '../layers/parameters';
import type { Dimensions, Program, TrainingParameters } from './training/program';
import { classWeightField, trainingFields } from './training/training.schema';
import { shown } from '../../formats';

interface PretrainedParameters extends TrainingParameters {
  model: string;
  inputShape: number[] | null;
  replaceHead: boolean;
  labels: string[] | null;
  freeze: number | string[];
}

const training = trainingFields({ optimizer: 'adam', learningRate: 0.0003, schedule: 'cosine', l2: 0 });

const schema = z.strictObject({
  model: z.string().min(1).max(200).describe('Id of a pretrained model that is READY; see `createPretrainedModel`.'),
  inputShape: z
    .array(z.int().min(1).max(1_000_000))
    .min(1)
    .max(3)
    .nullable()
    .default(null)
    .describe(
      'Of one row, without the batch, channels last. null: as the model says; a length that it leaves open follows from ' +
        'the number of columns.',
    ),
  replaceHead: z
    .boolean()
    .default(false)
    .describe(
      'Puts a new dense layer, to the classes or the number of this target, in place of the last one. false keeps the ' +
        "model's own outputs, which stand for the labels in the order of `labels`.",
    ),
  labels: z
    .array(z.string().min(1).max(1000))
    .min(2)
    .max(CLASSES_MAX)
    .nullable()
    .default(null)
    .describe(
      'The classes in the order of the outputs of the model: all values of the target, each once; a single sigmoid tells the ' +
        'second from the first. The model card and the probabilities keep this order. null: numbers and texts ascending; ' +
        'of two, the second is the affirmative one (1, yes, true), else the rarer. For a target with one class per row.',
    ),
  freeze: z
    .union([z.int().min(0), z.array(z.string().min(1).max(200)).max(2000)])
    .default(0)
    .describe(
      'Layers that training leaves as they are: names of layers, or how many of the first ones with weights. They also ' +
        'keep the moving averages of batch normalization.',
    ),
  ...classWeightField,
  ...lossFields,
  ...training,
  epochs: z
    .int()
    .min(0)
    .max(10_000)
    .nullable()
    .default(null)
    .describe(`${training.epochs.description} 0 takes the model as it is.`),
}) satisfies z.ZodType<PretrainedParameters>;

export const pretrained = defineGradientFamily<PretrainedParameters>({
  name: 'pretrained',
  title: 'Pretrained network',
  description:
    'A Keras model that was trained elsewhere and uploaded: served as it is, or trained on. It reads the columns in ' +
    'their order, and unscaled unless the pipeline has a SCALE step.',
  data: 'any',
  tasks: DENSE_TASKS,
  schema,
  searchSpace: { learningRate: { kind: 'logUniform', minimum: 1e-5, maximum: 3e-3 } },
  scale: 'none',
  goesOnFrom: ({ model }) => model,
  rawTarget: ({ replaceHead }) => !replaceHead,
  labels: ({ labels }) => labels,
  sequence: ({ inputShape }, network) => layoutOf(inputShape ?? network?.inputShape ?? [1], network?.layers ?? []),
  program: (parameters, dimensions) => pretrainedProgram(parameters, dimensions, networkOf(dimensions)),
});

function networkOf({ network }: Dimensions): NetworkFile {
  if (network) return network;
  const hint = 'Name a pretrained model that is READY.';
  throw new EngineError('The uploaded model is not there.', 'estimator.parameters.model', hint);
}

/** Ids of embeddings are never scaled; a channel is, by the same numbers at all its places. */
function layoutOf(shape: (number | null)[], layers: Layer[]) {
  const channels = shape.length === 1 ? Infinity : shape.at(-1)!;
  const [known] = embeddingsOf(layers)
    .map(({ vocabulary }) => vocabulary)
    .sort((a, b) => b - a);
  if (known === undefined) return { channels, keepMissing: false };
  const ids = { columns: Infinity, parameter: 'model', most: null, known: [...Array(known).keys()], closed: true };
  return { channels, keepMissing: false, ids: [{ ...ids, formerCount: known }] };
}

function pretrainedProgram(settings: PretrainedParameters, dimensions: Dimensions, network: NetworkFile): Program {
  const { inputShape, replaceHead, freeze, epochs } = settings;
  const shape = inputShapeOf(inputShape, network, dimensions.width);
  const layers = replaceHead ? network.layers : withoutEnding(network.layers, dimensions);
  const placed = place(layers, shape);
  const shapeOf = (i: Place) => (i < 0 ? shape : placed[i].shape);
  const output = replaceHead ? bodyEnd(layers, placed, shapeOf) : placed.length - 1;
  const read = needed(placed, output);
  const weighted = placed.flatMap(({ parameters }, i) => (read.has(i) && parameters.length > 0 ? [i] : []));
  const frozen = epochs === 0 ? new Set<Place>() : frozenLayers(freeze, layers, weighted);
  const trained = specsOf(
    placed,
    network,
    weighted.filter((i) => !frozen.has(i)),
  );
  const kept = specsOf(
    placed,
    network,
    weighted.filter((i) => frozen.has(i)),
  );
  const last = sizeOf(shapeOf(output));
  const specs = [...trained, ...(replaceHead ? headSpecs(last, dimensions.outputs) : [])];
  if (specs.length === 0) throw nothingToTrain();
  if (!replaceHead) checkEnding(network.layers.at(-1)!, last, dimensions);
  const adapt = replaceHead ? headOf : outputsOf(last, dimensions);
  return {
    parameters: specs,
    forward: (parameters, x, rowKeys, updates) => {
      const all = { ...constants(kept), ...parameters };
      const pass = { parameters: all, rowKeys, updates };
      const part = { output, read, keeps: (i: Place) => frozen.has(i) };
      const value = passThrough(placed, withBatch(x, shape), pass, part);
      return adapt(withBatch(inOrder(value, shapeOf(output), 'rows'), [last]), parameters);
    },
    random: isRandom(layers),
    ...workOf(
      placed.filter((_, i) => read.has(i)),
      last,
    ),
  };
}

const nothingToTrain = () =>
  new EngineError(
    'Every layer of the model is frozen, so there is nothing to train.',
    'estimator.parameters.freeze',
    'Freeze fewer layers, set replaceHead, or set epochs to 0 to take the model as it is.',
  );

const constants = (specs: ParameterSpec[]) =>
  Object.fromEntries(specs.map(({ name, shape, initial }) => [name, tf.tensor(initial!, shape)]));

function specsOf(placed: PlacedLayer[], { values }: NetworkFile, places: Place[]): ParameterSpec[] {
  return places.flatMap((i) => {
    const { parameters, stored } = placed[i];
    const weights = stored?.read(values) ?? values;
    return parameters.map((spec) => ({ ...spec, initial: weights.get(spec.name)! }));
  });
}

const text = (shape: (number | null)[]) => `[${shape.map((n) => n ?? 'any').join(', ')}]`;

/** The shape of a row; one open length follows from the number of columns. */
function inputShapeOf(wantedShape: number[] | null, { inputShape }: NetworkFile, width: number): number[] {
  const fits =
    wantedShape === null ||
    (wantedShape.length === inputShape.length && wantedShape.every((n, i) => (inputShape[i] ?? n) === n));
  if (!fits) {
    const message = `The model takes rows of shape ${text(inputShape)}, and inputShape is ${text(wantedShape)}.`;
    throw new EngineError(message, 'estimator.parameters.inputShape', "Give the model's own sizes, or leave it out.");
  }
  const shape = wantedShape ?? inputShape;
  const rest = width / sizeOf(shape.map((n) => n ?? 1));
  const open = shape.filter((n) => n === null).length;
  if ((open === 0 && rest === 1) || (open === 1 && Number.isInteger(rest))) return shape.map((n) => n ?? rest);
  const wanted = open > 0 ? `a multiple of ${width / rest}` : String(width / rest);
  throw new EngineError(
    `The model takes rows of shape ${text(shape)}, ${wanted} numbers, and the pipeline gives it ${width} columns.`,
    'estimator.parameters.inputShape',
    open > 1
      ? 'Give inputShape, as the model leaves several lengths open.'
      : 'Drop the columns that are not inputs of the model, in SELECT_COLUMNS, or send those that are missing.',
  );
}

function place(layers: Layer[], shape: number[]): PlacedLayer[] {
  try {
    return placeLayers(layers, shape);
  } catch (error) {
    if (!(error instanceof PlacedFault)) throw error;
    const { i, fault } = error;
    const message = `Layer ${shown(layers[i].name ?? String(i))} with rows of shape ${text(shape)}: ${fault.message}.`;
    throw new EngineError(
      message,
      'estimator.parameters.inputShape',
      'Give rows of the length that the model was built for.',
    );
  }
}

const ENDINGS: string[] = ['softmax', 'sigmoid'];

const endingOf = (layer: Layer) => ('activation' in layer ? layer.activation : 'linear');

/** Training works on what goes into the last softmax or sigmoid; numbers keep the ending that they have. */
function withoutEnding(layers: Layer[], { task }: Dimensions): Layer[] {
  const last = layers.at(-1)!;
  if (!learnsClasses(task) || !ENDINGS.includes(endingOf(last))) return layers;
  return [...layers.slice(0, -1), { ...last, activation: 'linear' } as Layer];
}

/** A softmax shares one probability out among classes; sigmoids give each label one of its own. */
function checkEnding(layer: Layer, last: number, { task }: Dimensions): void {
  const ending = endingOf(layer);
  const { ending: wanted } = taskOf(task).learning;
  if (wanted === null || wanted === ending || !ENDINGS.includes(ending)) return;
  // Of two classes: that of the second.
  if (wanted === 'softmax' && last === 1) return;
  throw new EngineError(
    `The model ends with a ${ending}, which does not fit the task ${task}.`,
    'estimator.parameters.replaceHead',
    wanted === 'sigmoid'
      ? 'Set replaceHead to true to train a new last layer with a probability of its own for each label.'
      : 'Set replaceHead to true for a target with one class per row, or use the task multilabel.',
  );
}

/** From the outputs of the model to logits, or to the number. */
function outputsOf(last: number, { task, outputs }: Dimensions): (value: tf.Tensor) => tf.Tensor {
  if (last === outputs) return (value) => value;
  // One logit: that of the second class against the first.
  if (last === 1 && outputs === 2) return (value) => tf.concat([tf.zerosLike(value), value], 1);
  const wanted = learnsClasses(task) ? `the target has ${outputs} classes` : `the task ${task} takes ${outputs}`;
  throw new EngineError(
    `The model gives ${last} outputs, and ${wanted}.`,
    'estimator.parameters.replaceHead',
    'Set replaceHead to true to train a new last layer, or choose the target that the model was trained for.',
  );
}
