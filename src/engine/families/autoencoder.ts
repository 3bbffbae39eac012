/** Autoencoder: dense layers that write the features anew through a narrow code; rows they write badly are anomalies. */
import { z } from 'zod';
import { ACTIVATIONS, type Activation } from '../layers/dense';
import type { GivenLayer } from '../network/layer.schema';
import { sizeOf } from './advice';
import { defineGradientFamily } from './training/gradient';
import { layeredProgram } from './training/layered.program';
import { numberLossFields } from './training/loss.schema';
import type { Dimensions, Program, TrainingParameters } from './training/program';
import { trainingFields } from './training/training.schema';

interface AutoencoderParameters extends TrainingParameters {
  hidden: number[];
  code: number | null;
  activation: Activation;
  corruption: number;
  contamination: number;
}

const schema = z.strictObject({
  hidden: z
    .array(z.int().min(1).max(4096))
    .max(8)
    .default([64])
    .describe('Units of each layer from the features to the code; the way back has the same in reverse.'),
  code: z
    .int()
    .min(1)
    .max(4096)
    .nullable()
    .default(null)
    .describe('Units of the code, the narrowest layer; null: a third of the encoded features.'),
  activation: z.enum(ACTIVATIONS).default('relu').describe('Nonlinearity after each layer but the last.'),
  corruption: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe(
      'Share of the features hidden at random in each step, which the network has to guess from the others (denoising ' +
        'autoencoder).',
    ),
  contamination: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.01)
    .describe(
      'Share of rows taken for anomalies: the threshold is the error that this share of the validation rows exceeds.',
    ),
  loss: z
    .enum(['mse', 'mae', 'huber'])
    .default('mse')
    .describe(
      'What training minimizes; mae and huber follow odd values less. The error of a row is squared in any case.',
    ),
  huberDelta: numberLossFields.huberDelta,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.003, schedule: 'cosine', l2: 1e-5 }),
}) satisfies z.ZodType<AutoencoderParameters>;

export const autoencoder = defineGradientFamily<AutoencoderParameters>({
  name: 'autoencoder',
  title: 'Autoencoder',
  description:
    'Learns without a target what rows look like, and tells those that look otherwise. A binary target may be named to evaluate by.',
  data: 'table',
  tasks: ['anomaly'],
  schema,
  searchSpace: {
    hidden: { kind: 'choice', values: [[], [32], [64], [128, 64]] },
    corruption: { kind: 'uniform', minimum: 0, maximum: 0.5 },
    learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 },
  },
  advise: (profile) => ({
    rank: 0,
    reason: `Learns what the rows look like, on ${sizeOf(profile)}, and scores how far a row is from that.`,
  }),
  program: autoencoderProgram,
});

function autoencoderProgram(settings: AutoencoderParameters, dimensions: Dimensions): Program {
  const { hidden, activation, corruption: rate } = settings;
  const code = settings.code ?? Math.max(1, Math.round(dimensions.width / 3));
  const sizes = [...hidden, code, ...hidden.toReversed()];
  const layers = sizes.map((units): GivenLayer => ({ type: 'dense', units, activation }));
  return layeredProgram([{ type: 'dropout', rate }, ...layers], { ...dimensions, outputs: dimensions.width });
}
