/** Transformer encoder over tokens, number sequences, or the columns of a table, each a token. */
import { z } from 'zod';
import type { GivenLayer } from '../../network/layer.schema';
import { TARGET_TASKS } from '../../tasks/registry';
import { EngineError } from '../../types';
import { forSteps } from '../advice';
import { defineGradientFamily } from '../training/gradient';
import { idCountOf, idField } from '../by-id/ids.schema';
import { layeredProgram } from '../training/layered.program';
import { labelsEachStep, stepsOf } from './labeling';
import { lossFields } from '../training/loss.schema';
import type { Dimensions, Program, TrainingParameters } from '../training/program';
import { classWeightField, trainingFields } from '../training/training.schema';

interface TransformerParameters extends TrainingParameters {
  input: 'table' | 'tokens' | 'sequence';
  vocabulary: number | null;
  padding: number | null;
  channels: number;
  positions: 'learned' | 'sinusoidal' | 'none';
  width: number;
  heads: number;
  feed: number;
  layers: number;
  normalization: 'before' | 'after';
  dropout: number;
}

const schema = z.strictObject({
  input: z
    .enum(['table', 'tokens', 'sequence'])
    .default('table')
    .describe(
      'What a row is: columns of a table, each a step of its own; token ids, one per step; numbers in the order of steps.',
    ),
  vocabulary: idField('Tokens, where they are the input'),
  padding: z
    .int()
    .nullable()
    .default(0)
    .describe('Token id of steps that do not count, as those that are missing; null: all count. Tokens input only.'),
  channels: z
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .describe('Numbers per step, side by side; sequence input only. A step with a missing number does not count.'),
  positions: z
    .enum(['learned', 'sinusoidal', 'none'])
    .default('learned')
    .describe('How the network tells steps apart; table input needs no positions and ignores it.'),
  width: z.int().min(2).max(2048).default(64).describe('Units per step; a multiple of the heads.'),
  heads: z.int().min(1).max(64).default(4).describe('Attention heads.'),
  feed: z.int().min(1).max(8192).default(128).describe('Units of the feed-forward layer inside each block.'),
  layers: z.int().min(1).max(24).default(2).describe('Encoder blocks.'),
  normalization: z
    .enum(['before', 'after'])
    .default('before')
    .describe(
      'Layer normalization before attention and feed-forward layer, which trains more steadily, or after them.',
    ),
  dropout: z.number().min(0).max(0.9).default(0.1).describe('Share of units left out at random in each step.'),
  ...classWeightField,
  ...lossFields,
  ...trainingFields({ optimizer: 'adam', learningRate: 0.001, schedule: 'cosine', l2: 0 }),
}) satisfies z.ZodType<TransformerParameters>;

export const transformer = defineGradientFamily<TransformerParameters>({
  name: 'transformer',
  title: 'Transformer encoder',
  description: 'Attention relates every step to every other: for texts as token ids, number sequences and tables.',
  data: 'any',
  tasks: TARGET_TASKS,
  schema,
  searchSpace: {
    width: { kind: 'choice', values: [32, 64, 128] },
    layers: { kind: 'choice', values: [1, 2, 3] },
    dropout: { kind: 'uniform', minimum: 0, maximum: 0.3 },
    learningRate: { kind: 'logUniform', minimum: 1e-4, maximum: 3e-3 },
  },
  advise: forSteps(2),
  sequence: ({ input, channels, padding, vocabulary }) => {
    if (input === 'table') return null;
    if (input === 'sequence') return { channels, keepMissing: true, ragged: true };
    const most = { parameter: 'vocabulary', most: vocabulary, formerCount: vocabulary };
    return { channels: 1, keepMissing: true, ids: [{ columns: Infinity, ...most, padding }], ragged: padding !== null };
  },
  program: transformerProgram,
});

function transformerProgram(settings: TransformerParameters, dimensions: Dimensions): Program {
  checkHeads(settings);
  const { input, layers, normalization, dropout: rate } = settings;
  const { read, steps } = READ[input](settings, dimensions);
  const labeling = labelsEachStep(dimensions, steps);
  const parts = Array.from({ length: layers }, () => [attention(settings), feed(settings)]).flat();
  const list: (GivenLayer | false)[] = [
    ...read,
    { type: 'dropout', rate, name: nameOf(0) },
    ...parts.flatMap((part, i) => RESIDUAL[normalization](part, { type: 'dropout', rate, name: `part_${i}` }, i)),
    normalization === 'before' && { type: 'layerNormalization' },
    !labeling && { type: 'globalAveragePooling' },
  ];
  return layeredProgram(
    list.filter((layer) => layer !== false),
    dimensions,
  );
}

function checkHeads({ width, heads }: TransformerParameters): void {
  if (width % heads === 0) return;
  const hint = `Choose ${heads * Math.ceil(width / heads)}, or another number of heads.`;
  throw new EngineError(`${width} units cannot be divided among ${heads} heads.`, 'estimator.parameters.width', hint);
}

/** From a row to steps of `width` units, and how many these are; null where a row has none to label. */
type Read = (settings: TransformerParameters, dimensions: Dimensions) => { read: GivenLayer[]; steps: number | null };

const READ: Record<TransformerParameters['input'], Read> = {
  table: ({ width: units }, { columns }) => ({
    ...{ read: [{ type: 'columnEmbedding', units, columns: columns ? [...columns] : null }], steps: null },
  }),
  tokens: (settings, { width: steps, ids }) => {
    const { width: units, vocabulary: most, padding } = settings;
    const { ids: vocabulary } = idCountOf(ids?.[0], 'vocabulary', most);
    return { read: [{ type: 'embedding', vocabulary, units, spread: 1, padding }, ...positionsOf(settings)], steps };
  },
  sequence: (settings, { width: features }) => {
    const { width: units, channels } = settings;
    const read: GivenLayer[] = [
      { type: 'reshape', shape: [-1, channels] },
      { type: 'masking' },
      { type: 'dense', units, initializer: 'glorot' },
    ];
    return { read: [...read, ...positionsOf(settings)], steps: stepsOf(features, channels) };
  },
};

const positionsOf = ({ positions: encoding }: TransformerParameters): GivenLayer[] =>
  encoding === 'none' ? [] : [{ type: 'positions', encoding }];

const attention = ({ heads }: TransformerParameters): GivenLayer[] => [{ type: 'attention', heads }];

const feed = ({ feed: units, width }: TransformerParameters): GivenLayer[] => [
  { type: 'dense', units, activation: 'relu', initializer: 'glorot' },
  { type: 'dense', units: width, initializer: 'glorot' },
];

/** What part `i` reads and is added to; the parts of a block are its attention and its feed-forward layer. */
const nameOf = (i: number) => `value_${i}`;

type Residual = (part: GivenLayer[], dropout: GivenLayer & { name: string }, i: number) => GivenLayer[];

/** Normalized before each part (Xiong et al. 2020), or after it (Vaswani et al. 2017). */
const RESIDUAL: Record<TransformerParameters['normalization'], Residual> = {
  before: (part, dropout, i) => [
    { type: 'layerNormalization' },
    ...part,
    dropout,
    { type: 'add', from: [nameOf(i), dropout.name], name: nameOf(i + 1) },
  ],
  after: (part, dropout, i) => [
    ...part,
    dropout,
    { type: 'add', from: [nameOf(i), dropout.name] },
    { type: 'layerNormalization', name: nameOf(i + 1) },
  ],
};
