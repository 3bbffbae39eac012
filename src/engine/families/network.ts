/** A network given as a list of layers; a dense layer to the classes or the number follows by itself. */
import { z } from 'zod';
import { embeddingsOf, readsInput, takesAnyLength, type PlacedFault } from '../network/build';
import { layerSchema, type Layer } from '../network/layer.schema';
import { idCount } from '../preprocess/encoding';
import { TARGET_TASKS } from '../tasks/registry';
import { EngineError } from '../types';
import type { SequenceLayout } from './family';
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
    .max(256)
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
        '(vocabulary, units, spread, padding), columnEmbedding (units), masking, positions (encoding), attention (heads), ' +
        'rnn, lstm and gru (units, returnSequences, bidirectional), add, subtract, multiply, ' +
        'average, maximum, minimum, concatenate (axis). Shapes are without the batch, channels last. ' +
        'reshape to [-1, channels] and masking at the start read the columns in their order, as steps of which those with a ' +
        'missing number do not count; a padding of the embedding says so of ids. columnEmbedding makes each column a step. ' +
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
  tasks: TARGET_TASKS,
  schema,
  searchSpace: { learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 } },
  sequence: ({ layers }) => layoutOf(layers),
  program: networkProgram,
});

/** Of layers that read ids, or begin with steps of which some may be missing; null: columns are features. */
function layoutOf(layers: Layer[]): SequenceLayout | null {
  const embeddings = embeddingsOf(layers);
  if (embeddings.length > 0) {
    const padding = embeddings.find((layer) => layer.padding !== null)?.padding ?? null;
    const most = Math.min(...embeddings.map(({ vocabulary }) => vocabulary));
    const group = { columns: Infinity, parameter: 'layers', most, padding };
    const masks = padding !== null;
    return { channels: 1, keepMissing: masks, ids: [group], ragged: masks && takesAnyLength(layers, 1) };
  }
  const channels = maskedChannels(layers);
  return channels === null ? null : { channels, keepMissing: true, ragged: takesAnyLength(layers, channels) };
}

/** Of a list that begins with a reshape to [steps, channels] and masking; null: it does not. */
function maskedChannels([first, second]: Layer[]): number | null {
  if (first.type !== 'reshape' || first.shape.length !== 2 || second?.type !== 'masking') return null;
  return first.shape[1] > 0 ? first.shape[1] : null;
}

function networkProgram({ layers: declared }: NetworkParameters, dimensions: Dimensions): Program {
  const layers = declared.map((layer, i) => (readsInput(layer, i) ? completed(layer, dimensions) : layer));
  return layeredProgram(layers, dimensions, (fault) => refusal(fault, dimensions.width));
}

/** Embeddings of the columns have a vector for each id of the training rows, and no others; features are of their columns. */
function completed(layer: Layer, { ids, columns }: Dimensions): Layer {
  if (layer.type === 'embedding' && ids) return { ...layer, vocabulary: idCount(ids[0]) };
  if (layer.type === 'columnEmbedding' && columns) return { ...layer, columns: layer.columns ?? [...columns] };
  return layer;
}

function refusal({ i, fault }: PlacedFault, width: number): EngineError {
  const path = ['estimator.parameters.layers', i, ...(fault.field ? [fault.field] : [])].join('.');
  const place = `layers[${i}]${fault.field && `.${fault.field}`}`;
  const hint = i === 0 ? `${fault.hint} The encoded table has ${width} features per row.` : fault.hint;
  return new EngineError(`${place}: ${fault.message}.`, path, hint);
}
