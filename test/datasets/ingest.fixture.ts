/** Runs one file through the real ingestion, in a directory of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from '../../src/engine';
import type { DatasetFormat } from '../../src/datasets';
import { RefusedFile, type Finding } from '../../src/datasets/ingest/finding';
import { ingestFile, type ProfiledColumn } from '../../src/datasets/ingest/ingest';
import { readParquetTable } from '../../src/datasets/ingest/table';

export interface Outcome {
  rowCount: number;
  columns: ProfiledColumn[];
  findings: Finding[];
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

export const ingest = (
  content: string | Uint8Array,
  format: DatasetFormat = 'CSV',
  byteCountMax = 1e8,
): Promise<Outcome> =>
  inFolder(async (folder) => {
    const path = join(folder, 'file');
    await writeFile(path, content);
    return ingestPath(path, format, join(folder, 'scratch'), byteCountMax);
  });

export const ingestPath = (
  path: string,
  format: DatasetFormat,
  scratch: string,
  byteCountMax = 1e10,
): Promise<Outcome> =>
  ingestFile(
    {
      path,
      format,
      scratch,
      byteCountMax,
      memoryMb: 256,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
    async ({ contentHash, parquetPath, ...done }) => ({
      ...done,
      hash: contentHash.toString('hex'),
      table: await readParquetTable(parquetPath, done.columns),
    }),
  );

/** The findings a file is refused with. */
export async function refusalOf(content: string | Uint8Array, format: DatasetFormat = 'CSV', byteCountMax?: number) {
  try {
    await ingest(content, format, byteCountMax);
  } catch (error) {
    if (error instanceof RefusedFile) return error.findings;
    throw error;
  }
  throw new Error('The file was accepted.');
}

/** Code, column and row: where a finding points. */
export const places = (findings: Finding[]) => findings.map(({ code, column, row }) => [code, column, row]);
