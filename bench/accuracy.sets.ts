/** Public data sets in a folder: a CSV and a card (JSON) for each, and `baselines.md` with the scores of peers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ingestFile } from '../src/datasets/ingest/ingest';
import { readParquetTable } from '../src/datasets/ingest/table';
import type { ColumnTraits, Table } from '../src/engine/types';

/** What a card says of its set; `split.column` where the file has the column of the split. */
interface SetCard {
  name: string;
  kind: string;
  task: string;
  target: string;
  drop?: string[];
  split: { kind: string; column?: string };
}

export interface PublicSet {
  card: SetCard;
  /** Of the split: train and test in every row. */
  splitColumn: string;
  table: Table;
  traits: Map<string, ColumnTraits>;
}

/** A peer's score, in the words of the file: "lightgbm_default 0.9895". */
export interface PeerScores {
  metric: string;
  linear: string;
  neural: string;
  trees: string;
}

const SPLIT_COLUMN = 'split';
const TEST_SHARE = 0.2;
const GOLDEN = 2654435761;
const MEMORY_MB = 512;
const LIMITS = { byteCountMax: 1e9, cellCountMax: 1e9, ratioMax: 250 };

export const setNames = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((name) => fileOf(folder, name) !== null);

function fileOf(folder: string, name: string): string | null {
  const files = ['.csv', '.csv.gz'].map((extension) => join(folder, name + extension));
  return files.find((file) => existsSync(file)) ?? null;
}

/** Reads a set as an upload of it would be read, with the column of its split. */
export async function readSet(folder: string, name: string): Promise<PublicSet> {
  const card = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as SetCard;
  const file = fileOf(folder, name)!;
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const scratch = await mkdtemp(join(tmpdir(), 'praxis-bench-'));
  try {
    const path = join(scratch, 'table.csv');
    await writeFile(path, card.split.column ? text : withSplit(text));
    return { card, splitColumn: card.split.column ?? SPLIT_COLUMN, ...(await ingested(path, join(scratch, 'work'))) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function ingested(path: string, scratch: string): Promise<Pick<PublicSet, 'table' | 'traits'>> {
  await mkdir(scratch);
  const signal = new AbortController().signal;
  const options = { format: 'CSV' as const, limits: LIMITS, memoryMb: MEMORY_MB, signal, onProgress: () => undefined };
  const { parquetPath, columns } = await ingestFile({ path, scratch, ...options });
  const table = await readParquetTable(parquetPath, columns);
  return { table, traits: new Map(columns.map(({ name, type, role }) => [name, { type, role }])) };
}

/** Row i, from 0, is a test row where a hash of it says so: every peer had the same. No cell of these files has a line break. */
function withSplit(text: string): string {
  const [head, ...rows] = text.trimEnd().split(/\r?\n/);
  const isTest = (row: number): boolean => (Math.imul(row, GOLDEN) >>> 0) / 2 ** 32 < TEST_SHARE;
  const lines = rows.map((line, row) => `${line},${isTest(row) ? 'test' : 'train'}`);
  return `${[`${head},${SPLIT_COLUMN}`, ...lines].join('\n')}\n`;
}

/** By set; empty where there is no such file. */
export function peerScores(folder: string): Map<string, PeerScores> {
  const path = join(folder, 'baselines.md');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const rows = lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(
    rows.map(([, name, metric, , linear, neural, trees]) => [name, { metric, linear, neural, trees }] as const),
  );
}
