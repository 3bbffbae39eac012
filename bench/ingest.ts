/**
 * Ingestion: a CSV of 1,000,000 rows x 20 columns goes through a real server and its work process; seconds from the first
 * byte sent to READY, and the most memory each process ever held (VmHWM, Linux only).
 *   npm run bench -- ingest [--rows N] [--json]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { childEnvironment } from '../src/config';

const ROWS = 1_000_000;
const MEBIBYTE = 1024 * 1024;
const NUMBERS = 14;

export interface IngestResult {
  rows: number;
  fileBytes: number;
  seconds: { upload: number; ingest: number; total: number };
  rowsPerSecond: number;
  serveRssMb: number | null;
  workRssMb: number | null;
}

export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--rows');
  const rows = at < 0 ? ROWS : Number(args[at + 1]);
  const folder = await mkdtemp(join(tmpdir(), 'praxis-bench-'));
  // As root, PostgreSQL runs as a user of its own, which must be able to walk to its files.
  await chmod(folder, 0o711);
  const server = new Server(folder);
  try {
    const path = join(folder, 'table.csv');
    await pipeline(Readable.from(table(rows)), createWriteStream(path));
    const result = await measure(server, path, rows);
    process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(server: Server, path: string, rows: number): Promise<IngestResult> {
  await server.start();
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
  return {
    rows,
    fileBytes: statSync(path).size,
    seconds: {
      upload: round(seconds.upload / 1e3),
      ingest: round(seconds.ingest / 1e3),
      total: round(seconds.total / 1e3),
    },
    rowsPerSecond: Math.round(rows / (seconds.total / 1e3)),
    ...server.memory(),
  };
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100;

/** `start` as a child process, with a data directory of its own. */
class Server {
  private child: ChildProcess | null = null;
  private address = '';
  private key = '';

  constructor(private readonly folder: string) {}

  async start(): Promise<void> {
    const source = extname(__filename) === '.ts';
    const main = join(__dirname, '..', 'src', source ? 'main.ts' : 'main.js');
    const loader = source ? ['-r', join(__dirname, '..', 'register.cjs')] : [];
    const dataDir = join(this.folder, 'data');
    const env = childEnvironment({ PRAXIS_DATA_DIR: dataDir, PORT: '0', PRAXIS_LOG_LEVEL: 'warn', DATABASE_URL: '' });
    this.child = spawn(process.execPath, [...loader, main, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
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
