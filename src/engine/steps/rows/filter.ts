import { z } from 'zod';
import { absence } from '../../columns/choice';
import { checkExpression, parseExpression, type TypedExpression } from '../../expressions';
import { appendExpression } from '../../expressions/append';
import type { KnownColumn } from '../../columns/definition';
import { SPLITS } from '../../types';
import { defineStep } from '../definition';
import { expressionFault, expressionText, kindsOf } from '../expression-text';

const parameters = z.strictObject({
  where: expressionText(['boolean']).describe(
    'Rows for which this is true are used, such as amount > 0 and not isMissing(city); those for which it is false or ' +
      'missing are not. See the guide to expressions.',
  ),
  parts: z
    .array(z.enum(SPLITS))
    .min(1)
    .optional()
    .describe('Only rows of these parts are taken out; left out: of the table, before it is divided.'),
});

export const filter = defineStep({
  kind: 'FILTER',
  title: 'Filter',
  summary: 'Uses the rows for which an expression is true.',
  description: 'Uses the rows for which an expression is true, at training; a model answers for every row.',
  stage: 'rows',
  rank: 1,
  isRepeatable: true,
  isAnywhere: true,
  parameters,
  rows: {
    atServing: 'omit',
    parts: ({ parts }) => parts ?? null,
    reads: ({ where }) => parseExpression(where).columns,
    check: ({ where }, columns, fault) => {
      const parsed = parseExpression(where);
      const known = { columns, withheld: new Map<string, string>() };
      const unknown = parsed.columns.filter((name) => !columns.some((column) => column.name === name));
      for (const name of unknown) fault('.where', ...absence(name, known));
      if (unknown.length > 0) return;
      const wrong = expressionFault(() => typed(where, columns));
      if (wrong) fault('.where', wrong.message, wrong.hint);
    },
    keep: async ({ where }, rows) => {
      const expression = typed(where, rows.columns);
      const { columns } = parseExpression(where);
      const mask = new Uint8Array(rows.rowCount);
      let at = 0;
      const inputs = rows.columns.filter(({ name }) => columns.includes(name));
      const results = rows.compute(inputs, (graph, tensors) =>
        appendExpression(graph, expression, new Map(columns.map((name) => [name, tensors.take([name])]))),
      );
      for await (const part of results) for (const value of part) mask[at++] = Number(value === 1);
      return mask;
    },
  },
  places: {},
});

const typed = (where: string, columns: readonly KnownColumn[]): TypedExpression =>
  checkExpression(parseExpression(where), kindsOf(columns), ['boolean']);
