import { z } from 'zod';
import { shown } from '../../../formats';
import { absence, columnName } from '../../columns/choice';
import type { KnownColumn } from '../../columns/definition';
import {
  appendExpression,
  checkExpression,
  parseExpression,
  type ParsedExpression,
  type TypedExpression,
} from '../../expressions';
import { defineStep } from '../definition';
import { expressionFault, expressionText, kindsOf } from '../expression-text';

const parameters = z.strictObject({
  column: columnName.describe('The column that it makes, or changes where there is one of this name.'),
  expression: expressionText().describe(
    'What its value is, such as income / people, or if(heat > 300, "hot", "cold"); see the guide to expressions. A condition ' +
      'becomes 1 or 0. Missing where a value that counts is missing, and where a division is by zero.',
  ),
});

export const derive = defineStep({
  kind: 'DERIVE',
  title: 'Derive',
  summary: 'Makes a column of other columns by an expression.',
  description: 'Makes a column of other columns of the row by an expression, which the model file computes as well.',
  stage: 'columns',
  rank: 4,
  isRepeatable: true,
  parameters,
  columns: {
    makes: ({ column }) => column,
    touches: ({ column, expression }, known, fault) => {
      const none = { reads: [], writes: [] };
      const byName = new Map(known.columns.map((each) => [each.name, each]));
      const why = known.withheld.get(column) ?? byName.get(column)?.reserved;
      if (why) {
        fault('.column', `column ${shown(column)} ${why}`, 'give the new column another name');
        return none;
      }
      const parsed = parseExpression(expression);
      const unknown = parsed.columns.filter((name) => !byName.has(name));
      for (const name of unknown) fault('.expression', ...absence(name, known));
      if (unknown.length > 0) return none;
      const reads = parsed.columns.map((name) => byName.get(name)!);
      const wrong = expressionFault(() => typed(parsed, reads));
      if (wrong) {
        fault('.expression', wrong.message, wrong.hint);
        return none;
      }
      const kind = typed(parsed, reads).type === 'text' ? 'category' : 'number';
      return { reads, writes: [{ name: column, kind }] };
    },
    fit: ({ column, expression }, inputs) => {
      const parsed = parseExpression(expression);
      const checked = typed(parsed, inputs);
      return {
        append: (graph, { take, set }) => {
          const values = new Map(parsed.columns.map((name) => [name, take([name])]));
          set([column], appendExpression(graph, checked, values));
        },
        changesUnit: true,
      };
    },
  },
  places: {},
});

const typed = (parsed: ParsedExpression, columns: readonly KnownColumn[]): TypedExpression =>
  checkExpression(parsed, kindsOf(columns));
