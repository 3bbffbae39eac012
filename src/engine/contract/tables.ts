/** Tables as the engine reads them: typed columns in memory, or a source that reads them in parts. */

/** A numeric column; NaN is a missing value. */
export interface NumberColumn {
  name: string;
  kind: 'number';
  values: Float64Array;
}

/** A column of text or booleans, dictionary coded; code -1 is a missing value. */
export interface CategoryColumn {
  name: string;
  kind: 'category';
  codes: Int32Array;
  levels: string[];
}

export type Column = NumberColumn | CategoryColumn;

export interface Table {
  rowCount: number;
  columns: Column[];
  /** Where steps left some rows of a table: which rows of it these are. */
  origins?: Uint32Array;
}

export function isMissing(column: Column, row: number): boolean {
  if (column.kind === 'number') return !Number.isFinite(column.values[row]);
  const code = column.codes[row];
  return code < 0 || column.levels[code] === '';
}

/** As people count: from 1, in the table that was given. */
export const rowNumber = ({ origins }: Pick<Table, 'origins'>, row: number): number => (origins?.[row] ?? row) + 1;

/** A table too large to be held, in the hands of somebody who can read it in parts. */
export interface TableSource {
  rowCount: number;
  /** Names. */
  columns: string[];
  /** Whole columns. */
  read(columns: string[]): Promise<Table>;
  /** All columns of about `rows` rows, drawn by the seed, in order; the same ones each time. */
  sample(rows: number, seed: number): Promise<TableSample>;
  /** All rows in order, in parts. Levels of a category are those of the part. */
  scan(columns: string[]): AsyncIterable<Table>;
}

export interface TableSample extends Table {
  /** Which rows of the table these are. */
  rowNumbers: Uint32Array;
}
