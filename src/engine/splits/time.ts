import { z } from 'zod';
import { formatReader, ISO_DATE, ISO_TIME, shown } from '../../formats';
import { EngineError } from '../types';
import { FIELDS, type Division, type SplitKind } from './definition';
import { lengthOf, textFault } from './length';
import { checkFilled } from './missing';

const READ_TIME = [ISO_TIME, ISO_DATE].map(formatReader);

/** In the unit of the column; null for a text that is no time. */
function momentOf(moment: number | string): number | null {
  if (typeof moment === 'number') return moment;
  const read = READ_TIME.map((reader) => reader(moment.trim())).find((value) => typeof value === 'number');
  return (read as number | undefined) ?? null;
}

export const time: SplitKind<'time'> = {
  parameters: z.strictObject({
    kind: z
      .literal('time')
      .describe('The latest rows are tested on, those before them choose, the earliest are trained on.'),
    column: FIELDS.column.describe('Says when a row was: times, dates, or numbers such as a year. It is no feature.'),
    testFraction: FIELDS.testFraction.describe(
      'Share of the rows held out for the evaluation, the last ones; rows of one time stay together. Above 0, at most 0.5.',
    ),
    testFrom: z
      .union([z.number(), z.string().max(100)])
      .refine((moment) => momentOf(moment) !== null, 'expected a number, a date or a time such as 2024-05-17T10:20:00Z')
      .optional()
      .describe(
        'In place of testFraction: rows from here on are tested on. ISO 8601, UTC without a zone, or a number.',
      ),
    gap: z
      .union([z.number(), z.string().max(100)])
      .refine((gap) => lengthOf(gap) !== null, 'expected a number from 0 on, or a duration such as P7D or PT12H')
      .default(0)
      .describe(
        'What lies between the last row of a part and the first of the next, at least: rows in between are in no part. An ' +
          'ISO 8601 duration, or a number in the unit of the column: milliseconds for times and dates.',
      ),
    validationFraction: FIELDS.validationFraction.describe(
      'Share of the rows before the test part, the last ones; above 0, at most 0.5.',
    ),
  }),
  column: { holds: 'times', leftOut: 'It orders the split.', isKnownLater: true },
  keepsHistories: ({ column }, { order }) => column === order,
  faults: (options, traits) =>
    (['gap', 'testFrom'] as const).flatMap((option) => {
      const fault = textFault(options[option], traits);
      return fault ? [{ option, ...fault }] : [];
    }),
  divide(division) {
    const { options, target, column } = division;
    const { times, sorted } = timesOf(division);
    const gap = lengthOf(options.gap)!;
    const from = options.testFrom === undefined ? null : momentOf(options.testFrom)!;
    const testFrom = from ?? startOfShare(sorted, options.testFraction, column!.name);
    const before = (end: number) => (row: number) => times[row] < end && times[row] <= end - gap;
    const test = target.rows.filter((row) => times[row] >= testFrom);
    const rest = target.rows.filter(before(testFrom));
    checkSides({ name: column!.name, test: test.length, rest: rest.length });
    const validationFrom = startOfShare(
      Float64Array.from(rest, (row) => times[row]).sort(),
      options.validationFraction,
      column!.name,
    );
    return {
      train: rest.filter(before(validationFrom)),
      validation: rest.filter((row) => times[row] >= validationFrom),
      test,
    };
  },
};

function timesOf(division: Division<unknown>): { times: Float64Array; sorted: Float64Array } {
  const column = division.column!;
  if (column.kind !== 'number') {
    throw new EngineError(
      `Time column ${shown(column.name)} holds texts.`,
      'split.column',
      'Name a column of times, dates or numbers; the type of a column can be said when the file is read.',
    );
  }
  checkFilled(division, 'Time');
  return { times: column.values, sorted: Float64Array.from(division.target.rows, (row) => column.values[row]).sort() };
}

/** The time from which on there is about this share of the times; those that are equal stay together. */
function startOfShare(sorted: Float64Array, fraction: number, name: string): number {
  const wanted = Math.max(1, Math.round(sorted.length * fraction));
  const start = sorted[sorted.length - wanted];
  const [first, end] = [sorted.indexOf(start), sorted.lastIndexOf(start) + 1];
  // From here on too many, from the next time on too few: the nearer.
  const [more, fewer] = [sorted.length - first, sorted.length - end];
  if (first > 0 && (fewer === 0 || more - wanted <= wanted - fewer)) return start;
  if (fewer > 0) return sorted[end];
  throw new EngineError(
    `Time column ${shown(name)} holds the same time in all ${sorted.length} rows that are to be divided.`,
    'split',
    'Name a column of other times, or test from an earlier time on.',
  );
}

function checkSides({ name, test, rest }: { name: string; test: number; rest: number }): void {
  if (test > 0 && rest > 0) return;
  const what = test === 0 ? 'No row' : 'Every row';
  const where = test === 0 ? 'at or after the time that the test part begins' : 'in the test part or the gap before it';
  throw new EngineError(
    `${what} is ${where}, by ${shown(name)}.`,
    'split',
    'Choose another testFrom, or a smaller gap.',
  );
}
