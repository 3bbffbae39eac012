import { knownRare } from '../../src/engine';
import { fitPreprocess } from '../../src/engine/preprocess/fit';
import { boundRareLevels, LevelCounter, rareLevels } from '../../src/engine/preprocess/ranges/rare-levels';
import { selectColumns } from './support/selection';
import type { InputField, Table } from '../../src/engine/types';
import { DEFAULTS, draw, table, uniform } from './tables';

const ROWS = 4000;
/** Two frequent towns; of the others each is in some rows, up to one in two hundred. */
const town = draw(ROWS, 3, (r) => (uniform(r) < 0.8 ? (uniform(r) < 0.5 ? 'north' : 'south') : `t${r.below(150)}`));
const data = table({ town, grade: town.map((_, i) => (i % 3 ? 'x' : 'y')), size: town.map((_, i) => i % 7) });
const rows = Uint32Array.from({ length: ROWS }, (_, i) => i);

/** A part of the table as a scan hands it on: with the levels of the part alone. */
function part({ columns }: Table, from: number, to: number): Table['columns'] {
  return columns.map((column) => {
    if (column.kind === 'number') return { ...column, values: column.values.slice(from, to) };
    const seen = [...new Set(column.codes.slice(from, to))].filter((code) => code >= 0).toReversed();
    const codes = column.codes.slice(from, to).map((code) => seen.indexOf(code));
    return { ...column, codes, levels: seen.map((code) => column.levels[code]) };
  });
}

test('the input tells the texts of the train part that have no level of their own, and the share of the largest', () => {
  const [input, grade, size] = fitPreprocess(data.columns, rows.slice(0, 3000), DEFAULTS).inputs;
  const counts = new Map<string, number>();
  for (const name of town.slice(0, 3000)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const rare = [...counts].filter(([, count]) => count < DEFAULTS.rareFraction * 3000);
  expect(input.levels).toEqual(expect.arrayContaining(['north', 'south']));
  expect(input.rareLevels).toEqual({
    count: rare.length,
    largestShare: Math.max(...rare.map(([, count]) => count)) / 3000,
    texts: rare.map(([name]) => name).sort(),
  });
  expect(grade.rareLevels).toEqual({ count: 0, largestShare: 0, texts: [] });
  expect(size.rareLevels).toBeUndefined();
});

test('those of a table that is read in parts are of all its rows, not of the sample', () => {
  const whole = fitPreprocess(data.columns, rows, DEFAULTS).inputs;
  const sampled: InputField[] = whole.map((input) => ({
    ...input,
    ...(input.rareLevels && { rareLevels: { count: 0, largestShare: 0, texts: [] } }),
  }));
  const counter = new LevelCounter(sampled);
  for (let from = 0; from < ROWS; from += 700) {
    const to = Math.min(ROWS, from + 700);
    counter.add(part(data, from, to), rows.slice(0, to - from));
  }
  counter.finish();
  expect(sampled).toEqual(whole);
});

test('more than 10,000, or long ones, are a filter that takes at most two in a hundred unseen texts for seen', () => {
  const many = Array.from({ length: 30_000 }, (_, i): [string, number] => [`level ${i}`, 1 + (i % 3)]);
  const found = rareLevels(many, 1e6)!;
  expect(found).toMatchObject({ count: 30_000, texts: null, largestShare: 3e-6, filter: { bits: expect.any(String) } });
  const seen = knownRare({ rareLevels: found } as InputField)!;
  expect(many.every(([level]) => seen(level))).toBe(true);
  expect(many.filter(([level]) => seen(`${level}, unseen`)).length).toBeLessThan(600);
  const long = Array.from({ length: 300 }, (_, i): [string, number] => [String(i).repeat(2000), 1]);
  expect(rareLevels(long, 1e3)).toMatchObject({ count: 300, texts: null });
});

test('all of a card are at most a mebibyte: the largest are left out', () => {
  const sized = (name: string, count: number) =>
    ({
      name,
      rareLevels: rareLevels(
        Array.from({ length: count }, (_, i) => [`${name} ${i}`, 1]),
        1e6,
      ),
    }) as InputField;
  const inputs = [sized('a', 400_000), sized('b', 20), sized('c', 300_000), sized('d', 300_000), sized('e', 0)];
  boundRareLevels(inputs);
  expect(inputs.map(({ rareLevels: rare }) => rare?.count)).toEqual([undefined, 20, 300_000, 300_000, 0]);
  expect(JSON.stringify(inputs).length).toBeLessThan(1_060_000);
});

test('long texts have no level of their own, and long classes are refused', () => {
  const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(60_000));
  const long = table({ text: town.map((_, i) => texts[i % 3]), size: town.map((_, i) => i % 7) });
  const [input] = fitPreprocess(long.columns, rows, DEFAULTS).inputs;
  expect(input.levels).toEqual([texts[0]]);
  expect(input.rareLevels).toMatchObject({ count: 2, texts: texts.slice(1) });
  const split = { kind: 'random', testFraction: 0.2, validationFraction: 0.15, stratify: true } as const;
  const request = { table: long, target: 'text', task: null, drop: [], split };
  expect(() => selectColumns(request)).toThrow('The classes of target "text" have 180000 characters; at most 100000');
});

test('beyond a million nothing is said', () => {
  const endless = Array.from({ length: 1_000_001 }, (_, i): [string, number] => [String(i), 1]);
  expect(rareLevels(endless, 4e6)).toBeUndefined();
});
