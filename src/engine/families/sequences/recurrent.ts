/** Recurrent networks over sequences of numbers: Elman network, LSTM and GRU, one or both ways, with a dense head. */
import { z } from 'zod';
import type { CellName } from '../../layers/recurrent/cells';
import type { GivenLayer } from '../../network/layer.schema';
import { TARGET_TASKS } from '../../tasks/registry';
import { forSteps } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { layeredProgram } from '../training/layered.program';
import { lossFields } from '../training/loss.schema';
import { labelsEachStep, stepsOf } from './labeling';
import type { Dimensions, Program, TrainingParameters } from '../training/program';
import { classWeightField, trainingFields } from '../training/training.schema';

interface RecurrentParameters extends TrainingParameters {
  channels: number;
  ragged: boolean;
  units: number;
  layers: number;
  bidirectional: boolean;
  pooling: 'last' | 'mean';
  dropout: number;
}

const training = trainingFields({ optimizer: 'adam', learningRate: 0.003, schedule: 'cosine', l2: 0 });

const schema = z.strictObject({
  channels: z
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .describe('Numbers per step: a row holds the channels of the first step side by side, then those of the second.'),
  ragged: z
    .boolean()
    .default(true)
    .describe(
      'Whether sequences differ in length: a step with a missing number is padding and leaves the state as it is. false ' +
        'trains faster and takes no missing numbers.',
    ),
  units: z.int().min(1).max(1024).default(64).describe('Size of the state of each layer and direction.'),
  layers: z.int().min(1).max(3).default(1).describe('Recurrent layers; each reads the outputs of the one before.'),
  bidirectional: z
    .boolean()
    .default(false)
    .describe('Whether each layer also reads from the last step to the first, with weights of its own.'),
  pooling: z
    .enum(['last', 'mean'])
    .default('last')
    .describe(
      'What the head sees: the state after the last step that counts, or the mean of the outputs. Unused where each step ' +
        'has a label of its own.',
    ),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('Share of units left out at random between layers and before the head, the same ones in every step.'),
  ...classWeightField,
  ...lossFields,
  ...training,
  // Gradients through many steps now and then explode (Pascanu et al. 2013).
  clipNorm: training.clipNorm.unwrap().default(5).describe(training.clipNorm.description!),
}) satisfies z.ZodType<RecurrentParameters>;

function recurrent(name: CellName, rank: number, title: string, description: string) {
  return defineGradientFamily<RecurrentParameters>({
    name,
    title,
    description,
    data: 'sequence',
    tasks: TARGET_TASKS,
    schema,
    searchSpace: {
      units: { kind: 'choice', values: [32, 64, 128] },
      layers: { kind: 'choice', values: [1, 2] },
      bidirectional: { kind: 'choice', values: [false, true] },
      pooling: { kind: 'choice', values: ['last', 'mean'] },
      dropout: { kind: 'uniform', minimum: 0, maximum: 0.5 },
      learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 },
    },
    advise: forSteps(rank),
    sequence: ({ channels, ragged }) => ({
      channels,
      keepMissing: ragged,
      ragged,
    }),
    program: (parameters, dimensions) => recurrentProgram(name, parameters, dimensions),
  });
}

export const rnn = recurrent(
  'rnn',
  0,
  'Recurrent network',
  'Reads a sequence of numbers step by step (Elman network). Small; for short sequences.',
);
export const lstm = recurrent(
  'lstm',
  3,
  'Long short-term memory',
  'Reads a sequence of numbers step by step, with gates that keep what matters over long stretches.',
);
export const gru = recurrent(
  'gru',
  4,
  'Gated recurrent unit',
  'Reads a sequence of numbers step by step; gated as the LSTM is, with fewer weights.',
);

function recurrentProgram(cell: CellName, settings: RecurrentParameters, dimensions: Dimensions): Program {
  const steps = stepsOf(dimensions.width, settings.channels);
  return layeredProgram(layersOver(cell, settings, labelsEachStep(dimensions, steps)), dimensions);
}

/** `labeling`: each step gets an answer of its own, so that nothing is pooled. */
function layersOver(type: CellName, settings: RecurrentParameters, labeling: boolean): GivenLayer[] {
  const { channels, ragged, units, layers, dropout: rate } = settings;
  const bidirectional = settings.bidirectional ? 'concatenate' : 'none';
  const pooling = labeling ? 'none' : settings.pooling;
  const recurrences = Array.from({ length: layers }, (_, i): GivenLayer[] => {
    const returnSequences = i < layers - 1 || pooling !== 'last';
    return [
      { type, units, bidirectional, returnSequences },
      { type: 'dropout', rate, spatial: true },
    ];
  });
  const list: (GivenLayer | false)[] = [
    { type: 'reshape', shape: [-1, channels] },
    ragged && { type: 'masking' },
    ...recurrences.flat(),
    pooling === 'mean' && { type: 'globalAveragePooling' },
  ];
  return list.filter((layer) => layer !== false);
}
