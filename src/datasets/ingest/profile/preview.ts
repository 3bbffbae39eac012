import { COLUMN_TYPES } from '../../../formats';
import type { Duck } from '../../tables/duck';
import type { TypedColumn } from '../columns/infer';
import { asNumber, DATA_TABLE } from './profile';

/** As a row of `predict` takes it: what JSON has no values for, such as times, is ISO 8601 text. Null is missing. */
export type Cell = number | boolean | string | null;

/** A row behind its number; 1 is the first. */
export type NumberedRow = [number: number, ...cells: Cell[]];

export const PREVIEW_ROWS_MAX = 100;
/** Of all rows together, as JSON with the name of the column at each value. */
export const PREVIEW_BYTES_MAX = 128 * 1024;
/** Longer texts are cut to so many characters, and the mark is put behind them. */
export const PREVIEW_TEXT_MAX = 200;
export const CUT_MARK = '…';

/** What is kept to draw samples from. */
export const SAMPLE_ROWS_KEPT = 500;
const SAMPLE_BYTES_MAX = 256 * 1024;

const COLUMNS_AT_ONCE = 16;

/** `"a":1,` */
const CELL_BYTES_MIN = 6;

/** The first rows of an ingestion: as many as the bounds let in. */
export async function previewRows(duck: Duck, columns: TypedColumn[]): Promise<Cell[][]> {
  const count = fitting(columns, PREVIEW_ROWS_MAX, PREVIEW_BYTES_MAX);
  const rows = await readRows(duck, columns, `rowid < ${count}`);
  return within(columns, rows, PREVIEW_BYTES_MAX).map(([, ...cells]) => cells);
}

/** Rows drawn at random, the same ones whenever the same file is read; in the order in which they were drawn. */
export async function sampleRows(duck: Duck, columns: TypedColumn[]): Promise<NumberedRow[]> {
  const count = fitting(columns, SAMPLE_ROWS_KEPT, SAMPLE_BYTES_MAX);
  const drawn = await duck.rows<{ id: number }>(
    `SELECT rowid AS id FROM ${DATA_TABLE} ORDER BY hash(rowid), rowid LIMIT ${count}`,
  );
  if (drawn.length === 0) return [];
  const ids = drawn.map(({ id }) => id);
  const rows = await readRows(duck, columns, `rowid IN (${ids.join(', ')})`);
  const byNumber = new Map(rows.map((row) => [row[0], row]));
  return within(
    columns,
    ids.map((id) => byNumber.get(id + 1)!),
    SAMPLE_BYTES_MAX,
  );
}

/** No more is read than could be kept. */
const fitting = (columns: TypedColumn[], rowsMax: number, bytesMax: number): number =>
  Math.min(rowsMax, Math.ceil(bytesMax / CELL_BYTES_MIN / columns.length));

/** In the order of the file; some columns at a time, so that wide tables of long texts do not fill the memory. */
async function readRows(duck: Duck, columns: TypedColumn[], where: string): Promise<NumberedRow[]> {
  let rows: NumberedRow[] = [];
  for (let start = 0; start < columns.length; start += COLUMNS_AT_ONCE) {
    const some = columns.slice(start, start + COLUMNS_AT_ONCE);
    const cells = some.map((column, at) => `${cellSql(column)} AS v${at}`).join(', ');
    const sql = `SELECT rowid + 1 AS number, ${cells} FROM ${DATA_TABLE} WHERE ${where} ORDER BY rowid`;
    const read = await duck.rows<{ number: number } & Record<string, Cell>>(sql);
    if (start === 0) rows = read.map(({ number }) => [number]);
    read.forEach((row, at) => rows[at].push(...some.map((_, place) => shortened(row[`v${place}`]))));
  }
  return rows;
}

/** The first rows that take no more than so many bytes. */
function within(columns: TypedColumn[], rows: NumberedRow[], bytesMax: number): NumberedRow[] {
  let byteCount = 0;
  const end = rows.findIndex(([, ...cells]) => {
    byteCount += Buffer.byteLength(JSON.stringify(rowOf(columns, cells)));
    return byteCount > bytesMax;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

/** Values by the names of their columns; own properties, whatever the names. */
export const rowOf = (columns: readonly { name: string }[], row: Cell[]): Record<string, Cell> =>
  Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]));

function cellSql(column: TypedColumn): string {
  const c = `c${column.index}`;
  const { inJson, isText, text } = COLUMN_TYPES[column.type];
  if (inJson) return text(c);
  // One character more than is shown says that there are more.
  return asNumber(column) ?? (isText ? `left(${c}, ${PREVIEW_TEXT_MAX + 1})` : c);
}

/** Characters are code points, as DuckDB counts them. */
function shortened(value: Cell): Cell {
  if (typeof value !== 'string' || value.length <= PREVIEW_TEXT_MAX) return value;
  const characters = [...value];
  return characters.length <= PREVIEW_TEXT_MAX ? value : characters.slice(0, PREVIEW_TEXT_MAX).join('') + CUT_MARK;
}
