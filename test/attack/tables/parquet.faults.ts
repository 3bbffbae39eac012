import type { SmallType } from './small-table';
import type { FindingCode } from '../../../src/datasets/ingest/finding';
import { literal } from '../../../src/datasets/tables/duck';
import { anyRow, columnOf, type Fault, type Place } from './fault';
import { parquetGrid } from './parquet.writing';
import { firstEmpty } from './small-table';
import { WRITINGS } from './writings';

/** All cells of a column of Parquet given another expression, or that of one row. */
const parquetColumn = (
  fault: { name: string; needs: SmallType; codes: FindingCode[]; refused?: boolean },
  write: (cell: string, row: number, chosen: number) => string,
  isOfRow = false,
): Fault => ({
  name: fault.name,
  needs: [fault.needs],
  make: (table, random) => {
    const grid = parquetGrid(table, random);
    const { at, column } = columnOf(table, fault.needs);
    const chosen = anyRow(table, random);
    grid.columns[at] = grid.columns[at].map((cell, row) => write(cell, row, chosen));
    const { codes, refused = false } = fault;
    const place: Place = { codes, column: column.name, refused, spares: !refused, ...(isOfRow && { row: chosen + 1 }) };
    return { parquet: grid, place };
  },
});

/** A good file with bytes that are gone or wrong. */
const spoilt = (name: string, spoil: (bytes: Buffer) => Buffer): Fault => ({
  ...{ name, needs: [] },
  make: (table, random) => ({
    ...{ parquet: parquetGrid(table, random), spoil },
    place: { codes: ['UNREADABLE'], refused: true },
  }),
});

export const PARQUET_FAULTS: Fault[] = [
  parquetColumn({ name: 'a list', needs: 'TEXT', codes: ['UNSUPPORTED_TYPE'], refused: true }, (cell) => `[${cell}]`),
  parquetColumn({ name: 'bytes', needs: 'TEXT', codes: ['UNSUPPORTED_TYPE'], refused: true }, () => `'x'::BLOB`),
  parquetColumn({ name: 'numbers as texts', needs: 'INTEGER', codes: ['TEXT_KEPT'] }, (_cell, row) => `'${row * 3}'`),
  parquetColumn(
    { name: 'an infinite number', needs: 'NUMBER', codes: ['INFINITE_VALUE'] },
    (cell, row, chosen) => (row === chosen ? `'-inf'::DOUBLE` : cell),
    true,
  ),
  parquetColumn(
    { name: 'an infinite time', needs: 'TIMESTAMP', codes: ['INFINITE_VALUE'] },
    (cell, row, chosen) => `CAST(${row === chosen ? `TIMESTAMP 'infinity'` : cell} AS TIMESTAMP)`,
    true,
  ),
  parquetColumn(
    { name: 'a key beyond 2^53', needs: 'INTEGER', codes: ['LARGE_INTEGER'] },
    (_cell, row) => `9007199254740992::BIGINT + ${row}`,
  ),
  parquetColumn(
    { name: 'more digits than a number has', needs: 'NUMBER', codes: ['DIGITS_LOST'] },
    (_cell, row) => `${row}.0123456789012345678::DECIMAL(38,19)`,
  ),
  parquetColumn(
    { name: 'a struct', needs: 'TEXT', codes: ['UNSUPPORTED_TYPE'], refused: true },
    (cell) => `{'a': ${cell}}`,
  ),
  parquetColumn(
    { name: 'a map', needs: 'TEXT', codes: ['UNSUPPORTED_TYPE'], refused: true },
    (cell) => `map([1], [${cell}])`,
  ),
  parquetColumn(
    { name: 'days as whole numbers', needs: 'INTEGER', codes: ['TIME_FORMAT'] },
    (_cell, row) => `202405${10 + (row % 20)}`,
  ),
  parquetColumn(
    { name: 'times as texts', needs: 'TIMESTAMP', codes: ['TEXT_KEPT'] },
    (_cell, row) => `'2024-05-${10 + (row % 20)}'`,
  ),
  parquetColumn(
    { name: 'times of day as texts', needs: 'TIME', codes: ['TEXT_KEPT'] },
    (_cell, row) => `'${10 + (row % 14)}:30:00'`,
  ),
  parquetColumn({ name: 'labels with something invisible', needs: 'TEXT', codes: ['SIMILAR_VALUES'] }, (_cell, row) =>
    literal(['North East', 'north east', 'South'][row % 3]),
  ),
  parquetColumn(
    { name: 'a far day', needs: 'TIMESTAMP', codes: ['INFINITE_VALUE'] },
    (_cell, row, chosen) => `DATE '${row === chosen ? '290000-01-01' : '2024-05-17'}'`,
    true,
  ),
  {
    ...{ name: 'a row without a value', needs: [] },
    make: (table, random) => {
      const row = anyRow(table, random);
      table.columns.forEach(({ cells }) => (cells[row] = null));
      const first = firstEmpty(table.columns, row);
      return { parquet: parquetGrid(table, random), place: { codes: ['STRAY_ROW'], row: first + 1 } };
    },
  },
  {
    ...{ name: 'a column without a name', needs: [] },
    make: (table, random) => {
      const grid = parquetGrid(table, random);
      grid.names[1] = '\u00a0';
      grid.columns[1] = grid.columns[1].map(() => '7');
      return { parquet: grid, place: { codes: ['EMPTY_HEADER'], row: 1, refused: true } };
    },
  },
  {
    ...{ name: 'another format', needs: [] },
    make: (table, random) => ({
      ...WRITINGS[random.next() < 0.5 ? 'CSV' : 'JSONL'](table, random),
      place: { codes: ['FORMAT_MISMATCH'], refused: true },
    }),
  },
  spoilt('cut off at the end', (bytes) => bytes.subarray(0, -20)),
  spoilt('cut off at the beginning', (bytes) => Buffer.concat([bytes.subarray(0, 4), bytes.subarray(30)])),
  spoilt('the length of the footer', (bytes) =>
    Buffer.concat([bytes.subarray(0, -8), Buffer.from('ffffff7f', 'hex'), bytes.subarray(-4)]),
  ),
  {
    ...{ name: 'cut off', needs: [] },
    make: () => ({
      bytes: Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(200, 7)]),
      place: { codes: ['UNREADABLE'], refused: true },
    }),
  },
  {
    ...{ name: 'a name that stands twice', needs: [] },
    make: (table, random) => {
      const grid = parquetGrid(table, random);
      grid.names[1] = `${grid.names[0]} `;
      return { parquet: grid, place: { codes: ['DUPLICATE_HEADER'], column: grid.names[0], refused: true } };
    },
  },
  {
    ...{ name: 'blanks around a name', needs: [] },
    make: (table, random) => {
      const grid = parquetGrid(table, random);
      grid.names[0] = `\u3000${grid.names[0]}`;
      return { parquet: grid, place: { codes: ['HEADER_TRIMMED'], column: table.columns[0].name } };
    },
  },
];
