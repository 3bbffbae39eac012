/** What cnn1d and cnn2d share: blocks of convolution, normalization and pooling under a dense head. */
import { add, reshape, tile, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { batchNormalization, convolve, flatten, pool, POOLINGS, type Pooling } from '../../layers/convolution';
import { ACTIVATIONS, activate, affine, type Activation } from '../../layers/dense';
import { dropout } from '../../layers/dropout';
import { EngineError } from '../../types';
import { stepsToLabel } from '../sequences/labeling';
import { stackSpecs } from '../training/dense.specs';
import type { ParameterSpec, Updates } from '../../layers/parameters';
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

/** One convolution with its input, filter size and the window pooled after it; null: none. */
interface Block {
  input: Shape;
  filters: number;
  kernel: [number, number];
  pooling: Pooling;
  window: [number, number];
}

/** A network over rows that hold one image of this shape each, row by row, channels last. */
export function convolutionProgram(given: ConvolutionParameters, shape: Shape, dimensions: Dimensions): Program {
  const labeling = stepsToLabel(dimensions, shape[1]);
  const parameters: ConvolutionParameters = labeling ? { ...given, pooling: 'none', globalPooling: 'none' } : given;
  const { blocks, output } = planBlocks(parameters, shape);
  const features = labeling ? output[2] : output.reduce((a, b) => a * b, 1);
  const sizes = [features, ...parameters.hidden, dimensions.outputs];
  const specs = [...blocks.flatMap((block, i) => blockSpecs(parameters, block, i)), ...stackSpecs(sizes)];
  const dense = sizes.slice(1).reduce((sum, units, i) => sum + sizes[i] * units, 0);
  return {
    parameters: specs,
    forward: (values, x, rowKeys, updates) => {
      let image: Tensor = reshapeRows(x, shape);
      blocks.forEach((block, i) => (image = applyBlock(parameters, block, i, { values, image, updates })));
      if (!labeling) return head(parameters, sizes.length - 1, { values, features: flatten(image), rowKeys });
      const steps = reshape(image, [-1, features]);
      const logits = head(parameters, sizes.length - 1, { values, features: steps, rowKeys, steps: shape[1] });
      return reshape(logits, [x.shape[0]!, shape[1], dimensions.outputs]);
    },
    random: parameters.dropout > 0,
    work: blocks.reduce((sum, block) => sum + workOf(block), dense),
  };
}

const reshapeRows = (x: Tensor, shape: Shape) => reshape(x, [x.shape[0]!, ...shape]);

function planBlocks(parameters: ConvolutionParameters, shape: Shape): { blocks: Block[]; output: Shape } {
  const { filters, kernelSize, poolSize, globalPooling } = parameters;
  let input = shape;
  const blocks = filters.map((count, i): Block => {
    const [height, width] = input;
    const along = (axis: number, size: number) => (shape[axis] === 1 ? 1 : size);
    const last = i === filters.length - 1 && globalPooling !== 'none';
    const pooling = last ? globalPooling : parameters.pooling;
    const size = kernelSize[Math.min(i, kernelSize.length - 1)];
    const window: [number, number] = last ? [height, width] : [along(0, poolSize), along(1, poolSize)];
    const block = {
      input,
      filters: count,
      kernel: [along(0, size), along(1, size)] as [number, number],
      pooling,
      window,
    };
    if (pooling !== 'none') checkWindow(block, i);
    const after = (axis: 0 | 1) => (pooling === 'none' ? input[axis] : Math.floor(input[axis] / window[axis]));
    input = [after(0), after(1), count];
    return block;
  });
  return { blocks, output: input };
}

function checkWindow({ input: [height, width], window }: Block, i: number): void {
  if (height >= window[0] && width >= window[1]) return;
  throw new EngineError(
    `After ${i} poolings ${height}×${width} are left: too few to pool by ${window.join('×')} once more.`,
    'estimator.parameters.poolSize',
    `Use a smaller poolSize, at most ${i} filters, or pooling none.`,
  );
}

const workOf = ({ input: [height, width, channels], filters, kernel }: Block) =>
  height * width * channels * filters * kernel[0] * kernel[1];

const projects = ({ residual }: ConvolutionParameters, { input, filters }: Block) => residual && input[2] !== filters;

/** He et al. 2015. Moving averages start as those of normalized data. */
function blockSpecs(parameters: ConvolutionParameters, block: Block, i: number): ParameterSpec[] {
  const { kernel, filters } = block;
  const channels = block.input[2];
  const vector = (name: string, start = 0) => ({ name, shape: [filters], limit: 0, start, penalized: false });
  return [
    {
      name: `filter_${i}`,
      shape: [...kernel, channels, filters],
      limit: Math.sqrt(6 / (kernel[0] * kernel[1] * channels)),
      penalized: true,
    },
    ...(projects(parameters, block)
      ? [
          {
            name: `projection_${i}`,
            shape: [1, 1, channels, filters],
            limit: Math.sqrt(3 / channels),
            penalized: true,
          },
        ]
      : []),
    ...(parameters.batchNormalization
      ? [
          vector(`norm_${i}_scale`, 1),
          vector(`norm_${i}_offset`),
          vector(`norm_${i}_mean`),
          vector(`norm_${i}_variance`, 1),
        ]
      : [vector(`filter_bias_${i}`)]),
  ];
}

interface State {
  values: Record<string, Tensor>;
  image: Tensor;
  updates: Updates | undefined;
}

/**
 * A bias and an increasing activation give the same before and after taking a maximum; after it there is less to compute.
 */
function applyBlock(parameters: ConvolutionParameters, block: Block, i: number, state: State): Tensor {
  const { values, image, updates } = state;
  const { pooling, window } = block;
  const first = pooling === 'max';
  const bias = values[`filter_bias_${i}`] as Tensor | undefined;
  let y = convolve(image, values[`filter_${i}`], first ? undefined : bias);
  if (parameters.batchNormalization) y = normalize(y, values, `norm_${i}`, updates);
  if (parameters.residual) {
    y = add(y, projects(parameters, block) ? convolve(image, values[`projection_${i}`]) : image);
  }
  if (first) y = pool(y, 'max', window);
  if (first && bias) y = add(y, bias);
  y = activate(y, parameters.activation);
  return first ? y : pool(y, pooling, window);
}

interface HeadInput {
  values: Record<string, Tensor>;
  /** [batch · steps, units]. */
  features: Tensor;
  rowKeys: Tensor | null;
  steps?: number;
}

/** The same units are left out in all steps of a row. */
const keysOfSteps = (rowKeys: Tensor, steps: number) =>
  reshape(tile(reshape(rowKeys, [-1, 1]), [1, steps]), [rowKeys.shape[0]! * steps]);

const EPSILON = 1e-3;
/** Share of the moving averages that a step keeps. */
const MOMENTUM = 0.9;

function normalize(y: Tensor, values: State['values'], prefix: string, updates: Updates | undefined): Tensor {
  const [mean, variance] = [`${prefix}_mean`, `${prefix}_variance`];
  const vectors = {
    ...{ scale: values[`${prefix}_scale`], offset: values[`${prefix}_offset`] },
    ...{ mean: values[mean], variance: values[variance] },
  };
  const moving = updates && {
    momentum: MOMENTUM,
    keep: (nextMean: Tensor, nextVariance: Tensor) => {
      updates[mean] = nextMean;
      updates[variance] = nextVariance;
    },
  };
  return batchNormalization(y, vectors, EPSILON, moving);
}

function head(
  { activation, dropout: rate }: ConvolutionParameters,
  layers: number,
  { values, features, rowKeys, steps = 1 }: HeadInput,
): Tensor {
  let y = features;
  for (let i = 0; i < layers; i++) {
    if (rowKeys && rate > 0) y = dropout(y, rate, steps > 1 ? keysOfSteps(rowKeys, steps) : rowKeys, i);
    y = affine(y, values[`kernel_${i}`], values[`bias_${i}`]);
    if (i < layers - 1) y = activate(y, activation);
  }
  return y;
}
