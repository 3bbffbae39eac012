/** Convolutional network over series. */
import { z } from 'zod';
import { TARGET_TASKS } from '../../tasks/registry';
import { EngineError } from '../../types';
import { forSteps } from '../advice';
import { convolutionFields, convolutionProgram, type ConvolutionParameters, type Shape } from './convolution';
import { defineGradientFamily } from '../training/gradient';
import { lossFields } from '../training/loss.schema';
import { classWeightField, trainingFields } from '../training/training.schema';

interface Cnn1dParameters extends ConvolutionParameters {
  channels: number;
}

const schema = z.strictObject({
  channels: z
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .describe('Numbers per step of the series; each row holds one series, step by step, its channels side by side.'),
  ...convolutionFields({ filters: [16, 32], dropout: 0, kernelSize: [7, 5], globalPooling: 'average', hidden: [] }),
  ...classWeightField,
  ...lossFields,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.002, schedule: 'cosine', l2: 1e-4 }),
}) satisfies z.ZodType<Cnn1dParameters>;

export const cnn1d = defineGradientFamily<Cnn1dParameters>({
  name: 'cnn1d',
  title: 'Convolutional network for series',
  description: 'Finds short patterns wherever they are in a series, and patterns of these. Takes one series per row.',
  data: 'sequence',
  tasks: TARGET_TASKS,
  schema,
  searchSpace: {
    filters: { kind: 'choice', values: [[16], [16, 32], [32, 64], [32, 64, 64]] },
    kernelSize: { kind: 'choice', values: [[3], [5], [7, 5], [9, 5, 3]] },
    dropout: { kind: 'uniform', minimum: 0, maximum: 0.5 },
    learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 },
    l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1e-2 },
  },
  advise: forSteps(1),
  sequence: ({ channels }) => ({ channels, keepMissing: false }),
  program: (parameters, dimensions) =>
    convolutionProgram(parameters, shapeOf(parameters, dimensions.width), dimensions),
});

function shapeOf({ channels }: Cnn1dParameters, width: number): Shape {
  if (width % channels === 0) return [1, width / channels, channels];
  throw new EngineError(
    `A row has ${width} features, which is not a whole number of steps of ${channels} channels.`,
    'estimator.parameters.channels',
    'Give a number of channels that divides the number of feature columns.',
  );
}
