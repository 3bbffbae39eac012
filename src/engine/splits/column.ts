import { z } from 'zod';
import { shown } from '../../formats';
import { EngineError, type Column, type Split } from '../types';
import { FIELDS, type SplitKind } from './definition';
import { dealRows } from './folds';
import { holdOut, strataOf } from './hold-out';

/** The words of well-known data sets. */
const WORDS = new Map<string, Split>([
  ['train', 'train'],
  ['test', 'test'],
  ...['validation', 'val', 'valid', 'dev', 'eval'].map((word) => [word, 'validation'] as const),
]);

export const column: SplitKind<'column'> = {
  parameters: z.strictObject({
    kind: z.literal('column').describe('A column says to which part a row belongs.'),
    column: FIELDS.column.describe(
      'Holds train, test and optionally validation in every row, in any case; val, valid, dev and eval are validation.',
    ),
    validationFraction: FIELDS.validationFraction.describe(
      'Used when no row says validation: a share of the train rows.',
    ),
  }),
  column: { holds: 'train and test', leftOut: 'It holds the split.', isKnownLater: false },
  keepsHistories: () => true,
  divide({ options, target, column: words, random, numberOf }) {
    const part = readParts(words!, target.rows, numberOf);
    const of = (split: Split): Uint32Array => target.rows.filter((_, i) => part[i] === split);
    const parts = { train: of('train'), validation: of('validation'), test: of('test') };
    if (parts.validation.length > 0) return parts;
    const [train, validation] = holdOut(parts.train, strataOf(target, true), options.validationFraction, random);
    return { ...parts, train, validation };
  },
  folds({ target, column: words, random, numberOf }, rows, count) {
    if (readParts(words!, target.rows, numberOf).includes('validation')) return null;
    return dealRows(rows, strataOf(target, true), count, random);
  },
};

function readParts(words: Column, rows: Uint32Array, numberOf: (row: number) => number): Split[] {
  const text = (row: number): string =>
    words.kind === 'number' ? String(words.values[row]) : (words.levels[words.codes[row]] ?? '');
  return Array.from(rows, (row) => {
    const part = WORDS.get(text(row).trim().toLowerCase());
    if (part) return part;
    throw new EngineError(
      `Split column ${shown(words.name)} holds ${shown(text(row))} in row ${numberOf(row)}.`,
      'split.column',
      'Every row must hold train, test or validation (also val, valid, dev, eval).',
    );
  });
}
