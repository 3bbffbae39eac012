/** A network given as a list of layers; a dense layer to the classes or the number follows by itself. */
import { z } from 'zod';
import { embeddingsOf, readsInput, type PlacedFault } from '../network/build';
import { layerSchema, type Layer } from '../network/layer.schema';
import { idCount, type IdEncoding } from '../preprocess/encoding';
import { DENSE_TASKS } from '../tasks/registry';
import { EngineError } from '../types';
import { defineGradientFamily } from './training/gradient';
import { layeredProgram } from './training/layered.program';
import { lossFields } from './training/loss.schema';
import type { Dimensions, Program, TrainingParameters } from './training/program';
import { classWeightField, trainingFields } from './training/training.schema';

interface NetworkParameters extends TrainingParameters {
  layers: Layer[];
}

const schema = z.strictObject({
  layers: z
    .array(layerSchema)
    .min(1)
    .max(64)
    .prefault([
      { type: 'dense', units: 64, activation: 'relu' },
      { type: 'dense', units: 32, activation: 'relu' },
    ])
    .describe(
      'From the encoded features to the last hidden layer, each { type, … }. Each takes what the one before gives, or ' +
        'what the layers named in from give (input: the features); name names a layer. ' +
        'dense (units, activation), bias, activation, leakyRelu (alpha), prelu, rescaling (scale, offset), dropout (rate, ' +
        'spatial), batchNormalization, layerNormalization, normalization (axes, mean, variance, invert), reshape (shape), flatten, permute (axes), repeat (times), ' +
        'zeroPadding1d and 2d, cropping1d and 2d, upSampling1d and 2d, conv1d and conv2d (filters, kernelSize, stride, ' +
        'dilation, padding, activation), depthwiseConv2d, separableConv1d and 2d, conv2dTranspose, maxPooling1d and 2d, ' +
        'averagePooling1d and 2d (size, stride, padding), globalAveragePooling, globalMaxPooling, embedding ' +
        '(vocabulary, units), rnn, lstm and gru (units, returnSequences, bidirectional), add, subtract, multiply, ' +
        'average, maximum, minimum, concatenate (axis). Shapes are without the batch, channels last. ' +
        'initializer of dense, conv1d and conv2d says how large weights start: he before relu, glorot before sigmoid and ' +
        'tanh, lecun where nothing nonlinear follows.',
    ),
  ...lossFields,
  ...classWeightField,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.003, schedule: 'cosine', l2: 1e-4 }),
}) satisfies z.ZodType<NetworkParameters>;

export const network = defineGradientFamily<NetworkParameters>({
  name: 'network',
  title: 'Custom network',
  description: 'A network of your own: a list of layers as data.',
  data: 'any',
  tasks: DENSE_TASKS,
  schema,
  searchSpace: { learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 } },
  sequence: ({ layers }) => {
    const most = embeddingsOf(layers);
    if (most.length === 0) return null;
    const group = { columns: Infinity, parameter: 'layers', most: Math.min(...most) };
    return { channels: 1, keepMissing: false, ids: [group] };
  },
  program: networkProgram,
});

function networkProgram({ layers: declared }: NetworkParameters, dimensions: Dimensions): Program {
  const { width, ids } = dimensions;
  const layers = ids ? sized(declared, ids[0]) : declared;
  return layeredProgram(layers, dimensions, (fault) => refusal(fault, width));
}

/** Embeddings of the columns have a vector for each id of the training rows, and no others. */
function sized(layers: Layer[], ids: IdEncoding): Layer[] {
  const vocabulary = idCount(ids);
  return layers.map((layer, i) =>
    layer.type === 'embedding' && readsInput(layer, i) ? { ...layer, vocabulary } : layer,
  );
}

function refusal({ i, fault }: PlacedFault, width: number): EngineError {
  const path = ['estimator.parameters.layers', i, ...(fault.field ? [fault.field] : [])].join('.');
  const place = `layers[${i}]${fault.field && `.${fault.field}`}`;
  const hint = i === 0 ? `${fault.hint} The encoded table has ${width} features per row.` : fault.hint;
  return new EngineError(`${place}: ${fault.message}.`, path, hint);
}
