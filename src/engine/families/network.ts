/** A network given as a list of layers; a dense layer to the classes or the number follows by itself. */
import { z } from 'zod';
import { affine } from '../layers/dense';
import { DENSE_TASKS } from '../task';
import { EngineError } from '../types';
import { defineFamily } from './family';
import { lossFields } from './loss.schema';
import { buildLayer, LayerFault, layerSchema, sizeOf, type Built, type Layer } from './network.layers';
import type { Dimensions, Program, TrainingParameters } from './program';
import { classWeightField, trainingFields } from './training.schema';

interface NetworkParameters extends TrainingParameters {
  layers: Layer[];
}

const schema = z.strictObject({
  layers: z
    .array(layerSchema)
    .min(1)
    .max(64)
    .default([
      { type: 'dense', units: 64, activation: 'relu' },
      { type: 'dense', units: 32, activation: 'relu' },
    ])
    .describe(
      'From the encoded features to the last hidden layer, each { type, … }: dense (units, activation), activation, ' +
        'dropout (rate), layerNormalization, reshape (shape), flatten, conv1d and conv2d (filters, kernelSize, stride, ' +
        'padding, activation), maxPooling2d and averagePooling2d (size), globalAveragePooling. Shapes are without the ' +
        'batch, channels last.',
    ),
  ...lossFields,
  ...classWeightField,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.003, schedule: 'cosine', l2: 1e-4 }),
}) satisfies z.ZodType<NetworkParameters>;

export const network = defineFamily<NetworkParameters>({
  name: 'network',
  title: 'Custom network',
  description: 'A network of your own: a list of layers as data.',
  data: 'any',
  tasks: DENSE_TASKS,
  schema,
  searchSpace: { learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 } },
  program: networkProgram,
});

function networkProgram({ layers }: NetworkParameters, { width, outputs }: Dimensions): Program {
  const built = inferShapes(layers, width);
  const last = sizeOf(built.at(-1)!.shape);
  const limit = Math.sqrt(6 / (last + outputs));
  return {
    parameters: [
      ...built.flatMap(({ parameters }) => parameters),
      { name: 'kernel_output', shape: [last, outputs], limit, penalized: true },
      { name: 'bias_output', shape: [outputs], limit: 0, penalized: false },
    ],
    forward: (parameters, x, rowKeys) => {
      const value = built.reduce((input, layer) => layer.apply(input, parameters, rowKeys), x);
      const flat = buildLayer({ type: 'flatten' }, built.at(-1)!.shape, layers.length).apply(value, parameters, null);
      return affine(flat, parameters.kernel_output, parameters.bias_output);
    },
    random: layers.some((layer) => layer.type === 'dropout' && layer.rate > 0),
    work: built.reduce((sum, { work }) => sum + work, last * outputs),
  };
}

/** Throws EngineError that names the layer whose shape does not fit. */
function inferShapes(layers: Layer[], width: number): Built[] {
  const built: Built[] = [];
  layers.forEach((layer, i) => {
    try {
      built.push(buildLayer(layer, built.at(-1)?.shape ?? [width], i));
    } catch (error) {
      if (!(error instanceof LayerFault)) throw error;
      const path = ['estimator.parameters.layers', i, ...(error.field ? [error.field] : [])].join('.');
      const place = `layers[${i}]${error.field && `.${error.field}`}`;
      const hint = i === 0 ? `${error.hint} The encoded table has ${width} features per row.` : error.hint;
      throw new EngineError(`${place}: ${error.message}.`, path, hint);
    }
  });
  return built;
}
