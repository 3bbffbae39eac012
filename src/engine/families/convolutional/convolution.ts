/** What cnn1d and cnn2d share: blocks of convolution, normalization and pooling under dense layers. */
import { z } from 'zod';
import { POOLINGS, type Pooling } from '../../layers/convolution';
import { ACTIVATIONS, type Activation } from '../../layers/dense';
import type { GivenLayer } from '../../network/layer.schema';
import { EngineError } from '../../types';
import { labelsEachStep } from '../sequences/labeling';
import { layeredProgram } from '../training/layered.program';
import type { Dimensions, Program, TrainingParameters } from '../training/program';

export interface ConvolutionParameters extends TrainingParameters {
  filters: number[];
  kernelSize: number[];
  pooling: Pooling;
  poolSize: number;
  globalPooling: Pooling;
  batchNormalization: boolean;
  residual: boolean;
  activation: Activation;
  hidden: number[];
  dropout: number;
}

type Defaults = Pick<ConvolutionParameters, 'filters' | 'kernelSize' | 'globalPooling' | 'hidden' | 'dropout'>;

export function convolutionFields(defaults: Defaults) {
  return {
    filters: z
      .array(z.int().min(1).max(1024))
      .min(1)
      .max(16)
      .default(defaults.filters)
      .describe('Filters of each convolution, from the input to the output.'),
    kernelSize: z
      .array(z.int().min(1).max(64))
      .min(1)
      .max(16)
      .default(defaults.kernelSize)
      .describe('Width of the filters of each convolution; the last one goes for all that follow.'),
    pooling: z
      .enum(POOLINGS)
      .default('max')
      .describe('How neighbours are joined after each convolution; none keeps them all.'),
    poolSize: z.int().min(2).max(64).default(2).describe('How many neighbours pooling joins along each axis.'),
    globalPooling: z
      .enum(POOLINGS)
      .default(defaults.globalPooling)
      .describe(
        'Joins all that is left of each filter into one number, in place of the pooling after the last convolution: ' +
          'where a pattern is found no longer matters. none keeps the places, as does a task with a label for each step, ' +
          'which pools nothing.',
      ),
    batchNormalization: z
      .boolean()
      .default(true)
      .describe('Normalizes each filter over the batch, and by moving averages when serving.'),
    residual: z
      .boolean()
      .default(false)
      .describe('Adds what went into a convolution to what comes out: makes deep networks trainable.'),
    activation: z.enum(ACTIVATIONS).default('relu').describe('Nonlinearity after each convolution and hidden layer.'),
    hidden: z
      .array(z.int().min(1).max(4096))
      .max(8)
      .default(defaults.hidden)
      .describe('Units of each dense layer between the convolutions and the output.'),
    dropout: z
      .number()
      .min(0)
      .max(0.9)
      .default(defaults.dropout)
      .describe('Share of the features and hidden units of the dense layers left out at random in each step.'),
  };
}

/** Height, width and channels. */
export type Shape = [number, number, number];

/** A network over rows that hold one image of this shape each, row by row, channels last; a series has height one. */
export const convolutionProgram = (parameters: ConvolutionParameters, shape: Shape, dimensions: Dimensions): Program =>
  layeredProgram(layersOver(parameters, shape, labelsEachStep(dimensions, shape[1])), dimensions);

/** `labeling`: each step of a series gets an answer of its own, so that nothing is pooled. */
function layersOver(settings: ConvolutionParameters, shape: Shape, labeling: boolean): GivenLayer[] {
  const parameters: ConvolutionParameters = labeling
    ? { ...settings, pooling: 'none', globalPooling: 'none' }
    : settings;
  const { filters, hidden, activation, dropout: rate } = parameters;
  const dropout: GivenLayer = { type: 'dropout', rate, spatial: labeling };
  return [
    { type: 'reshape', shape, name: nameOf(-1) },
    ...blocksOver(parameters, shape).flatMap((block, i) => blockLayers(parameters, block, i)),
    ...(labeling ? stepsOf(shape[1], filters.at(-1)!) : CHANNELS_FIRST),
    ...hidden.flatMap((units): GivenLayer[] => [dropout, { type: 'dense', units, activation }]),
    dropout,
  ];
}

const stepsOf = (...shape: number[]): GivenLayer[] => [{ type: 'reshape', shape }];

/** The recorder keeps images with their channels first: to flatten them so moves nothing. */
const CHANNELS_FIRST: GivenLayer[] = [{ type: 'permute', axes: [3, 1, 2] }, { type: 'flatten' }];

/** One convolution with its input, filter size and the window pooled after it. */
interface Block {
  input: Shape;
  filters: number;
  kernelSize: [number, number];
  pooling: Pooling;
  window: [number, number];
}

function blocksOver(parameters: ConvolutionParameters, shape: Shape): Block[] {
  const { filters, kernelSize, poolSize, globalPooling } = parameters;
  const along = (size: number): [number, number] => [shape[0] === 1 ? 1 : size, shape[1] === 1 ? 1 : size];
  let input = shape;
  return filters.map((count, i) => {
    const [height, width] = input;
    const whole = i === filters.length - 1 && globalPooling !== 'none';
    const pooling = whole ? globalPooling : parameters.pooling;
    const window: [number, number] = whole ? [height, width] : along(poolSize);
    const size = kernelSize[Math.min(i, kernelSize.length - 1)];
    const block = { input, filters: count, kernelSize: along(size), pooling, window };
    if (pooling === 'none') input = [height, width, count];
    else {
      checkWindow(block, i);
      input = [Math.floor(height / window[0]), Math.floor(width / window[1]), count];
    }
    return block;
  });
}

function checkWindow({ input: [height, width], window }: Block, i: number): void {
  if (height >= window[0] && width >= window[1]) return;
  throw new EngineError(
    `After ${i} poolings ${height}×${width} are left: too few to pool by ${window.join('×')} once more.`,
    'estimator.parameters.poolSize',
    `Use a smaller poolSize, at most ${i} filters, or pooling none.`,
  );
}

/** Share of the moving averages that a step keeps. */
const MOMENTUM = 0.9;

const nameOf = (i: number) => (i < 0 ? 'image' : `block_${i}`);

/**
 * A bias and an increasing activation give the same before and after taking a maximum; after it there is less to compute.
 */
function blockLayers(parameters: ConvolutionParameters, block: Block, i: number): GivenLayer[] {
  const { batchNormalization, activation } = parameters;
  const { filters, kernelSize, pooling, window: size } = block;
  const first = pooling === 'max';
  const bias = !batchNormalization && !first;
  const [conv, norm] = [`conv_${i}`, `norm_${i}`];
  const list: (GivenLayer | false)[] = [
    { type: 'conv2d', name: conv, filters, kernelSize, padding: 'same', bias },
    projects(parameters, block) && projection(block, i),
    batchNormalization && { type: 'batchNormalization', name: norm, from: [conv], momentum: MOMENTUM },
    parameters.residual && {
      type: 'add',
      from: [batchNormalization ? norm : conv, projects(parameters, block) ? `projection_${i}` : nameOf(i - 1)],
    },
    first && { type: 'maxPooling2d', size },
    first && !batchNormalization && { type: 'bias' },
    { type: 'activation', activation },
    pooling === 'average' && { type: 'averagePooling2d', size },
  ];
  return named(
    list.filter((layer) => layer !== false),
    nameOf(i),
  );
}

const named = (layers: GivenLayer[], name: string) => layers.with(-1, { ...layers.at(-1)!, name });

const projects = ({ residual }: ConvolutionParameters, { input, filters }: Block) => residual && input[2] !== filters;

/** Brings what went into a block to the channels of what comes out. */
const projection = ({ filters }: Block, i: number): GivenLayer => ({
  ...{ type: 'conv2d', name: `projection_${i}`, from: [nameOf(i - 1)], filters, kernelSize: 1 },
  ...{ bias: false, initializer: 'lecun' },
});
