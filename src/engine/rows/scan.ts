/** Reads a table in parts, with the rows of interest that are in each. */
import type { Table, TableSource } from '../types';

export interface ScannedRows {
  /** Of the table. */
  rows: Uint32Array;
  /** The same, in the part. */
  at: Uint32Array;
}

export type Scanned<K extends string> = Record<K, ScannedRows> & { part: Table };

/** @param sets of rows, each ascending. Throws where the table has fewer rows. */
export async function* scanRows<K extends string>(
  source: TableSource,
  columns: string[],
  sets: Record<K, Uint32Array>,
): AsyncGenerator<Scanned<K>> {
  const left = Object.entries<Uint32Array>(sets).map(([name, rows]) => ({ name, rows }));
  let first = 0;
  for await (const part of source.scan(columns)) {
    const end = first + part.rowCount;
    const found = left.map((set): [string, ScannedRows] => {
      const rows = set.rows.subarray(0, countBelow(set.rows, end));
      set.rows = set.rows.subarray(rows.length);
      return [set.name, { rows, at: first === 0 ? rows : rows.map((row) => row - first) }];
    });
    yield { ...(Object.fromEntries(found) as Record<K, ScannedRows>), part };
    first = end;
  }
  const missing = left.reduce((sum, { rows }) => sum + rows.length, 0);
  if (missing > 0) throw new Error(`The table ended ${missing} rows too early.`);
}

function countBelow(rows: Uint32Array, end: number): number {
  let count = 0;
  while (count < rows.length && rows[count] < end) count++;
  return count;
}
