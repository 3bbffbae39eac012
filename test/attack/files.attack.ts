/** Hostile files: mutated ones of every kind, and such as are small and stand for much; then tables, sound and faulty. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Duck, literal } from '../../src/datasets/tables/duck';
import { RefusedFile } from '../../src/datasets/ingest/finding';
import { ingestFile } from '../../src/datasets/ingest/ingest';
import { EngineError } from '../../src/engine';
import type { DatasetFormat } from '../../src/datasets';
import { ModelFolder } from '../../src/pretrained/folder';
import { Scratch } from '../../src/storage';
import { Random } from '../support/random';
import { zip } from '../support/zip';
import { atMost, type Attack, type Check } from './attack';
import { attackWithTables } from './tables/reading';

const MIB = 2 ** 20;
const LIMITS = { byteCountMax: 64 * MIB, cellCountMax: 5_000_000, ratioMax: 250 };
const MEMORY_MB = 256;
const MESSAGE_LENGTH_MAX = 1_000;
const FINDINGS_MAX = 20;
/** Files that are read side by side. */
const LANES = 2;
/** Every how many files the memory is looked at. */
const LOOK_EVERY = 50;

type Kind = DatasetFormat | 'ZIP';
interface Hostile {
  name: string;
  kind: Kind;
  bytes: Buffer;
}

export const attack: Attack = async ({ seed, log }) => [
  ...(await attackWithFiles({ seed, log, mutants: 1_500 })),
  ...(await attackWithTables({ seed, log, files: 2_000 })),
];

export async function attackWithFiles(o: { seed: number; log(line: string): void; mutants: number }): Promise<Check[]> {
  const folder = await mkdtemp(join(tmpdir(), 'praxis-attack-files-'));
  try {
    const target = new Target(folder);
    const whole = await wholeFiles(folder);
    const random = new Random(o.seed);
    // What is large comes alone.
    for (const bomb of bombs()) await target.take(bomb, 0);
    const left = mutants(whole, random, o.mutants);
    const lane = async (name: number) => {
      for (const mutant of left) {
        await target.take(mutant, name);
        if (target.taken % 250 === 0) o.log(`${target.taken} files, ${target.refused} refused`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, name) => lane(name)));
    return target.checks(o.mutants);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes files as the product does, and notes what it did with them. */
class Target {
  taken = 0;
  refused = 0;
  private readonly scratch: Scratch;
  private readonly faults: string[] = [];
  private readonly leaks: string[] = [];
  private left = 0;
  private messageLength = 0;
  private findings = 0;
  private diskBytes = 0;
  private baseRss = 0;
  private rss = 0;

  constructor(private readonly folder: string) {
    this.scratch = new Scratch(join(folder, 'scratch'));
  }

  async take(hostile: Hostile, lane: number): Promise<void> {
    const subject = `lane-${lane}`;
    const path = join(this.folder, subject);
    await writeFile(path, hostile.bytes);
    try {
      await (hostile.kind === 'ZIP' ? this.open(path) : this.ingest(path, hostile.kind, subject));
    } catch (error) {
      this.note(hostile, error);
    }
    const folders = await readdir(join(this.folder, 'scratch')).catch(() => []);
    this.left += folders.filter((name) => name.endsWith(subject)).length;
    if (++this.taken % LOOK_EVERY === 0) this.look();
  }

  checks(mutants: number): Check[] {
    for (const fault of this.faults.slice(0, 5)) console.error(fault);
    return [
      atMost('files that were neither read nor refused in words', this.faults.length, 0, 'files'),
      atMost('messages that hold a path of the server', this.leaks.length, 0, 'messages'),
      atMost('length of a message', this.messageLength, MESSAGE_LENGTH_MAX, 'characters'),
      atMost('findings of a refusal', this.findings, FINDINGS_MAX, 'findings'),
      atMost('folders left behind', this.left, 0, 'folders'),
      atMost('disk of one file', this.diskBytes / MIB, 512, 'MiB'),
      atMost('growth of memory', (this.rss - this.baseRss) / MIB, 1_000, 'MiB'),
      { ...atMost('mutated files', mutants, Infinity, 'files'), ok: this.taken >= mutants },
    ];
  }

  private ingest(path: string, format: DatasetFormat, subject: string): Promise<void> {
    const { signal } = new AbortController();
    return this.scratch.use(subject, async (scratch) => {
      try {
        const request = { path, format, scratch, limits: LIMITS, memoryMb: MEMORY_MB, signal };
        await ingestFile({ ...request, onProgress: () => undefined });
      } finally {
        this.diskBytes = Math.max(this.diskBytes, await bytesBelow(scratch));
      }
    });
  }

  private async open(path: string): Promise<void> {
    const folder = await ModelFolder.open(path, { byteCountMax: LIMITS.byteCountMax });
    try {
      await folder.topology();
      for await (const _ of folder.read('weights.bin'));
    } finally {
      folder.close();
    }
  }

  private note({ name }: Hostile, error: unknown): void {
    const told = error instanceof RefusedFile ? error.findings.flatMap(({ message, fix }) => [message, fix]) : null;
    const words = told ?? (error instanceof EngineError ? [error.message, error.hint ?? ''] : null);
    if (!words) return void this.faults.push(`${name}: ${String(error)}`);
    this.refused++;
    if (error instanceof RefusedFile) this.findings = Math.max(this.findings, error.findings.length);
    this.leaks.push(...words.filter((word) => word.includes(this.folder)));
    this.messageLength = Math.max(this.messageLength, ...words.map((word) => word.length));
  }

  /** Growth is counted from where the libraries are loaded. */
  private look(): void {
    const { rss } = process.memoryUsage();
    this.baseRss ||= rss;
    this.rss = Math.max(this.rss, rss);
  }
}

async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then(({ size }) => size)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function wholeFiles(folder: string): Promise<Hostile[]> {
  const rows = Array.from({ length: 300 }, (_, i) => ({ a: i, b: i / 7, c: `text ${i % 11}`, d: i % 2 === 0 }));
  const csv = Buffer.from(`a,b,c,d\n${rows.map((row) => Object.values(row).join(',')).join('\n')}\n`);
  const jsonl = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
  const parquet = await parquetOf(folder);
  const model = zip({ 'model.json': JSON.stringify({ modelTopology: {} }), 'weights.bin': Buffer.alloc(2_000, 7) });
  return [
    { name: 'CSV', kind: 'CSV', bytes: csv },
    { name: 'CSV, quoted', kind: 'CSV', bytes: Buffer.from(`"a","b"\n${'"x, y","1\n2"\n'.repeat(200)}`) },
    { name: 'CSV, gzip', kind: 'CSV', bytes: gzipSync(csv) },
    { name: 'CSV, UTF-16', kind: 'CSV', bytes: Buffer.from(`\ufeff${csv.toString()}`, 'utf16le') },
    { name: 'JSON lines', kind: 'JSONL', bytes: jsonl },
    { name: 'JSON lines, gzip', kind: 'JSONL', bytes: gzipSync(jsonl) },
    ...parquet.map((bytes, i) => ({ name: `Parquet ${i}`, kind: 'PARQUET' as const, bytes })),
    { name: 'ZIP', kind: 'ZIP', bytes: model },
  ];
}

async function parquetOf(folder: string): Promise<Buffer[]> {
  const duck = await Duck.open({ scratch: folder, readable: [], memoryMb: 100 });
  const query = `SELECT range AS a, range / 7 AS b, 'text ' || range % 11 AS c, range % 2 = 0 AS d FROM range(300)`;
  const files: Buffer[] = [];
  for (const codec of ['uncompressed', 'snappy', 'zstd', 'gzip']) {
    const path = join(folder, `${codec}.parquet`);
    await duck.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet, COMPRESSION ${codec})`);
    files.push(readFileSync(path));
  }
  duck.close();
  return files;
}

/** Small files that stand for much, and such as are of a hostile shape. */
function bombs(): Hostile[] {
  const fixture = (name: string) => readFileSync(join(__dirname, '../datasets/fixtures', name));
  const csv = (name: string, bytes: Buffer | string): Hostile => ({ name, kind: 'CSV', bytes: Buffer.from(bytes) });
  const jsonl = (name: string, text: string): Hostile => ({ name, kind: 'JSONL', bytes: Buffer.from(text) });
  const wide = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
  const keys = JSON.stringify(Object.fromEntries(wide.slice(0, 1_999).map((key) => [key, 1])));
  return [
    { name: '100 million rows', kind: 'PARQUET', bytes: fixture('rows-of-one-value.parquet') },
    { name: 'a text over and over', kind: 'PARQUET', bytes: fixture('long-text-over-and-over.parquet') },
    csv('gzip bomb', gzipSync(Buffer.alloc(300 * MIB, 'a,b\n'), { level: 9 })),
    csv('gzip of gzip', gzipSync(gzipSync(Buffer.alloc(10 * MIB)))),
    csv('blank lines', `a,b\n1,2\n${'\n'.repeat(20_000_000)}3,4\n`),
    csv('delimiters', `${wide.slice(0, 2_000).join(',')}\n${`${','.repeat(1_999)}\n`.repeat(5_000)}`),
    csv('100,000 columns', `${wide.join(',')}\n`),
    csv('a cell of 10 MB', `a,b\n1,${'x'.repeat(10 * MIB)}\n`),
    csv('a quote that never ends', `a,b\n1,"${'x\n'.repeat(5 * MIB)}`),
    csv('NUL', Buffer.alloc(MIB)),
    jsonl('nested lists', `{"a":${'['.repeat(1_000_000)}`),
    jsonl('nested objects', `{"a":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`),
    jsonl('few keys a row, many in all', `${keys}\n${'{}\n'.repeat(3_000)}`),
    jsonl('a long key', `{"${'k'.repeat(1_500_000)}":1}`),
    jsonl('many keys', `{${wide.map((key) => `"${key}":1`).join(',')}}`),
    { name: 'ZIP bomb', kind: 'ZIP', bytes: zip({ 'model.json': '{}', 'weights.bin': Buffer.alloc(100 * MIB) }) },
    {
      name: 'ZIP that lies',
      kind: 'ZIP',
      bytes: zip(
        { 'model.json': '{}', 'weights.bin': Buffer.alloc(100 * MIB) },
        { sizeOf: (d) => Math.min(d.length, 10) },
      ),
    },
  ];
}

function* mutants(whole: Hostile[], random: Random, count: number): Generator<Hostile> {
  for (let i = 0; i < count; i++) {
    const { name, kind, bytes } = whole[i % whole.length];
    let mutated = bytes;
    for (let times = 1 + Math.floor(random.next() * 4); times > 0; times--) mutated = mutate(mutated, random);
    yield { name: `${name}, mutant ${i}`, kind, bytes: mutated };
  }
}

/** One change: bytes flipped, cut out, doubled, moved to the end, or set to an extreme. */
function mutate(bytes: Buffer, random: Random): Buffer {
  const at = Math.floor(random.next() * bytes.length);
  const to = Math.min(bytes.length, at + 1 + Math.floor(random.next() ** 4 * bytes.length));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  const changes = [
    () => [before, Buffer.from([Math.floor(random.next() * 256)]), bytes.subarray(at + 1)],
    () => [before, after],
    () => [before, part, part, after],
    () => [before, after, part],
    () => [before, Buffer.alloc(Math.min(part.length, 8), random.next() < 0.5 ? 0xff : 0), bytes.subarray(at + 8)],
    () => [before],
  ];
  return Buffer.concat(changes[Math.floor(random.next() * changes.length)]());
}
