import type { Duck } from '../duck';
import type { TypedColumn } from './infer';
import { asNumber, DATA_TABLE } from './profile';

/** As a row of `predict` takes it: times are milliseconds since 1970 UTC. Null is missing. */
export type Cell = number | boolean | string | null;

export const PREVIEW_ROWS_MAX = 100;
/** Of all rows together, as JSON with the name of the column at each value. */
export const PREVIEW_BYTES_MAX = 128 * 1024;
/** Longer texts are cut to so many characters, and the mark is put behind them. */
export const PREVIEW_TEXT_MAX = 200;
export const CUT_MARK = '…';

/** `"a":1,` */
const CELL_BYTES_MIN = 6;

/** The first rows of an ingestion: as many as the bounds let in. */
export async function previewRows(duck: Duck, columns: TypedColumn[]): Promise<Cell[][]> {
  // No more is read than could be kept, and column by column, so that wide tables of long texts do not fill the memory.
  const fitting = Math.ceil(PREVIEW_BYTES_MAX / CELL_BYTES_MIN / columns.length);
  const read: Cell[][] = [];
  for (const column of columns) read.push(await firstCells(duck, column, Math.min(PREVIEW_ROWS_MAX, fitting)));
  const rows = read[0].map((_, at) => read.map((cells) => cells[at]));
  let byteCount = 0;
  const end = rows.findIndex((row) => {
    byteCount += Buffer.byteLength(JSON.stringify(rowOf(columns, row)));
    return byteCount > PREVIEW_BYTES_MAX;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

async function firstCells(duck: Duck, column: TypedColumn, count: number): Promise<Cell[]> {
  const sql = `SELECT ${cellSql(column)} AS cell FROM ${DATA_TABLE} WHERE rowid < ${count} ORDER BY rowid`;
  return (await duck.rows<{ cell: Cell }>(sql)).map(({ cell }) => shortened(cell));
}

/** Values by the names of their columns; own properties, whatever the names. */
export const rowOf = (columns: readonly { name: string }[], row: Cell[]): Record<string, Cell> =>
  Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]));

function cellSql(column: TypedColumn): string {
  const c = `c${column.index}`;
  // One character more than is shown says that there are more.
  return asNumber(column) ?? (column.type === 'TEXT' ? `left(${c}, ${PREVIEW_TEXT_MAX + 1})` : c);
}

/** Characters are code points, as DuckDB counts them. */
function shortened(value: Cell): Cell {
  if (typeof value !== 'string' || value.length <= PREVIEW_TEXT_MAX) return value;
  const characters = [...value];
  return characters.length <= PREVIEW_TEXT_MAX ? value : characters.slice(0, PREVIEW_TEXT_MAX).join('') + CUT_MARK;
}
