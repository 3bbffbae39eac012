import { ingest } from './ingest.fixture';

/** More rows than the head of a file shows. */
const ROWS = 400;
const words = ['NA', 'null', 'NA', ''];
const row = (i: number) => {
  const word = i < 8 || i > 390 ? words[i % 4] : null;
  return [word ?? i / 8, '', word ?? (i % 2 ? 'TRUE' : 'false'), word ?? `2024-05-${10 + (i % 9)} 10:00:00`, `n${i}`];
};
const csv = (separator: string) =>
  [['number', '', 'truth', 'time', 'name'], ...Array.from({ length: ROWS }, (_, i) => row(i))]
    .map((cells) => cells.join(separator))
    .join('\n');

test('words for missing among numbers, truths and times are told as those among texts, beside a column without a name', async () => {
  const { columns, findings, table } = await ingest(csv(','));
  expect(columns.map(({ name, type, missingCount }) => [name, type, missingCount])).toEqual([
    ['number', 'NUMBER', 17],
    ['truth', 'BOOLEAN', 17],
    ['time', 'TIMESTAMP', 17],
    ['name', 'TEXT', 0],
  ]);
  expect(table.columns[1]).toMatchObject({ levels: ['false', 'true'] });
  const told = findings.filter(({ code }) => code === 'DISGUISED_MISSING');
  expect(told.map(({ column, row, count }) => [column, row, count])).toEqual([
    ['number', 1, 12],
    ['truth', 1, 12],
    ['time', 1, 12],
  ]);
  expect(told[0].message).toBe('"number": "NA" (8), "null" (4) read as missing.');
});
