import { createHash } from 'node:crypto';
import type { Column, Table } from '../../engine';
import { Duck, listOf } from '../duck';
import type { ColumnType } from './infer';
import { asNumber, DATA_TABLE } from './profile';

/** Where a column stands in the Parquet file, and what it is called in the data set. */
export interface StoredColumn {
  index: number;
  name: string;
  type: ColumnType;
}

export const READ_MEMORY_MB = 512;

/** Shows a Parquet file of ours as the data table. */
async function openData(duck: Duck, path: string): Promise<void> {
  const file = listOf([path]);
  await duck.run(`CREATE VIEW ${DATA_TABLE} AS SELECT * FROM read_parquet(${file})`);
}

/**
 * Reads columns of a Parquet file of ours as a table for the engine: numbers and times (milliseconds since 1970 UTC) as
 * number columns with NaN for missing, text and booleans as category columns with sorted levels.
 */
export async function readParquetTable(path: string, columns: StoredColumn[]): Promise<Table> {
  const duck = await Duck.open({ scratch: null, readable: [path], memoryMb: READ_MEMORY_MB });
  try {
    await openData(duck, path);
    const { rowCount } = await duck.one<{ rowCount: number }>(`SELECT count(*) AS "rowCount" FROM ${DATA_TABLE}`);
    return { rowCount, columns: await readColumns(duck, columns, rowCount) };
  } finally {
    duck.close();
  }
}

/**
 * SHA-256 over names, types and values in order: the same content gives the same hash whatever the file looked like
 * and whichever version of DuckDB wrote it.
 */
export async function contentHash(duck: Duck, columns: StoredColumn[], rowCount: number): Promise<Buffer> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([rowCount, columns.map(({ name, type }) => [name, type])]));
  for (const column of columns) {
    const [values] = await readColumns(duck, [column], rowCount);
    if (values.kind === 'category') hash.update(JSON.stringify(values.levels));
    hash.update(bytesOf(values.kind === 'number' ? values.values : values.codes));
  }
  return hash.digest();
}

async function readColumns(duck: Duck, columns: StoredColumn[], rowCount: number): Promise<Column[]> {
  const read: { column: Column; target: Float64Array | Int32Array; sql: string }[] = [];
  for (const stored of columns) {
    const number = asNumber(stored);
    if (number) {
      const values = new Float64Array(rowCount);
      const sql = `coalesce(${number} + 0.0::DOUBLE, 'NaN'::DOUBLE)`;
      read.push({ column: { name: stored.name, kind: 'number', values }, target: values, sql });
      continue;
    }
    const { levels, sql } = await levelsOf(duck, stored);
    const codes = new Int32Array(rowCount);
    read.push({ column: { name: stored.name, kind: 'category', codes, levels }, target: codes, sql });
  }
  const targets = read.map((entry) => entry.target);
  if (read.length > 0)
    await duck.fill(`SELECT ${read.map((entry) => entry.sql).join(', ')} FROM ${DATA_TABLE}`, [], targets);
  return read.map((entry) => entry.column);
}

/** Levels in byte order, and the expression of the codes. An ENUM lets DuckDB do the dictionary coding. */
async function levelsOf(duck: Duck, { index, type }: StoredColumn): Promise<{ levels: string[]; sql: string }> {
  const c = `c${index}`;
  if (type === 'BOOLEAN') return { levels: ['false', 'true'], sql: `coalesce(CAST(${c} AS DOUBLE), -1)` };
  const rows = await duck.rows<{ v: string }>(
    `SELECT DISTINCT ${c} AS v FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL ORDER BY v`,
  );
  const levels = rows.map((row) => row.v);
  if (levels.length === 0) return { levels, sql: '(-1)::DOUBLE' };
  await duck.run(`DROP TYPE IF EXISTS levels_${index}`);
  await duck.run(
    `CREATE TYPE levels_${index} AS ENUM (SELECT DISTINCT ${c} FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL ORDER BY ${c})`,
  );
  return { levels, sql: `coalesce(CAST(enum_code(CAST(${c} AS levels_${index})) AS DOUBLE), -1)` };
}

const bytesOf = (array: Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
