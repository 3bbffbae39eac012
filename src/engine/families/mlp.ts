/** Multi-layer perceptron: dense layers with an activation and dropout between them. */
import { z } from 'zod';
import { ACTIVATIONS, type Activation } from '../layers/dense';
import { supervisedContrast, unitRows } from '../layers/losses';
import type { GivenLayer } from '../network/layer.schema';
import { DENSE_TASKS, learnsNumbers } from '../tasks/registry';
import { isSmall, sizeOf } from './advice';
import { defineGradientFamily } from './training/gradient';
import { layeredProgram } from './training/layered.program';
import { embeddingLossFields } from './training/loss.schema';
import type { Dimensions, Program, TrainingParameters } from './training/program';
import { proposals } from './proposals';
import { classWeightField, trainingFields } from './training/training.schema';

interface MlpParameters extends TrainingParameters {
  hidden: number[];
  activation: Activation;
  dropout: number;
  temperature: number;
}

const schema = z.strictObject({
  hidden: z
    .array(z.int().min(1).max(4096))
    .min(1)
    .max(8)
    .default([128, 64])
    .describe('Units of each hidden layer, from the input to the output.'),
  activation: z.enum(ACTIVATIONS).default('relu').describe('Nonlinearity after each hidden layer.'),
  dropout: z.number().min(0).max(0.9).default(0).describe('Share of hidden units left out at random in each step.'),
  ...classWeightField,
  ...embeddingLossFields,
  ...trainingFields({
    optimizer: 'adam',
    learningRate: 0.003,
    schedule: 'cosine',
    l2: 1e-4,
  }),
}) satisfies z.ZodType<MlpParameters>;

export const mlp = defineGradientFamily<MlpParameters>({
  name: 'mlp',
  title: 'Multi-layer perceptron',
  description: 'A neural network of dense layers: finds curves and interactions that linear models miss.',
  data: 'table',
  tasks: DENSE_TASKS,
  schema,
  searchSpace: {
    hidden: { kind: 'choice', values: [[32], [64], [64, 32], [128, 64], [256, 128]] },
    activation: { kind: 'choice', values: ['relu', 'tanh', 'elu'] },
    dropout: { kind: 'uniform', minimum: 0, maximum: 0.5 },
    learningRate: { kind: 'logUniform', minimum: 3e-4, maximum: 1e-2 },
    l2: { kind: 'logUniform', minimum: 1e-6, maximum: 1e-2 },
  },
  advise: (profile) => {
    const learns = learnsNumbers(profile.task) ? 'the numbers' : 'the classes';
    if (!isSmall(profile)) {
      return { rank: 2, reason: `Finds curves and interactions in ${learns}; ${sizeOf(profile)} can feed it.` };
    }
    const reason = `Finds curves and interactions, but ${profile.rows} rows are few for it: watch the validation scores.`;
    return { rank: 1, reason };
  },
  candidates: (_, rows) => proposals(NETWORKS, rows),
  program: mlpProgram,
});

/**
 * Of growing size, with little and with much regularisation. Rates and penalties were chosen on public sets
 * (docs/decisions/0003-tabular-preprocessing.md).
 */
const NETWORKS = {
  'mlp 64': { hidden: [64], learningRate: 0.002, l2: 0.0003 },
  'mlp 64 dropout': { hidden: [64], dropout: 0.2, learningRate: 0.001, l2: 0.003 },
  'mlp 128-64 dropout': { hidden: [128, 64], dropout: 0.2, learningRate: 0.001, l2: 0.003 },
};

function mlpProgram(settings: MlpParameters, dimensions: Dimensions): Program {
  const { hidden, activation, dropout: rate, loss, temperature } = settings;
  const layers = hidden.flatMap((units): GivenLayer[] => [
    { type: 'dense', units, activation },
    { type: 'dropout', rate },
  ]);
  const program = layeredProgram(layers, dimensions);
  if (loss !== 'contrastive') return program;
  const batchTerm: Program['batchTerm'] = (parameters, { x, y, rowKeys }, counting) =>
    supervisedContrast(unitRows(program.body(parameters, x, rowKeys)), y, temperature, counting);
  return { ...program, batchTerm };
}
