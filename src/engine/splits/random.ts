import { z } from 'zod';
import { FIELDS, type SplitKind } from './definition';
import { dealRows } from './folds';
import { holdOut, strataOf } from './hold-out';

export const random: SplitKind<'random'> = {
  parameters: z.strictObject({
    kind: z.literal('random').describe('Rows are drawn by the seed of the run.'),
    testFraction: FIELDS.testFraction,
    validationFraction: FIELDS.validationFraction,
    stratify: FIELDS.stratify.describe('Keep the shares of the classes equal in all parts.'),
  }),
  divide({ options, target, random: drawn }) {
    const strata = strataOf(target, options.stratify);
    const [rest, test] = holdOut(target.rows, strata, options.testFraction, drawn);
    const [train, validation] = holdOut(rest, strata, options.validationFraction, drawn);
    return { train, validation, test };
  },
  folds: ({ options, target, random: drawn }, rows, count) =>
    dealRows(rows, strataOf(target, options.stratify), count, drawn),
};
