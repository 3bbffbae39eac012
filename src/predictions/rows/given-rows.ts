import type { RowBlock } from '../../compute';
import { PraxisError, REQUEST_ROWS_MAX, step } from '../../kernel';
import { read, type Columns, type Field, type Row } from './row.cells';
import type { RowEncoder } from './row.encoder';

/** The rows of a request, whichever way they were given. */
export interface GivenRows {
  rowCount: number;
  /** Throws VALIDATION_FAILED that lists at most 20 faults. */
  encode(encoder: RowEncoder): RowBlock;
  /** The values of fields in some rows, or in all, as they were sent; undefined where they were not. Not to be changed. */
  columns(fields: Field[], rows?: number[]): (unknown[] | undefined)[];
  /** Where the value of a field stands in the request. */
  path(row: number, name: string): string;
}

/** Throws VALIDATION_FAILED or PAYLOAD_TOO_LARGE when there are none, too many, or not one of the two forms. */
export function givenRows({ rows, columns }: { rows?: Row[] | null; columns?: Row | null }): GivenRows {
  if (Boolean(rows) === Boolean(columns)) {
    const message = rows ? 'cannot be given together with columns' : 'is missing';
    throw PraxisError.invalid([
      { path: 'rows', message, hint: 'give either rows or columns, or entities where the model reads a history' },
    ]);
  }
  const input = rows ? fromRows(rows) : fromColumns(columns as Row);
  checkCount(input.rowCount, rows ? 'rows' : 'columns');
  return input;
}

/** Throws VALIDATION_FAILED when there is none, PAYLOAD_TOO_LARGE when there are too many. */
function checkCount(count: number, path: string): void {
  if (count === 0) throw PraxisError.invalid([{ path, message: 'is empty', hint: 'send at least one row' }]);
  refuseMoreThan(REQUEST_ROWS_MAX, count, 'rows');
}

/** Throws PAYLOAD_TOO_LARGE. */
export function refuseMoreThan(max: number, count: number, what: 'rows' | 'entities'): void {
  if (count <= max) return;
  const message = `${count} ${what} in one request; send at most ${max} and repeat the request for the rest.`;
  throw new PraxisError('PAYLOAD_TOO_LARGE', message);
}

function fromRows(rows: Row[]): GivenRows {
  return {
    rowCount: rows.length,
    encode: (encoder) => encoder.encode(rows),
    columns: (fields, of) => {
      const chosen = of ? of.map((index) => rows[index]) : rows;
      return fields.map((field) => chosen.map((row) => read(row, field)));
    },
    path: (row, name) => `rows[${row}]${step(name)}`,
  };
}

function fromColumns(object: Row): GivenRows {
  const names = Object.keys(object);
  const columns = object as Columns;
  const rowCount = names.length === 0 ? 0 : lengthOf(names[0], object[names[0]]);
  for (const name of names) {
    const length = lengthOf(name, object[name]);
    if (length === rowCount) continue;
    const message = `has ${length} values, but columns${step(names[0])} has ${rowCount}`;
    throw PraxisError.invalid([{ path: `columns${step(name)}`, message, hint: 'give one value for each row' }]);
  }
  return {
    rowCount,
    encode: (encoder) => encoder.encodeColumns(columns, rowCount),
    columns: (fields, of) => {
      const all = fields.map((field) => read(columns, field));
      return of ? all.map((values) => values && of.map((index) => values[index])) : all;
    },
    path: (row, name) => `columns${step(name)}[${row}]`,
  };
}

function lengthOf(name: string, values: unknown): number {
  if (Array.isArray(values)) return values.length;
  throw PraxisError.invalid([
    { path: `columns${step(name)}`, message: 'must be a list', hint: 'give one value for each row' },
  ]);
}
