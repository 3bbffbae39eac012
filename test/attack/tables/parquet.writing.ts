import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Duck, identifier, literal } from '../../../src/datasets/tables/duck';
import type { Random } from '../../support/random';
import { pick, type SmallTable, type Value, type SmallType } from './small-table';

const numbers = (values: Value[]): number[] => values.filter((value) => typeof value === 'number');
const areWithin = (low: number, high: number) => (values: Value[]) =>
  numbers(values).every((value) => value >= low && value <= high);
const areWhole = (unit: number) => (values: Value[]) => numbers(values).every((value) => value % unit === 0);

/** A type of Parquet, and which values of a type of ours it holds; all where nothing is said. */
interface Stored {
  type: string;
  holds?: (values: Value[]) => boolean;
  missing?: string;
}

const STORED: Record<string, readonly Stored[]> = {
  INTEGER: [
    ...['BIGINT', 'DOUBLE', 'HUGEINT', 'DECIMAL(18,0)', 'DECIMAL(38,0)', 'DECIMAL(38,4)'].map((type) => ({ type })),
    { type: 'INTEGER', holds: areWithin(-(2 ** 31), 2 ** 31 - 1) },
    { type: 'SMALLINT', holds: areWithin(-(2 ** 15), 2 ** 15 - 1) },
    { type: 'DOUBLE', missing: `'NaN'::DOUBLE` },
  ],
  NUMBER: [
    { type: 'DOUBLE' },
    { type: 'DOUBLE', missing: `'NaN'::DOUBLE` },
    { type: 'DECIMAL(18,6)', holds: areWithin(-1e8, 1e8) },
  ],
  BOOLEAN: [{ type: 'BOOLEAN' }],
  TIMESTAMP: [
    ...['TIMESTAMP', 'TIMESTAMP_MS', 'TIMESTAMPTZ', 'TIMESTAMP_NS'].map((type) => ({ type })),
    { type: 'TIMESTAMP_S', holds: areWhole(1_000) },
    { type: 'DATE', holds: areWhole(86_400_000) },
  ],
  DATE: [{ type: 'DATE' }],
  TIME: [{ type: 'TIME' }],
  TEXT: [{ type: 'VARCHAR' }],
};

/** Of each column the expression of every cell; another one is a fault. */
export interface ParquetGrid {
  names: string[];
  columns: string[][];
}

export function parquetGrid({ columns }: SmallTable, random: Random): ParquetGrid {
  return {
    names: columns.map(({ name }) => name),
    columns: columns.map(({ type, cells }) => {
      const fitting = STORED[type].filter(({ holds }) => holds?.(cells) ?? true);
      const { type: stored, missing = 'NULL' } = pick(random, fitting);
      return cells.map((value) => `CAST(${value === null ? missing : sqlValue(value, type)} AS ${stored})`);
    }),
  };
}

function sqlValue(value: NonNullable<Value>, type: SmallType): string {
  if (typeof value === 'string') return literal(value);
  if (type === 'TIMESTAMP' || type === 'DATE') return `make_timestamp(${value as number}::BIGINT * 1000)`;
  if (type === 'TIME') return `(TIME '00:00:00' + to_microseconds(${(value as number) * 1_000_000}::BIGINT))`;
  // Digits alone are a DECIMAL, which says what is meant more exactly than a DOUBLE.
  return String(value);
}

/** Writes Parquet files into a folder, one after the other. */
export async function parquetBytes(duck: Duck, folder: string, grid: ParquetGrid, random: Random): Promise<Buffer> {
  const path = join(folder, 'written.parquet');
  const codec = pick(random, ['uncompressed', 'snappy', 'zstd', 'gzip']);
  const rows = grid.columns[0].map((_, row) => `(${grid.columns.map((cells) => cells[row]).join(', ')})`);
  const names = grid.names.map(identifier).join(', ');
  await duck.run(
    `COPY (SELECT * FROM (VALUES ${rows.join(', ')}) AS written(${names})) TO ${literal(path)}
     (FORMAT parquet, COMPRESSION ${codec}, PARQUET_VERSION ${pick(random, ['V1', 'V2'])})`,
  );
  return readFile(path);
}
