/**
 * Training on more encoded rows than memory may hold: the same table streamed in blocks and held in memory, each in a process
 * of its own that does what `work` does. Most memory ever held (VmHWM, Linux only), rows per second of the epochs, and scores.
 *   npm run bench -- stream [--rows N] [--limit MIB] [--json]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrainingControl, TrainingPool } from '../src/compute';
import { Duck, literal } from '../src/datasets/tables/duck';
import { readParquetTable, type StoredColumn } from '../src/datasets/ingest/table';
import { ParquetSource } from '../src/datasets/tables/table-source';
import type { TrainEvent } from '../src/engine';

const ROWS = 1_000_000;
const NUMBERS = 20;
const LIMIT_MIB = 128;
const MEBIBYTE = 1024 * 1024;

interface Job {
  mode: 'streamed' | 'memory';
  path: string;
  rows: number;
  limit: number;
  scratch: string;
}

interface Outcome {
  rssMb: number;
  /** Until the first step. */
  prepareSeconds: number;
  rowsPerSecond: number;
  rocAuc: number;
  encodedMb: number;
}

const names = [...Array.from({ length: NUMBERS }, (_, i) => `x${i}`), 'label'];
const STORED = names.map((name, index): StoredColumn => ({ index, name, type: name === 'label' ? 'TEXT' : 'NUMBER' }));

/** Numbers that hash functions draw; the label follows from three of them and from noise. */
async function writeTable(path: string, scratch: string, rows: number): Promise<void> {
  const duck = await Duck.open({ scratch, readable: [], memoryMb: 512 });
  const draw = (i: number) => `(hash(r, ${i}) % 1000000) / 1000000.0`;
  const numbers = Array.from({ length: NUMBERS }, (_, i) => `${draw(i)} AS c${i}`);
  const label = `CASE WHEN c0 * c1 + c2 / 2 + 0.3 * ${draw(NUMBERS)} > 0.65 THEN 'yes' ELSE 'no' END AS c${NUMBERS}`;
  await duck.run(
    `COPY (SELECT * EXCLUDE r, ${label} FROM (SELECT range AS r, ${numbers.join(', ')} FROM range(${rows})))
     TO ${literal(path)} (FORMAT parquet)`,
  );
  duck.close();
}

async function train({ mode, path, rows, limit, scratch }: Job): Promise<Outcome> {
  const pool = new TrainingPool({ threads: 1, threadsPerRun: 1 });
  const request = {
    target: 'label',
    task: null,
    drop: [],
    split: { kind: 'random' as const, testFraction: 0.1, validationFraction: 0.1, stratify: true },
    preprocess: {
      ...{ impute: 'median' as const, missingIndicator: true, scale: 'standard' as const },
      ...{ rareFraction: 0.01, levelsMax: 64 },
    },
    estimator: { family: 'mlp', parameters: { hidden: [64], epochs: 4, patience: 0, batchSize: 512 } },
    seed: 1,
    resume: null,
  };
  const input =
    mode === 'memory'
      ? { ...request, table: await readParquetTable(path, STORED) }
      : { ...request, source: new ParquetSource(path, STORED, rows), bytesMax: limit, scratch };
  const started = performance.now();
  let [began, ended] = [0, 0];
  let features = 0;
  const events = async (list: TrainEvent[]): Promise<void> => {
    for (const event of list) {
      if (event.kind === 'state' && event.state === 'TRAINING') began = performance.now();
      if (event.kind === 'state' && event.state === 'EVALUATING') ended = performance.now();
      if (event.kind === 'log') features = Number(/give (\d+) features/.exec(event.message)?.[1] ?? features);
    }
  };
  const result = await pool.train(input, { events, checkpoint: async () => undefined }, new TrainingControl());
  await pool.close();
  const { train: trained } = result.splitCounts;
  return {
    rssMb: Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024),
    prepareSeconds: Math.round((began - started) / 100) / 10,
    rowsPerSecond: Math.round((4 * trained * 1000) / (ended - began)),
    rocAuc: Number(result.evaluation.metrics.find(({ name }) => name === 'rocAuc')!.value.toFixed(4)),
    encodedMb: Math.round((trained * features * 4) / MEBIBYTE),
  };
}

async function inProcess(job: Job): Promise<Outcome> {
  const child = fork(__filename, [JSON.stringify(job)], { execArgv: process.execArgv, env: process.env });
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Outcome | number];
  if (typeof message === 'number') throw new Error(`The ${job.mode} training ended with ${message}.`);
  return message;
}

export async function run(args: string[]): Promise<void> {
  const option = (name: string, fallback: number) => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? fallback : Number(args[at + 1]);
  };
  const [rows, limitMib] = [option('rows', ROWS), option('limit', LIMIT_MIB)];
  const folder = await mkdtemp(join(tmpdir(), 'praxis-bench-'));
  try {
    const [path, scratch] = [join(folder, 'table.parquet'), join(folder, 'scratch')];
    mkdirSync(scratch);
    await writeTable(path, folder, rows);
    const job = { path, rows, limit: limitMib * MEBIBYTE, scratch };
    const streamed = await inProcess({ ...job, mode: 'streamed' });
    const memory = await inProcess({ ...job, mode: 'memory' });
    const throughputRatio = Number((streamed.rowsPerSecond / memory.rowsPerSecond).toFixed(2));
    const result = { rows, limitMib, streamed, memory, throughputRatio };
    process.stdout.write(`${JSON.stringify(result, null, args.includes('--json') ? 0 : 1)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (require.main === module) {
  void train(JSON.parse(process.argv[2]) as Job).then((outcome) => process.send!(outcome));
}
