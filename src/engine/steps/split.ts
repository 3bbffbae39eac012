import { z } from 'zod';
import { defineStep } from './definition';
import { columnName } from './fields';

const fraction = (what: string) => z.number().gt(0).max(0.5).default(0.2).describe(what);
const validationFraction = fraction('Share of the rows that are not test rows, above 0, at most 0.5.');

const random = z.strictObject({
  kind: z.literal('random').describe('Rows are drawn by the seed of the run.'),
  testFraction: fraction('Share of the rows held out for the evaluation, above 0, at most 0.5.'),
  validationFraction,
  stratify: z.boolean().default(true).describe('Keep the shares of the classes equal in all parts.'),
});

const column = z.strictObject({
  kind: z.literal('column').describe('A column says to which part a row belongs.'),
  column: columnName.describe('Holds train, test and optionally validation in every row.'),
  validationFraction: validationFraction.describe('Used when no row says validation: a share of the train rows.'),
});

export const split = defineStep({
  kind: 'SPLIT',
  title: 'Split',
  summary: 'Divides the rows into train, validation and test parts.',
  description: 'Divides the rows into train, validation and test parts; stratified 80/20 when left out.',
  stage: 'rows',
  rank: 1,
  parameters: z.discriminatedUnion('kind', [random, column]),
  absent: () => random.parse({ kind: 'random' }),
  says: (options) => ({ split: options }),
  places: { split: '' },
});
