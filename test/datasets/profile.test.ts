import expected from './fixtures/profile.json';
import { ingest } from './ingest.fixture';

const ROWS = 3000;
/** The recipe of fixtures/profile.py, in exact integers. */
const lcg = (i: number, k: number) => Number((BigInt(i) * 1103515245n + 12345n * BigInt(k + 1)) % 2n ** 31n);
const COLUMNS: Record<string, (i: number) => number> = {
  uniform: (i) => lcg(i, 0) / 2 ** 20,
  skewed: (i) => (i % 11 === 5 ? NaN : (lcg(i, 1) / 2 ** 31) ** 8 * 1000 - 3),
  whole: (i) => Math.floor(lcg(i, 2) / 2 ** 26),
  tiny: (i) => lcg(i, 3) * 1e-300,
  constant: () => 2.5,
};

const names = Object.keys(COLUMNS);
const rows = Array.from({ length: ROWS }, (_, i) => names.map((name) => cell(COLUMNS[name](i))).join(','));
const csv = `${names.join(',')}\n${rows.join('\n')}\n`;

function cell(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

/** Equal up to the order of summation. */
function expectClose(actual: number, wanted: number) {
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-12 * Math.abs(wanted));
}

test('numbers are profiled as numpy does', async () => {
  const { columns, rowCount } = await ingest(csv);
  expect(rowCount).toBe(ROWS);
  for (const column of columns) {
    const wanted = expected[column.name as keyof typeof expected];
    const numbers = column.numbers!;
    const { missingCount, distinctCount, topValues } = column;
    expect({ missingCount, distinctCount }).toEqual({
      missingCount: wanted.missingCount,
      distinctCount: wanted.distinctCount,
    });
    expect([numbers.minimum, numbers.maximum]).toEqual([wanted.minimum, wanted.maximum]);
    expectClose(numbers.mean, wanted.mean);
    if (column.name !== 'tiny') expectClose(numbers.standardDeviation!, wanted.standardDeviation);
    for (const [name, value] of Object.entries(wanted.quantiles)) {
      expectClose(numbers.quantiles[name as keyof typeof numbers.quantiles], value);
    }
    expect(numbers.histogram.counts).toEqual(wanted.histogram.counts);
    wanted.histogram.edges.forEach((edge, bin) => expectClose(numbers.histogram.edges[bin], edge));
    expect(topValues.map(({ count }) => count)).toEqual(wanted.topCounts);
  }
});

test('values come back bit for bit', async () => {
  const { table } = await ingest(csv);
  names.forEach((name, index) => {
    const column = table.columns[index];
    expect(column).toEqual({
      name,
      kind: 'number',
      values: Float64Array.from({ length: ROWS }, (_, i) => COLUMNS[name](i)),
    });
  });
});

test('a histogram counts every value once, also where a division misses its edge', async () => {
  const values = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 10);
  const { columns } = await ingest(`x\n${values.join('\n')}\n`);
  const { edges, counts } = columns[0].numbers!.histogram;
  const direct = counts.map((_, bin) => {
    const isLast = bin === counts.length - 1;
    return values.filter((x) => x >= edges[bin] && (isLast ? x <= edges[bin + 1] : x < edges[bin + 1])).length;
  });
  expect(counts).toEqual(direct);
});

test('numbers near the largest double overflow nothing', async () => {
  const { columns } = await ingest('x\n-1.7e308\n1.7e308\n0\n');
  const { minimum, maximum, standardDeviation, histogram } = columns[0].numbers!;
  expect([minimum, maximum, standardDeviation]).toEqual([-1.7e308, 1.7e308, null]);
  expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(3);
});

test('a single row has no spread', async () => {
  const { columns } = await ingest('x,y\n3,a\n');
  expect(columns[0].numbers).toMatchObject({ minimum: 3, maximum: 3, mean: 3, standardDeviation: null });
  expect(columns[0].numbers!.histogram).toEqual({ edges: [3, 3], counts: [1] });
});

test('text, booleans and times', async () => {
  const lines = [
    't,b,w',
    'äpfel,TRUE,2024-02-29',
    'birne,false,2024-03-01T12:00:00+02:00',
    'birne,,1999-12-31 23:59:59.5',
  ];
  const { columns } = await ingest(`${lines.join('\n')}\n`);
  expect(columns[0]).toMatchObject({
    type: 'TEXT',
    distinctCount: 2,
    topValues: [
      { value: 'birne', count: 2 },
      { value: 'äpfel', count: 1 },
    ],
    text: { maximumLength: 5, meanLength: 5, withBlank: 0 },
    numbers: null,
  });
  expect(columns[1]).toMatchObject({ type: 'BOOLEAN', missingCount: 1, distinctCount: 2 });
  expect(columns[2]).toMatchObject({
    type: 'TIMESTAMP',
    numbers: { minimum: Date.UTC(1999, 11, 31, 23, 59, 59, 500), maximum: Date.UTC(2024, 2, 1, 10) },
  });
  expect(columns[2].topValues.map(({ value }) => value)).toContain('2024-02-29T00:00:00.000Z');
});

test.each([
  ['the third row', ['a,1', 'b,2', 'a,1', 'c,3', 'b,2', 'a,1'], 3, 3],
  ['the last row only', ['a,1', 'b,2', ',3', ',3'], 4, 1],
  ['all rows but one', ['a,1', 'a,1', 'a,1'], 2, 2],
])('rows that repeat an earlier one: %s', async (_, rows, row, count) => {
  const { findings } = await ingest(`x,y\n${rows.join('\n')}\n`);
  expect(findings.filter(({ code }) => code === 'DUPLICATE_ROWS')).toMatchObject([{ row, count }]);
});
