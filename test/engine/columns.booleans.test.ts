/** Columns of booleans, which are texts to the table: what steps make of them is a number or a text, as the plan says. */
import type { ColumnTraits } from '../../src/engine/types';
import { featuresOf } from './support/features';
import { byPart, NO_BINS, path, requestFor, scale, step, target } from './support/pipeline-steps';
import { table } from './tables';

const PARTS = [
  ...new Array<string>(12).fill('train'),
  'validation',
  'validation',
  ...new Array<string>(6).fill('test'),
];
const ON = PARTS.map((_, i) => ['true', 'false', null][i % 3]);
const DATA = table({ on: ON, a: PARTS.map((_, i) => (i * 7) % 5), part: PARTS, y: PARTS.map((_, i) => i % 4) });
const TRAITS = new Map<string, ColumnTraits>([
  ['on', { type: 'BOOLEAN', role: 'FEATURE' }],
  ['a', { type: 'INTEGER', role: 'FEATURE' }],
]);

/** By row of the train part, the features of the column `made`; the last of them tells where it is missing. */
async function madeBy(expressions: Record<string, string>): Promise<number[][]> {
  const steps = Object.entries(expressions).map(([column, expression], i) =>
    step(`d${i}`, 'DERIVE', { column, expression }),
  );
  const base = [target('y', ['part']), byPart, scale('scale', 'none'), step('encode', 'ENCODE', NO_BINS)];
  const edges = path('columns', 'split', ...steps.map(({ id }) => id), 'scale', 'encode');
  const { train } = await featuresOf({ ...requestFor(DATA, [...base, ...steps], edges), traits: TRAITS });
  return train;
}

test.each([
  ['on', [1, 0, null]],
  ['if(a >= 0, on, missing)', [1, 0, null]],
  ['coalesce(on, true)', [1, 0, 1]],
  ['not on', [0, 1, null]],
])('%s is 1, 0 or missing', async (expression, values) => {
  const rows = await madeBy({ made: expression });
  const known = values.filter((value) => value !== null);
  const isGapless = known.length === values.length;
  // `a`, then `made`, then whether it is missing, then the levels of `on`.
  for (const [i, row] of rows.entries()) {
    const value = values[i % 3];
    if (value !== null) expect(row[1]).toBe(value);
    if (!isGapless) expect(row[2]).toBe(Number(value === null));
  }
});

test('a column of booleans that becomes a text is compared as a text', async () => {
  const rows = await madeBy({ on: 'if(on, "yes", "no")', made: 'if(on = "yes", 5, 7)' });
  expect(rows.map((row) => row[1]).slice(0, 2)).toEqual([5, 7]);
});
