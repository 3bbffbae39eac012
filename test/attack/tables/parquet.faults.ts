import type { FindingCode } from '../../../src/datasets/ingest/finding';
import type { ColumnType } from '../../../src/datasets/ingest/infer';
import { anyRow, columnOf, type Fault, type Place } from './fault';
import { parquetGrid } from './writings';

/** All cells of a column of Parquet given another expression, or that of one row. */
const parquetColumn = (
  fault: { name: string; needs: ColumnType; codes: FindingCode[]; refused?: boolean },
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
