/**
 * Ingestion: a CSV of 1,000,000 rows x 20 columns goes through a real server and its work process; seconds from the first
 * byte sent to READY, and the most memory each process ever held (VmHWM, Linux only). In turn with it, bare DuckDB reads,
 * summarises and writes the same file; `ratio` is the time from the last byte sent to READY over its time, medians of all
 * rounds. `--growth` adds one round of ten times the rows.
 *   npm run bench -- ingest [--rows N] [--rounds N] [--growth] [--json]
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { childEnvironment } from '../src/config';
import type { BareResult } from './ingest.bare';

const ROWS = 1_000_000;
const ROUNDS = 3;
const GROWTH = 10;
const MEBIBYTE = 1024 * 1024;
const NUMBERS = 14;

interface OurResult {
  seconds: { upload: number; ingest: number; total: number };
  serveRssMb: number | null;
  workRssMb: number | null;
}

export interface IngestResult {
  rows: number;
  fileBytes: number;
  rounds: { ours: OurResult; bare: BareResult }[];
  /** Medians, from the last byte sent to READY, and of bare DuckDB. */
  seconds: { ingest: number; bare: number };
  ratio: number;
  rowsPerSecond: number;
  serveRssMb: number | null;
  workRssMb: number | null;
  /** The same of ten times the rows, and how many times as long they took. */
  growth?: IngestResult & { times: number };
}

export async function run(args: string[]): Promise<void> {
  const rows = option(args, '--rows', ROWS);
  const rounds = option(args, '--rounds', ROUNDS);
  const result = await compare(rows, rounds);
  if (args.includes('--growth')) {
    const grown = await compare(GROWTH * rows, 1);
    result.growth = { ...grown, times: round(grown.seconds.ingest / result.seconds.ingest) };
  }
  process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
}

function option(args: string[], name: string, otherwise: number): number {
  const at = args.indexOf(name);
  return at < 0 ? otherwise : Number(args[at + 1]);
}

/** Ours and bare DuckDB in turn, each time with a data set of its own on one server. */
async function compare(rows: number, roundCount: number): Promise<IngestResult> {
  const folder = await mkdtemp(join(tmpdir(), 'praxis-bench-'));
  // As root, PostgreSQL runs as a user of its own, which must be able to walk to its files.
  await chmod(folder, 0o711);
  const server = new Server(folder);
  try {
    const path = join(folder, 'table.csv');
    await pipeline(Readable.from(table(rows)), createWriteStream(path));
    await server.start();
    const rounds: IngestResult['rounds'] = [];
    for (let number = 1; number <= roundCount; number++) {
      rounds.push({ ours: await ours(server, path, rows), bare: await bare(path, join(folder, 'bare.parquet')) });
    }
    return summary(rows, path, rounds);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function summary(rows: number, path: string, rounds: IngestResult['rounds']): IngestResult {
  const ingest = median(rounds.map(({ ours }) => ours.seconds.ingest));
  const bareSeconds = median(rounds.map(({ bare }) => bare.seconds.total));
  const { serveRssMb, workRssMb } = rounds.at(-1)!.ours;
  return {
    ...{ rows, fileBytes: statSync(path).size, rounds },
    seconds: { ingest, bare: bareSeconds },
    ratio: round(ingest / bareSeconds),
    rowsPerSecond: Math.round(rows / median(rounds.map(({ ours }) => ours.seconds.total))),
    ...{ serveRssMb, workRssMb },
  };
}

async function ours(server: Server, path: string, rows: number): Promise<OurResult> {
  const input = { name: 'bench', format: 'CSV' };
  const { createDataset } = await server.ask(
    'mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { dataset { id } upload { url } } }',
    { input },
  );
  const start = performance.now();
  await server.put(createDataset.upload.url, path);
  const uploaded = performance.now();
  await server.ready(createDataset.dataset.id, rows);
  const ready = performance.now();
  const seconds = { upload: uploaded - start, ingest: ready - uploaded, total: ready - start };
  return { seconds: inSeconds(seconds), ...server.memory() };
}

const SOURCE = extname(__filename);
const LOADER = SOURCE === '.ts' ? ['-r', join(__dirname, '..', 'register.cjs')] : [];

async function bare(csv: string, parquet: string): Promise<BareResult> {
  const script = join(__dirname, `ingest.bare${SOURCE}`);
  const { stdout } = await promisify(execFile)(process.execPath, [...LOADER, script, csv, parquet]);
  return JSON.parse(stdout) as BareResult;
}

const round = (value: number): number => Math.round(value * 100) / 100;
const inSeconds = <T extends Record<string, number>>(times: T): T =>
  Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, round(ms / 1e3)])) as T;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round((sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2);
}

/** `start` as a child process, with a data directory of its own. */
class Server {
  private child: ChildProcess | null = null;
  private address = '';
  private key = '';

  constructor(private readonly folder: string) {}

  async start(): Promise<void> {
    const main = join(__dirname, '..', 'src', `main${SOURCE}`);
    const dataDir = join(this.folder, 'data');
    const env = childEnvironment({ PRAXIS_DATA_DIR: dataDir, PORT: '0', PRAXIS_LOG_LEVEL: 'warn', DATABASE_URL: '' });
    this.child = spawn(process.execPath, [...LOADER, main, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.child.stdout! });
    this.address = await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => line.startsWith('Praxis is up: ') && resolve(line.split(' ')[3]));
      lines.on('close', () => reject(new Error('The server did not start.')));
    });
    this.key = readFileSync(join(dataDir, 'demo-api-key'), 'utf8').trim();
  }

  async stop(): Promise<void> {
    if (!this.child || this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }

  async ask(query: string, variables: object): Promise<any> {
    const response = await fetch(`${this.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.key}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: unknown; errors?: { message: string }[] };
    if (errors) throw new Error(errors[0].message);
    return data;
  }

  async put(url: string, path: string): Promise<void> {
    const body = createReadStream(path, { highWaterMark: MEBIBYTE });
    const request = { method: 'PUT', body: body as never, duplex: 'half' };
    const response = await fetch(new URL(url, this.address), request as RequestInit);
    if (!response.ok) throw new Error(await response.text());
  }

  async ready(id: string, rows: number): Promise<void> {
    const query =
      'query ($id: ID!) { dataset(id: $id) { latestUpload { state version { rowCount } findings { message } } } }';
    for (;;) {
      const { latestUpload } = (await this.ask(query, { id })).dataset;
      if (latestUpload.state === 'REFUSED') throw new Error(latestUpload.findings[0].message);
      if (latestUpload.version?.rowCount === rows) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Peak resident memory, MiB: of the largest process that answers requests, and of `work`. */
  memory(): { serveRssMb: number | null; workRssMb: number | null } {
    const children = childrenOf(this.child!.pid!);
    const peakOf = (command: string) => {
      const peaks = children.filter((pid) => commandOf(pid).includes(command)).map(peakMb);
      return peaks.length > 0 ? peaks.reduce((a, b) => Math.max(a ?? 0, b ?? 0)) : null;
    };
    return { serveRssMb: peakOf('serve'), workRssMb: peakOf('work') };
  }
}

function childrenOf(pid: number): number[] {
  return (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);
}

function commandOf(pid: number): string[] {
  return (read(`/proc/${pid}/cmdline`) ?? '').split('\0');
}

function peakMb(pid: number): number | null {
  const kibibytes = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kibibytes ? Math.round(Number(kibibytes) / 1024) : null;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The CSV in blocks of a thousand rows: id, 14 numbers, two whole numbers, a category, a boolean, a time. */
function* table(rows: number): Generator<string> {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const numbers = Array.from({ length: NUMBERS }, (_, index) => `x${index}`);
  yield `${['id', ...numbers, 'k1', 'k2', 'category', 'flag', 'at'].join(',')}\n`;
  for (let first = 0; first < rows; first += 1000) {
    const lines: string[] = [];
    for (let row = first; row < Math.min(rows, first + 1000); row++) {
      const values = numbers.map(() => (next() + next() + next() - 1.5).toFixed(6));
      const rest = [
        Math.floor(next() * 1000),
        Math.floor(next() * 1000),
        `level-${Math.floor(next() * 5)}`,
        next() < 0.5,
      ];
      lines.push([row, ...values, ...rest, `2024-01-${String((row % 28) + 1).padStart(2, '0')} 10:00:00`].join(','));
    }
    yield `${lines.join('\n')}\n`;
  }
}
