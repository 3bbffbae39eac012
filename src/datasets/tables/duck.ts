import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { join } from 'node:path';
import { types } from 'node:util';

export interface DuckOptions {
  /** Scratch directory of this session: database file, spilled data, written files. Null: in memory, reads only. */
  scratch: string | null;
  /** Files outside the scratch directory that may be read. */
  readable: string[];
  memoryMb: number;
}

/** Some rows of a result, by column. */
export interface Chunk {
  rowCount: number;
  column(index: number): { getItem(row: number): unknown };
  /** Of a column of DOUBLE. What stands at the places of NULL is not defined. */
  doubles(index: number): Float64Array;
}

type Row = Record<string, unknown>;

/** Of what is spilled. By default most of the space that is free at first: then a full disk is told as a want of memory. */
const UNBOUNDED = '1000000GiB';
const SQL_SHOWN_MAX = 200;

/**
 * A DuckDB session that can touch its scratch directory and the named files and nothing else: no network, no
 * extension is installed or loaded, and the configuration is locked. The only importer of DuckDB.
 */
export class Duck {
  private readonly others: Duck[] = [];

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  static async open(options: DuckOptions): Promise<Duck> {
    const { scratch, readable, memoryMb } = options;
    // Loaded on first use: the API process imports this room too, and opens a session for a CSV download only.
    const { DuckDBInstance } = require('@duckdb/node-api') as typeof import('@duckdb/node-api');
    const file = scratch ? join(scratch, 'scratch.duckdb') : ':memory:';
    const instance = await DuckDBInstance.create(file, {
      // A table takes at least a block per column; of the standard 256 KiB, 2,000 columns would fill the memory.
      default_block_size: '32768',
      memory_limit: `${memoryMb}MB`,
      threads: '2',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      allow_persistent_secrets: 'false',
      ...(scratch ? { temp_directory: join(scratch, 'spill') } : {}),
    });
    const connection = await instance.connect();
    // Given with the others, it is not heeded.
    if (scratch) await connection.run(`SET max_temp_directory_size='${UNBOUNDED}'`);
    await connection.run(`SET GLOBAL TimeZone='UTC'`);
    // A scratch table is written once and read a few times: choosing compressions took twice the time of loading it.
    await connection.run(`SET force_compression='uncompressed'`);
    await connection.run(`SET allowed_directories=${listOf(scratch ? [scratch] : [])}`);
    await connection.run(`SET allowed_paths=${listOf(readable)}`);
    await connection.run('SET enable_external_access=false');
    await connection.run('SET lock_configuration=true');
    return new Duck(instance, connection);
  }

  /** Another session on the same tables, for queries that run at the same time. It ends with this one. */
  async beside(): Promise<Duck> {
    const other = new Duck(this.instance, await this.instance.connect());
    this.others.push(other);
    return other;
  }

  async run(sql: string, values?: DuckDBValue[]): Promise<void> {
    await this.connection.run(sql, values);
  }

  /** Rows as plain objects; whole numbers of any width come as JavaScript numbers, times as Date. */
  async rows<T = Row>(sql: string, values?: DuckDBValue[]): Promise<T[]> {
    const reader = await this.connection.runAndReadAll(sql, values);
    return reader.getRowObjectsJS().map((row) => plain(row) as T);
  }

  /** The row of a query that has one. Any other query is a mistake of ours: it fails before its rows are read. */
  async one<T = Row>(sql: string, values?: DuckDBValue[]): Promise<T> {
    const reader = await this.connection.streamAndReadUntil(sql, 2, values);
    if (reader.currentRowCount !== 1) throw new Error(`One row was expected of ${sql.slice(0, SQL_SHOWN_MAX)}`);
    return plain(reader.getRowObjectsJS()[0]) as T;
  }

  /** Streams a query whose columns are all DOUBLE and never NULL into one array per column, each as long as the result. */
  async fill(sql: string, values: DuckDBValue[], targets: (Float64Array | Int32Array)[]): Promise<void> {
    const result = await this.connection.stream(sql, values);
    let offset = 0;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      targets.forEach((target, column) => {
        target.set(doublesOf(chunk.getColumnVector(column), chunk.rowCount), offset);
      });
      offset += chunk.rowCount;
    }
  }

  /** Streams a query in chunks of about two thousand rows; the next is computed when it is asked for. */
  async *chunks(sql: string, values: DuckDBValue[] = []): AsyncGenerator<Chunk> {
    const result = await this.connection.stream(sql, values);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      yield {
        rowCount: chunk.rowCount,
        column: (index) => chunk.getColumnVector(index),
        doubles: (index) => doublesOf(chunk.getColumnVector(index), chunk.rowCount),
      };
    }
  }

  /** Stops the running statements; they then fail. */
  interrupt(): void {
    this.connection.interrupt();
    for (const other of this.others) other.interrupt();
  }

  close(): void {
    for (const other of this.others) other.connection.closeSync();
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/**
 * DuckDB's own buffer of a vector: one copy in place of a call for each value. Its package keeps the field to itself, and has
 * no other way to it.
 */
function doublesOf(vector: object, rowCount: number): Float64Array {
  const { items } = vector as { items?: unknown };
  if (!types.isFloat64Array(items))
    throw new Error('This release of @duckdb/node-api keeps no array of doubles in `items` of a vector of DOUBLE.');
  return items.subarray(0, rowCount);
}

/** A text literal. Values are bound wherever SQL allows it; this is for the places that take literals only. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A quoted identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const listOf = (items: string[]): string => `[${items.map(literal).join(', ')}]`;

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
