import { z } from 'zod';
import { chooseColumns, columnChoice, type TakenKind } from '../../columns/choice';
import type { GraphBuilder } from '../../onnx/graph';
import type { Column } from '../../types';
import { defineStep } from '../definition';

const VALUES_MAX = 50;
const TEXT_MAX = 500;

const parameters = z
  .strictObject({
    columns: columnChoice,
    values: z
      .union(
        [z.array(z.number()).min(1).max(VALUES_MAX), z.array(z.string().min(1).max(TEXT_MAX)).min(1).max(VALUES_MAX)],
        { error: `expected a list of 1 to ${VALUES_MAX} numbers, or of as many texts` },
      )
      .describe(`The values to replace, 1 to ${VALUES_MAX}: numbers, or texts as they are in the columns.`),
    with: z
      .union([z.number(), z.string().min(1).max(TEXT_MAX), z.null()])
      .default(null)
      .describe('What takes their place, of the same kind; null: they are missing.'),
  })
  .superRefine((parameters, context) => {
    if (parameters.with === null || typeof parameters.with === typeof parameters.values[0]) return;
    context.addIssue({
      code: 'custom',
      path: ['with'],
      message: `is no ${typeof parameters.values[0]}, as values are`,
    });
  });

export const replace = defineStep({
  kind: 'REPLACE',
  title: 'Replace',
  summary: 'Replaces values, such as -999 or an impossible zero, by a missing value or by another one.',
  description:
    'Replaces values that stand for a missing one, such as -999 or an impossible zero, or that are to be others.',
  stage: 'columns',
  rank: 2,
  isRepeatable: true,
  parameters,
  columns: {
    isColumnwise: true,
    touches: ({ columns, values }, known, fault) => {
      const chosen = chooseColumns(columns, known, takenBy(values), fault);
      return { reads: chosen, writes: chosen };
    },
    fit: ({ values, with: value }, columns) => {
      const names = columns.map(({ name }) => name);
      return {
        ...(!columns.some((column) => holdsAny(column, values)) && {
          note: 'finds none of its values in the rows that are trained on',
        }),
        append: (graph, { take, set }) => {
          const input = take(names);
          const isNumbers = typeof values[0] === 'number';
          const found = isNumbers
            ? equalsNumber(graph, input, values as number[])
            : equalsText(graph, input, values as string[]);
          const other = isNumbers
            ? graph.doubles((value as number | null) ?? NaN)
            : graph.strings([(value as string | null) ?? '']);
          set(names, graph.call('Where', [found, other, input]));
        },
      };
    },
  },
  places: {},
});

const takenBy = (values: readonly (number | string)[]): TakenKind =>
  typeof values[0] === 'number'
    ? { kind: 'number', remedy: 'write the values as texts, as they are in the column, or name columns of numbers' }
    : { kind: 'category', remedy: 'write the values as numbers, or name columns of texts' };

function holdsAny(column: Column, values: readonly (number | string)[]): boolean {
  const wanted = new Set(values);
  if (column.kind === 'number') return column.values.some((value) => wanted.has(value));
  return column.codes.some((code) => wanted.has(column.levels[code] ?? ''));
}

function equalsNumber(graph: GraphBuilder, input: string, values: number[]): string {
  return values
    .map((value) => graph.call('Equal', [input, graph.doubles(value)]))
    .reduce((either, or) => graph.call('Or', [either, or]));
}

/** Texts are compared by a look-up: Equal takes none before opset 19. */
function equalsText(graph: GraphBuilder, input: string, values: string[]): string {
  const known = [...new Set(values)];
  const attributes = { keys_strings: known, values_int64s: known.map(() => 1), default_int64: 0 };
  const place = graph.call('LabelEncoder', [input], attributes, { domain: 'ai.onnx.ml' });
  return graph.call('Equal', [place, graph.int64s(1)]);
}
