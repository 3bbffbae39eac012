import { PREVIEW_BYTES_MAX, PREVIEW_ROWS_MAX } from '../../src/datasets/ingest/profile/preview';
import { ingest, numbersOf } from './ingest.fixture';

/** Oracle of the bound: what a client gets, made from the file. */
const bytesOf = (rows: Record<string, unknown>[]) => rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0);

describe('first rows', () => {
  test('each type in the form that predict takes; missing is null', async () => {
    const { firstRows } = await ingest(
      [
        'number,whole,huge,big,yes,time,text',
        '0.1,-7,1e300,9007199254740993,true,2024-02-29T12:30:00.250+02:00," a ""b"", c "',
        '-1e-7,9007199254740991,-0.5,1,FALSE,1969-12-31,7',
        ',,inf,,,NA,',
      ].join('\n'),
    );
    expect(firstRows).toEqual([
      [0.1, -7, 1e300, '9007199254740993', true, '2024-02-29T10:30:00.250000Z', 'a "b", c'],
      [-1e-7, 2 ** 53 - 1, -0.5, '1', false, '1969-12-31T00:00:00Z', '7'],
      [null, null, null, null, null, null, null],
    ]);
  });

  test('what JSON has no values for is ISO 8601, which predict reads as what it was', async () => {
    const cells =
      '17/05/2024,17/05/2024 7:05:00.000001,07:30:00.000001,1:30:00.25\n31/12/1969,31/12/1969,07:12,100:00:00\n';
    const { columns, firstRows } = await ingest(`date,time,clock,duration\n${cells}`);
    expect(firstRows).toEqual([
      ['2024-05-17', '2024-05-17T07:05:00.000001Z', '07:30:00.000001', 'PT1H30M0.25S'],
      ['1969-12-31', '1969-12-31T00:00:00Z', '07:12:00', 'PT100H0M0S'],
    ]);
    expect(numbersOf(columns, firstRows)).toEqual([
      [Date.UTC(2024, 4, 17), Date.UTC(2024, 4, 17, 7, 5), 27_000.000001, 5_400.25],
      [-86_400_000, -86_400_000, 25_920, 360_000],
    ]);
  });

  test('texts are cut by characters, with a mark', async () => {
    const [fits, cut] = ['😀'.repeat(200), '😀'.repeat(201)];
    const { firstRows } = await ingest(JSON.stringify({ fits, cut, n: 1 }), 'JSONL');
    expect(firstRows).toEqual([[fits, `${fits}…`, 1]]);
  });

  test('the first hundred in the order of the file', async () => {
    const { firstRows } = await ingest(
      `n,t\n${Array.from({ length: 5_000 }, (_, n) => `${n},t${n % 7}`).join('\n')}\n`,
    );
    expect(firstRows).toEqual(Array.from({ length: PREVIEW_ROWS_MAX }, (_, n) => [n, `t${n % 7}`]));
  });

  test('rows beyond the bytes are left out, names counted with each', async () => {
    const row = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`column number ${n}`, 'x'.repeat(100)]));
    const { firstRows } = await ingest(Array(200).fill(JSON.stringify(row)).join('\n'), 'JSONL');
    expect(firstRows).toHaveLength(Math.floor(PREVIEW_BYTES_MAX / bytesOf([row])));
    const named = Array.from({ length: 50 }, (_, n) => `${n}${'x'.repeat(3_000)}`);
    expect((await ingest(`${named.join(',')}\n${Array(50).fill(1).join(',')}\n`)).firstRows).toEqual([]);
  });
});
