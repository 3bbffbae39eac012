/** Runs one file through the real ingestion, in a directory of its own. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from '../../src/engine';
import type { DatasetFormat } from '../../src/datasets';
import { RefusedFile, type Finding } from '../../src/datasets/ingest/finding';
import { ingestFile, type ProfiledColumn } from '../../src/datasets/ingest/ingest';
import type { SizeLimits } from '../../src/datasets/ingest/files/size-limits';
import type { Cell } from '../../src/datasets/ingest/profile/preview';
import { COLUMN_TYPES, type ColumnType, formatReader } from '../../src/formats';
import { Duck, literal } from '../../src/datasets/tables/duck';
import { readParquetTable } from '../../src/datasets/ingest/table';

export interface Outcome {
  rowCount: number;
  columns: ProfiledColumn[];
  findings: Finding[];
  firstRows: Cell[][];
  hash: string;
  table: Table;
}

export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'praxis-ingest-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A Parquet file with what a query selects. */
export const parquetOf = (query: string): Promise<Buffer> =>
  inFolder(async (folder) => {
    const duck = await Duck.open({ scratch: folder, readable: [], memoryMb: 400 });
    const path = join(folder, 'file.parquet');
    await duck.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet)`);
    duck.close();
    return readFile(path);
  });

const LIMITS: SizeLimits = { byteCountMax: 1e8, cellCountMax: 1e8, ratioMax: 250 };

export const ingest = (
  content: string | Uint8Array,
  format: DatasetFormat = 'CSV',
  limits: Partial<SizeLimits> = {},
): Promise<Outcome> =>
  inFolder(async (folder) => {
    const path = join(folder, 'file');
    await writeFile(path, content);
    return ingestPath(path, format, join(folder, 'scratch'), limits);
  });

export async function ingestPath(
  path: string,
  format: DatasetFormat,
  scratch: string,
  limits: Partial<SizeLimits> = { byteCountMax: 1e10 },
): Promise<Outcome> {
  await mkdir(scratch, { recursive: true });
  const { contentHash, parquetPath, ...done } = await ingestFile({
    ...{ path, format, scratch },
    limits: { ...LIMITS, ...limits },
    memoryMb: 256,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  return { ...done, hash: contentHash.toString('hex'), table: await readParquetTable(parquetPath, done.columns) };
}

/** Cells as `predict` reads them: the numbers that ISO 8601 texts stand for, all others as they are. */
export const numbersOf = (columns: readonly { type: ColumnType }[], rows: readonly Cell[][]): Cell[][] => {
  const readers = columns.map(
    ({ type }) => COLUMN_TYPES[type].inJson && formatReader(COLUMN_TYPES[type].inJson.format),
  );
  return rows.map((row) =>
    row.map((cell, at) => (typeof cell === 'string' && readers[at] ? (readers[at](cell) ?? NaN) : cell)),
  );
};

/** The findings a file is refused with. */
export async function refusalOf(
  content: string | Uint8Array,
  format: DatasetFormat = 'CSV',
  limits: Partial<SizeLimits> = {},
) {
  try {
    await ingest(content, format, limits);
  } catch (error) {
    if (error instanceof RefusedFile) return error.findings;
    throw error;
  }
  throw new Error('The file was accepted.');
}

/** Code, column and row: where a finding points. */
export const places = (findings: Finding[]) => findings.map(({ code, column, row }) => [code, column, row]);
