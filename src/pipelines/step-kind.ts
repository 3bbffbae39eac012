import { registerEnumType } from 'type-graphql';
import { z } from 'zod';
import { AUTO, learnsFeatures, TASKS } from '../engine';

/** The kinds of steps, in the order in which they may follow one another. */
export enum StepKind {
  SELECT_COLUMNS = 'SELECT_COLUMNS',
  SPLIT = 'SPLIT',
  IMPUTE = 'IMPUTE',
  SCALE = 'SCALE',
  ENCODE = 'ENCODE',
  TRAIN = 'TRAIN',
}

registerEnumType(StepKind, {
  name: 'StepKind',
  description: 'What a pipeline step does. Its parameters are described by `stepKinds`.',
  valuesConfig: {
    SELECT_COLUMNS: {
      description: 'Names the target or targets, and the columns to leave out. Every pipeline has one.',
    },
    SPLIT: { description: 'Divides the rows into train, validation and test parts.' },
    IMPUTE: { description: 'Fills missing numbers with a value fitted on the train part.' },
    SCALE: { description: 'Brings numeric columns to a common scale fitted on the train part.' },
    ENCODE: { description: 'Turns text columns into 0/1 features, one per frequent level.' },
    TRAIN: { description: 'Fits a model family, or the best of several.' },
  },
});

const fraction = (what: string) => z.number().gt(0).max(0.5).default(0.2).describe(what);
const TARGETS_MAX = 1000;
const columnName = z.string().min(1).max(500);
const validationFraction = fraction('Share of the rows that are not test rows, above 0, at most 0.5.');

const columns = z.strictObject({
  target: columnName
    .optional()
    .describe('The column to predict. Of the task anomaly a column of two values to evaluate by, or none.'),
  targets: z
    .array(columnName)
    .min(1)
    .max(TARGETS_MAX)
    .optional()
    .describe(
      'In place of target: several columns to predict, with missing values where they are not known. Columns of two ' +
        'values (multilabel), numbers (multi_regression), or the steps of a sequence in order, with one set of labels ' +
        '(sequence_labeling).',
    ),
  drop: z.array(columnName).max(10_000).default([]).describe('Columns the model must not see.'),
  task: z.enum(TASKS).nullable().default(null).describe('Null: decided from the values of the targets.'),
  positiveClass: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Of a target of two values: the one that precision, recall, F1 and the curves are of, and the second of the ' +
        'probabilities. Left out: the affirmative word (yes, true, 1), else the rarer value. Of the task anomaly: what ' +
        'marks an anomaly.',
    ),
});

const selectColumns = columns.superRefine(({ target, targets, task }, context) => {
  const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (target !== undefined && targets) fault('targets', 'is given beside target: give one of the two');
  if (target === undefined && !targets && !(task && learnsFeatures(task))) {
    fault('target', 'is missing: name the column to predict; only the task anomaly needs none');
  }
});

const randomSplit = z.strictObject({
  kind: z.literal('random').describe('Rows are drawn by the seed of the run.'),
  testFraction: fraction('Share of the rows held out for the evaluation, above 0, at most 0.5.'),
  validationFraction,
  stratify: z.boolean().default(true).describe('Keep the shares of the classes equal in all parts.'),
});

const columnSplit = z.strictObject({
  kind: z.literal('column').describe('A column says to which part a row belongs.'),
  column: columnName.describe('Holds train, test and optionally validation in every row.'),
  validationFraction: validationFraction.describe('Used when no row says validation: a share of the train rows.'),
});

const impute = z.strictObject({
  method: z.enum(['median', 'mean', 'zero']).default('median').describe('The fill for missing numbers.'),
  missingIndicator: z.boolean().default(true).describe('Adds a 0/1 feature per column that had missing values.'),
});

const scale = z.strictObject({
  method: z
    .enum(['standard', 'robust', 'minmax', 'none'])
    .default('standard')
    .describe('standard: mean 0, deviation 1; robust: median and quartiles; minmax: 0 to 1.'),
});

const encode = z.strictObject({
  rareFraction: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.005)
    .describe('Levels rarer than this share of the train rows join one level "other", 0 to 0.5.'),
  levelsMax: z.int().min(1).max(1000).default(50).describe('Most levels per column that get a feature, 1 to 1000.'),
});

const trainStep = z.strictObject({
  family: z
    .string()
    .min(1)
    .default(AUTO)
    .describe(
      'A name from `families`; auto trains linear models and networks, and keeps the best on the validation part.',
    ),
  parameters: z.record(z.string(), z.unknown()).default({}).describe('By the `parameterSchema` of the family.'),
});

/** The parameters of each kind, as checked and as published. */
export const STEP_PARAMETERS = {
  SELECT_COLUMNS: selectColumns,
  SPLIT: z.discriminatedUnion('kind', [randomSplit, columnSplit]),
  IMPUTE: impute,
  SCALE: scale,
  ENCODE: encode,
  TRAIN: trainStep,
} satisfies Record<StepKind, z.ZodType>;

export type StepParameters = { [K in StepKind]: z.output<(typeof STEP_PARAMETERS)[`${K}`]> };

/** What a kind does when the pipeline has no step of it. SELECT_COLUMNS has no default: it names the target. */
export const STEP_DEFAULTS: Omit<StepParameters, 'SELECT_COLUMNS'> = {
  SPLIT: randomSplit.parse({ kind: 'random' }),
  IMPUTE: impute.parse({}),
  SCALE: scale.parse({}),
  ENCODE: encode.parse({}),
  TRAIN: trainStep.parse({}),
};

const RANKS: Record<StepKind, number> = { SELECT_COLUMNS: 0, SPLIT: 1, IMPUTE: 2, SCALE: 3, ENCODE: 3, TRAIN: 4 };

/** True when a step of kind `from` may lead to one of kind `to`. Scaling and encoding touch different columns: any order. */
export const mayPrecede = (from: StepKind, to: StepKind): boolean =>
  RANKS[from] < RANKS[to] || (RANKS[from] === RANKS[to] && from !== to);

const TITLES: Record<StepKind, [title: string, description: string]> = {
  SELECT_COLUMNS: ['Select columns', 'Names the target or targets, and the columns to leave out.'],
  SPLIT: ['Split', 'Divides the rows into train, validation and test parts; stratified 80/20 when left out.'],
  IMPUTE: ['Impute', 'Fills missing numbers; the median when left out.'],
  SCALE: ['Scale', 'Brings numbers to a common scale; mean 0 and deviation 1 when left out.'],
  ENCODE: ['Encode', 'Turns text into 0/1 features; rare and unseen levels share one.'],
  TRAIN: ['Train', 'Fits a model family; with the family `auto` when left out.'],
};

export interface StepKindInfo {
  kind: StepKind;
  title: string;
  description: string;
  parameterSchema: Record<string, unknown>;
}

export const STEP_KINDS: StepKindInfo[] = Object.values(StepKind).map((kind) => ({
  kind,
  title: TITLES[kind][0],
  description: TITLES[kind][1],
  parameterSchema: z.toJSONSchema(STEP_PARAMETERS[kind], { io: 'input' }) as Record<string, unknown>,
}));
