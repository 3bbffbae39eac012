/** Reads texts as files are read and as requests are, which must agree. */
import { Duck } from '../../src/datasets/tables/duck';
import { type Format, formatReader, formatSql, type Value } from '../../src/formats';

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open({ scratch: null, readable: [], memoryMb: 512 });
});
afterAll(() => duck.close());

/** What an expression over `v` gives for each text: numbers, milliseconds for times, null. */
export async function evaluate(texts: string[], expression: string): Promise<(number | boolean | string | null)[]> {
  await duck.run('CREATE OR REPLACE TEMP TABLE cells (place INTEGER, v VARCHAR)');
  for (let at = 0; at < texts.length; at += 1_000) {
    const part = texts.slice(at, at + 1_000);
    const rows = part.map((_, i) => `(${at + i}, $${i + 1})`).join(', ');
    await duck.run(`INSERT INTO cells VALUES ${rows}`, part);
  }
  const rows = await duck.rows<{ x: any }>(`SELECT ${expression} AS x FROM cells ORDER BY place`);
  return rows.map(({ x }) => (x instanceof Date ? x.getTime() : x));
}

/** Both readings of texts, which must agree; gives the one. */
export async function readBoth(format: Format, texts: string[]): Promise<(Value | null)[]> {
  const read = formatReader(format);
  const values = texts.map((text) => read(text) ?? null);
  const theirs = await evaluate(texts, formatSql(format, 'v'));
  const odd = texts.flatMap((text, i) => (Object.is(values[i], theirs[i]) ? [] : [[text, values[i], theirs[i]]]));
  expect(odd.slice(0, 5)).toEqual([]);
  return values;
}

/** One after the other, as they share a table. */
export async function readByEach(formats: readonly Format[], texts: string[]): Promise<(Value | null)[][]> {
  const readings = [];
  for (const format of formats) readings.push(await readBoth(format, texts));
  return readings;
}
