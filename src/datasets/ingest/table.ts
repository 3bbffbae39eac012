import { createHash, type Hash } from 'node:crypto';
import type { Column, Table } from '../../engine';
import { COLUMN_TYPES } from '../../formats';
import { Duck } from '../tables/duck';
import { placedData } from './files/file-columns';
import type { ColumnType } from './columns/infer';
import { asNumber, DATA_TABLE } from './profile/profile';

/** Where a column stands in the Parquet file, and what it is called in the data set. */
export interface StoredColumn {
  index: number;
  name: string;
  type: ColumnType;
}

export const READ_MEMORY_MB = 512;

/** Shows a Parquet file of ours as the data table. */
async function openData(duck: Duck, path: string): Promise<void> {
  await duck.run(`CREATE VIEW ${DATA_TABLE} AS SELECT * FROM ${await placedData(duck, path, { numbered: false })}`);
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
  for (const column of columns) await hashColumn(duck, column, hash);
  return hash.digest();
}

/** Piece by piece: neither the rows nor the levels of a column have to fit into memory. */
async function hashColumn(duck: Duck, column: StoredColumn, hash: Hash): Promise<void> {
  const number = asNumber(column);
  if (!number) await hashLevels(duck, column, hash);
  const sql = number ? orNaN(number) : await codesOf(duck, column);
  for await (const chunk of duck.chunks(`SELECT ${sql} FROM ${DATA_TABLE}`)) {
    const values = chunk.doubles(0);
    hash.update(bytesOf(number ? values : new Int32Array(values)));
  }
}

/** As JSON.stringify writes the list of them. */
async function hashLevels(duck: Duck, column: StoredColumn, hash: Hash): Promise<void> {
  hash.update('[');
  let before = '';
  for await (const chunk of levelChunks(duck, column)) {
    hash.update(`${before}${chunk.map((level) => JSON.stringify(level)).join(',')}`);
    before = ',';
  }
  hash.update(']');
}

async function readColumns(duck: Duck, columns: StoredColumn[], rowCount: number): Promise<Column[]> {
  const read: { column: Column; target: Float64Array | Int32Array; sql: string }[] = [];
  for (const stored of columns) {
    const number = asNumber(stored);
    if (number) {
      const values = new Float64Array(rowCount);
      read.push({ column: { name: stored.name, kind: 'number', values }, target: values, sql: orNaN(number) });
      continue;
    }
    const levels = await levelsOf(duck, stored);
    const sql = await codesOf(duck, stored);
    const codes = new Int32Array(rowCount);
    read.push({ column: { name: stored.name, kind: 'category', codes, levels }, target: codes, sql });
  }
  const targets = read.map((entry) => entry.target);
  if (read.length > 0)
    await duck.fill(`SELECT ${read.map((entry) => entry.sql).join(', ')} FROM ${DATA_TABLE}`, [], targets);
  return read.map((entry) => entry.column);
}

const orNaN = (number: string): string => `coalesce(${number} + 0.0::DOUBLE, 'NaN'::DOUBLE)`;

/** The different values of a column, in byte order. */
async function* levelChunks(duck: Duck, { index, type }: StoredColumn): AsyncGenerator<string[]> {
  const { levels } = COLUMN_TYPES[type];
  if (levels) return yield [...levels];
  const c = `c${index}`;
  const sql = `SELECT DISTINCT ${c} AS v FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL ORDER BY v`;
  for await (const chunk of duck.chunks(sql)) {
    const vector = chunk.column(0);
    yield Array.from({ length: chunk.rowCount }, (_, row) => vector.getItem(row) as string);
  }
}

async function levelsOf(duck: Duck, column: StoredColumn): Promise<string[]> {
  const levels: string[] = [];
  for await (const chunk of levelChunks(duck, column)) levels.push(...chunk);
  return levels;
}

/** The expression of the places of values among the levels; -1 for missing. An ENUM lets DuckDB do the dictionary coding. */
async function codesOf(duck: Duck, { index, type }: StoredColumn): Promise<string> {
  const c = `c${index}`;
  if (COLUMN_TYPES[type].levels) return `coalesce(CAST(${c} AS DOUBLE), -1)`;
  const values = `FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL`;
  const { present } = await duck.one<{ present: number }>(`SELECT count(*) AS present ${values}`);
  if (present === 0) return '(-1)::DOUBLE';
  await duck.run(`DROP TYPE IF EXISTS levels_${index}`);
  await duck.run(`CREATE TYPE levels_${index} AS ENUM (SELECT DISTINCT ${c} ${values} ORDER BY ${c})`);
  return `coalesce(CAST(enum_code(CAST(${c} AS levels_${index})) AS DOUBLE), -1)`;
}

const bytesOf = (array: Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
