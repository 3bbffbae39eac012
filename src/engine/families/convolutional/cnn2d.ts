/** Convolutional network over images. */
import { z } from 'zod';
import { DENSE_TASKS } from '../../tasks/registry';
import { EngineError } from '../../types';
import { convolutionFields, convolutionProgram, type ConvolutionParameters, type Shape } from './convolution';
import { defineGradientFamily } from '../training/gradient';
import { lossFields } from '../training/loss.schema';
import { classWeightField, trainingFields } from '../training/training.schema';

interface Cnn2dParameters extends ConvolutionParameters {
  shape: Shape | null;
}

const schema = z.strictObject({
  shape: z
    .tuple([z.int().min(1).max(8192), z.int().min(1).max(8192), z.int().min(1).max(64)])
    .nullable()
    .default(null)
    .describe(
      'Height, width and channels of the images; each row holds one, row of pixels by row of pixels, the channels of a ' +
        'pixel side by side. null: square images of one channel.',
    ),
  ...convolutionFields({ filters: [32, 32], kernelSize: [3], globalPooling: 'none', hidden: [64], dropout: 0.4 }),
  ...classWeightField,
  ...lossFields,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.002, schedule: 'cosine', l2: 1e-4 }),
}) satisfies z.ZodType<Cnn2dParameters>;

export const cnn2d = defineGradientFamily<Cnn2dParameters>({
  name: 'cnn2d',
  title: 'Convolutional network for images',
  description: 'Finds small patterns wherever they are in an image, and patterns of these. Takes one image per row.',
  data: 'image',
  tasks: DENSE_TASKS,
  schema,
  searchSpace: {
    filters: { kind: 'choice', values: [[16], [16, 32], [32, 64], [32, 32, 64]] },
    pooling: { kind: 'choice', values: ['max', 'average'] },
    dropout: { kind: 'uniform', minimum: 0, maximum: 0.5 },
    learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 },
    l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1e-2 },
  },
  sequence: ({ shape }) => ({ channels: shape?.[2] ?? 1, keepMissing: false }),
  program: (parameters, dimensions) =>
    convolutionProgram(parameters, shapeOf(parameters, dimensions.width), dimensions),
});

function shapeOf({ shape }: Cnn2dParameters, width: number): Shape {
  const side = Math.sqrt(width);
  if (shape === null && Number.isInteger(side)) return [side, side, 1];
  if (shape !== null && shape.reduce((a, b) => a * b, 1) === width) return shape;
  throw new EngineError(
    shape === null
      ? `A row has ${width} features, which make no square image.`
      : `An image of shape ${shape.join(' × ')} has ${shape.reduce((a, b) => a * b, 1)} values; a row has ${width} features.`,
    'estimator.parameters.shape',
    'Give height, width and channels whose product is the number of feature columns.',
  );
}
