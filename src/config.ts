import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import {
  choice,
  count,
  databaseAddress,
  describeSettings,
  flag,
  networks,
  optionalCount,
  origins,
  parseSettings,
  webAddress,
  type Environment,
} from './settings';

export { ConfigError } from './settings';

/** The only reader of process.env: parsed once into a frozen typed object. */

const MEBIBYTE = 1024 * 1024;

const environmentSchema = z
  .object({
    NODE_ENV: z
      .string()
      .default('development')
      .describe('What libraries ask for: production leaves out checks for developers. Praxis itself does not ask.'),
    HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for every interface.'),
    PORT: count(4000, 0, 65_535).describe(
      'Port of the API, subscriptions, /healthz, /readyz and /metrics; 0 picks one.',
    ),
    PRAXIS_PUBLIC_URL: webAddress().describe(
      'How clients reach this server, for the addresses of uploads and downloads. Unset: as each request says.',
    ),
    PRAXIS_TRUSTED_PROXIES: networks().describe(
      'Addresses and networks of proxies whose X-Forwarded-Proto, -Host and -Port are believed, such as 127.0.0.1,10.0.0.0/8. Unset: none.',
    ),
    PRAXIS_CORS_ORIGINS: origins().describe(
      'Origins whose pages may call the API from a browser, between commas; * for any. Keys travel in a header, so no cookie is involved. Unset: none but its own.',
    ),
    DATABASE_URL: databaseAddress().describe('An outside PostgreSQL, 15 or newer. Unset: the embedded one.'),
    PRAXIS_DATA_DIR: z.string().optional().describe('Where the embedded database, artifacts and keys live.'),
    PRAXIS_LOG_LEVEL: choice('info', ['trace', 'debug', 'info', 'warn', 'error', 'silent']).describe(
      'The least grave lines that are logged, as JSON on standard error: trace, debug, info, warn, error or silent.',
    ),
    PRAXIS_DATABASE_POOL: count(20, 2, 500).describe('Database connections of one process.'),
    PRAXIS_DATABASE_WAIT_SECONDS: count(30, 0, 3_600).describe(
      'How long a start waits for a database that does not answer yet, or that another process is to migrate.',
    ),
    PRAXIS_API_PROCESSES: optionalCount(1, 64).describe(
      'Processes that share the port. Unset: as many as there are cores for inference, at most 4; under `start`, which trains as well, half as many.',
    ),
    PRAXIS_JOB_CONCURRENCY: count(8, 1, 64).describe(
      'Short durable jobs (steps of cases, upkeep) that one work process runs at a time, besides ingestions and trainings.',
    ),
    PRAXIS_INGESTIONS: count(2, 1, 16).describe(
      'Files that one work process ingests at a time; one tenant has at most all but one of them.',
    ),
    PRAXIS_TRAINING_THREADS: count(1, 1, 64).describe(
      'Runs that train at a time in one work process; those that name a GPU come on top, a thread for each slot.',
    ),
    PRAXIS_TRAINING_THREADS_PER_RUN: count(4, 1, 256).describe(
      'Cores of one run, at most; small models take one. All runs together take no more than the machine has; under `start`, what inference threads leave.',
    ),
    PRAXIS_TRAINING_PROVIDER: choice('auto', ['auto', 'cpu', 'cuda', 'webgpu']).describe(
      'What runs train on that name nothing; auto takes a GPU where there is one and it pays.',
    ),
    PRAXIS_GPU_RUNS_PER_DEVICE: count(1, 1, 16).describe(
      'Runs that train on one GPU at a time, over all work processes on the database; more that name a GPU wait.',
    ),
    CUDA_VISIBLE_DEVICES: z
      .string()
      .optional()
      .describe('GPUs that may be used, by index or UUID, as the driver numbers them. Unset: all.'),
    PRAXIS_TRAINING_BYTES_MAX: optionalCount(65_536, Number.MAX_SAFE_INTEGER).describe(
      'Encoded rows of one run in memory, in bytes; larger tables are read from disk in blocks. Unset: a quarter of the memory, shared by the runs that train at a time.',
    ),
    PRAXIS_INFERENCE_THREADS: count(1, 1, 64).describe(
      'Threads of the inference pool in one serve process; each computes on one core.',
    ),
    PRAXIS_BODY_BYTES_MAX: count(10 * MEBIBYTE, 1024, 1024 * MEBIBYTE).describe('Largest GraphQL request, in bytes.'),
    PRAXIS_UPLOAD_BYTES_MAX: count(5 * 1024 * MEBIBYTE, 1024, Number.MAX_SAFE_INTEGER).describe(
      'Largest upload, as it is sent and once it is unpacked, in bytes.',
    ),
    PRAXIS_UPLOAD_KEEP_DAYS: count(30, 0, 3_650).describe(
      'How long the file of an upload is kept after it was read, in days from when it came in, so that it can be read again (`reingest`); 0: it goes once it is read.',
    ),
    PRAXIS_INGEST_CELLS_MAX: count(250_000_000, 1_000, Number.MAX_SAFE_INTEGER).describe(
      'Values of one file, rows times columns, once it is unpacked.',
    ),
    PRAXIS_INGEST_RATIO_MAX: count(250, 2, 1_000_000_000).describe(
      'Bytes that a byte of gzip may unpack to, and values that a byte of Parquet may stand for, in files that unpack to more than 64 MiB.',
    ),
    PRAXIS_MODEL_BYTES_MAX: count(512 * MEBIBYTE, 1024, 4096 * MEBIBYTE).describe(
      'Largest pretrained model, packed and unpacked, in bytes.',
    ),
    PRAXIS_INGEST_MEMORY_MB: count(800, 64, 1_000_000).describe(
      'Memory that all ingestions of a work process together may take, in MiB.',
    ),
    PRAXIS_SOCKETS_PER_KEY: count(250, 1, 100_000).describe('WebSockets of one api key in one API process.'),
    PRAXIS_SOCKETS_PER_TENANT: count(1_000, 1, 1_000_000).describe('WebSockets of one tenant in one API process.'),
    PRAXIS_SUBSCRIPTIONS_PER_KEY: count(2_000, 1, 1_000_000).describe(
      'Open subscriptions of one api key in one API process.',
    ),
    PRAXIS_SUBSCRIPTIONS_PER_TENANT: count(5_000, 1, 1_000_000).describe(
      'Open subscriptions of one tenant in one API process.',
    ),
    PRAXIS_DRAIN_MS: count(10_000, 0, 600_000).describe('How long a stop waits for work in flight.'),
    PRAXIS_METRICS_PORT: optionalCount(1, 65_535).describe(
      'Port of /metrics alone. Unset: `serve` answers on PORT, with what its `work` tells; a `work` of its own tells nothing.',
    ),
    PRAXIS_METRICS_HOST: z
      .string()
      .optional()
      .describe('Address to listen on for PRAXIS_METRICS_PORT. Unset: that of HOST.'),
    PRAXIS_METRICS_TOKEN: z
      .string()
      .min(16, 'must have 16 characters at least')
      .optional()
      .describe('Who asks for /metrics must send this as a bearer token. Unset: anybody who reaches the port may ask.'),
    PRAXIS_SUPERVISE_WORK: flag(true).describe('Whether `start` runs a local work process.'),
    PRAXIS_SEED: flag(false).describe(
      'Whether `serve` migrates and writes the case library, the demo tenant and the key files first; `start` always does.',
    ),
    PRAXIS_S3_BUCKET: z.string().optional().describe('Keep artifacts in this bucket instead of the data directory.'),
    PRAXIS_S3_ENDPOINT: webAddress().describe('Address of an S3-compatible service. Unset: that of Amazon.'),
    PRAXIS_S3_REGION: z.string().default('us-east-1').describe('Region of the bucket; other services often ignore it.'),
    PRAXIS_S3_ACCESS_KEY_ID: z
      .string()
      .optional()
      .describe(
        'Who reads and writes the bucket. Unset: the credentials of the machine, as the AWS libraries find them.',
      ),
    PRAXIS_S3_SECRET_ACCESS_KEY: z.string().optional().describe('The secret of PRAXIS_S3_ACCESS_KEY_ID.'),
    PRAXIS_S3_CACHE_BYTES_MAX: count(10 * 1024 * MEBIBYTE, 0, Number.MAX_SAFE_INTEGER).describe(
      'Local copies of artifacts of the bucket, in bytes; above it the least recently used ones go.',
    ),
  })
  .superRefine((env, context) => {
    const lacks = (name: keyof typeof env, needed: keyof typeof env) => {
      if (env[name] === undefined || env[needed] !== undefined) return;
      context.addIssue({ code: 'custom', path: [needed], message: `must be set, as ${name} is` });
    };
    lacks('PRAXIS_S3_ENDPOINT', 'PRAXIS_S3_BUCKET');
    lacks('PRAXIS_S3_ACCESS_KEY_ID', 'PRAXIS_S3_BUCKET');
    lacks('PRAXIS_S3_ACCESS_KEY_ID', 'PRAXIS_S3_SECRET_ACCESS_KEY');
    lacks('PRAXIS_S3_SECRET_ACCESS_KEY', 'PRAXIS_S3_ACCESS_KEY_ID');
  });

/** Of a process that answers on both ports. */
const servingSchema = environmentSchema.superRefine((env, context) => {
  const hosts = [env.HOST, env.PRAXIS_METRICS_HOST ?? env.HOST];
  const meet = hosts[0] === hosts[1] || hosts.some((host) => EVERY_INTERFACE.includes(host));
  if (env.PRAXIS_METRICS_PORT !== env.PORT || !meet) return;
  const message = 'must be another number than PORT, or left out for /metrics on PORT';
  context.addIssue({ code: 'custom', path: ['PRAXIS_METRICS_PORT'], message });
});
const EVERY_INTERFACE = ['0.0.0.0', '::'];

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | null;
  /** Origins whose pages may call the API; `*` for any. */
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** Null: start the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly logLevel: string;
  readonly databasePool: number;
  readonly databaseWaitMs: number;
  readonly apiProcesses: number;
  readonly jobConcurrency: number;
  readonly ingestions: number;
  readonly trainingThreads: number;
  readonly trainingThreadsPerRun: number;
  readonly trainingProvider: 'auto' | 'cpu' | 'cuda' | 'webgpu';
  readonly gpuRunsPerDevice: number;
  /** CUDA_VISIBLE_DEVICES. */
  readonly gpusVisible: string | null;
  readonly trainingBytesMax: number;
  readonly inferenceThreads: number;
  readonly bodyBytesMax: number;
  readonly uploadBytesMax: number;
  readonly uploadKeepDays: number;
  readonly modelBytesMax: number;
  readonly ingestLimits: { byteCountMax: number; cellCountMax: number; ratioMax: number };
  readonly ingestMemoryMb: number;
  /** At most, in one API process. */
  readonly sockets: { readonly perKey: number; readonly perTenant: number };
  readonly subscriptions: { readonly perKey: number; readonly perTenant: number };
  readonly drainMs: number;
  readonly metrics: MetricsSettings;
  readonly superviseWork: boolean;
  readonly seed: boolean;
  readonly s3: S3Settings | null;
  /** True under `npm start`: stop when npm is gone. */
  readonly stopWithParent: boolean;
}

export interface MetricsSettings {
  /** Null: on the port of the API. */
  port: number | null;
  host: string;
  /** Null: anybody may ask. */
  token: string | null;
}

export interface S3Settings {
  bucket: string;
  region: string;
  endpoint?: string;
  accessKeyId?: string;
  secretAccessKey?: string;
  cacheBytesMax: number;
}

/** What computes on this machine: predictions (`serve`), trainings (`work`), or both (`start`). */
export type Computing = 'serving' | 'training' | 'both';

export function readConfig(environment: Environment = process.env, computing: Computing = 'both'): Config {
  const env = parseSettings(computing === 'training' ? environmentSchema : servingSchema, environment);
  const shares = divideCores(availableParallelism(), {
    apiProcesses: env.PRAXIS_API_PROCESSES,
    inferenceThreads: env.PRAXIS_INFERENCE_THREADS,
    trainingThreads: env.PRAXIS_TRAINING_THREADS,
    threadsPerRun: env.PRAXIS_TRAINING_THREADS_PER_RUN,
    computing: computing === 'both' && !env.PRAXIS_SUPERVISE_WORK ? 'serving' : computing,
  });
  return Object.freeze({
    host: env.HOST,
    port: env.PORT,
    corsOrigins: env.PRAXIS_CORS_ORIGINS,
    publicUrl: env.PRAXIS_PUBLIC_URL?.replace(/\/$/, '') ?? null,
    trustedProxies: env.PRAXIS_TRUSTED_PROXIES,
    databaseUrl: env.DATABASE_URL ?? null,
    dataDir: resolve(env.PRAXIS_DATA_DIR ?? defaultDataDir()),
    logLevel: env.PRAXIS_LOG_LEVEL,
    databasePool: env.PRAXIS_DATABASE_POOL,
    databaseWaitMs: env.PRAXIS_DATABASE_WAIT_SECONDS * 1_000,
    apiProcesses: shares.apiProcesses,
    jobConcurrency: env.PRAXIS_JOB_CONCURRENCY,
    ingestions: env.PRAXIS_INGESTIONS,
    trainingThreads: env.PRAXIS_TRAINING_THREADS,
    trainingThreadsPerRun: shares.threadsPerRun,
    trainingProvider: env.PRAXIS_TRAINING_PROVIDER,
    gpuRunsPerDevice: env.PRAXIS_GPU_RUNS_PER_DEVICE,
    gpusVisible: environment['CUDA_VISIBLE_DEVICES'] ?? null,
    trainingBytesMax: env.PRAXIS_TRAINING_BYTES_MAX ?? Math.floor(memoryBytes() / 4 / env.PRAXIS_TRAINING_THREADS),
    inferenceThreads: env.PRAXIS_INFERENCE_THREADS,
    bodyBytesMax: env.PRAXIS_BODY_BYTES_MAX,
    uploadBytesMax: env.PRAXIS_UPLOAD_BYTES_MAX,
    uploadKeepDays: env.PRAXIS_UPLOAD_KEEP_DAYS,
    modelBytesMax: env.PRAXIS_MODEL_BYTES_MAX,
    ingestLimits: {
      byteCountMax: env.PRAXIS_UPLOAD_BYTES_MAX,
      cellCountMax: env.PRAXIS_INGEST_CELLS_MAX,
      ratioMax: env.PRAXIS_INGEST_RATIO_MAX,
    },
    ingestMemoryMb: env.PRAXIS_INGEST_MEMORY_MB,
    sockets: { perKey: env.PRAXIS_SOCKETS_PER_KEY, perTenant: env.PRAXIS_SOCKETS_PER_TENANT },
    subscriptions: { perKey: env.PRAXIS_SUBSCRIPTIONS_PER_KEY, perTenant: env.PRAXIS_SUBSCRIPTIONS_PER_TENANT },
    drainMs: env.PRAXIS_DRAIN_MS,
    metrics: {
      port: env.PRAXIS_METRICS_PORT ?? null,
      host: env.PRAXIS_METRICS_HOST ?? env.HOST,
      token: env.PRAXIS_METRICS_TOKEN ?? null,
    },
    superviseWork: env.PRAXIS_SUPERVISE_WORK,
    seed: env.PRAXIS_SEED,
    s3: s3Settings(env),
    stopWithParent: environment['npm_lifecycle_event'] === 'start',
  });
}

const API_PROCESSES_MAX = 4;

/**
 * Shares of the cores in what computes at the same time: API processes times inference threads, and trainings times cores of
 * each. Where both are on the machine, serving takes half of the cores unless told otherwise, and trainings what it leaves, so
 * that the sum is no more than the cores; each has one thread at least (docs/decisions/0016).
 */
export function divideCores(
  cores: number,
  o: {
    /** Undefined: as many as there is room for. */
    apiProcesses?: number;
    inferenceThreads: number;
    trainingThreads: number;
    /** At most. */
    threadsPerRun: number;
    computing: Computing;
  },
): { apiProcesses: number; threadsPerRun: number } {
  const half = Math.min(Math.ceil(cores / 2), cores - o.trainingThreads);
  const room = Math.floor((o.computing === 'serving' ? cores : half) / o.inferenceThreads);
  const apiProcesses = o.apiProcesses ?? Math.max(1, Math.min(API_PROCESSES_MAX, room));
  const left = cores - (o.computing === 'training' ? 0 : apiProcesses * o.inferenceThreads);
  return { apiProcesses, threadsPerRun: Math.min(o.threadsPerRun, Math.max(1, Math.floor(left / o.trainingThreads))) };
}

/** Of the machine, or what its container may take. */
function memoryBytes(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

function s3Settings(env: z.infer<typeof environmentSchema>): S3Settings | null {
  if (!env.PRAXIS_S3_BUCKET) return null;
  return {
    bucket: env.PRAXIS_S3_BUCKET,
    region: env.PRAXIS_S3_REGION,
    endpoint: env.PRAXIS_S3_ENDPOINT,
    accessKeyId: env.PRAXIS_S3_ACCESS_KEY_ID,
    secretAccessKey: env.PRAXIS_S3_SECRET_ACCESS_KEY,
    cacheBytesMax: env.PRAXIS_S3_CACHE_BYTES_MAX,
  };
}

/** What native libraries read when they load, in threads and children too. */
export function prepareLibraries(): void {
  // ONNX Runtime would leave telemetry files and report usage.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  // CUDA would number the fastest device first, the driver numbers them by place: of the two lists, one must give way.
  process.env['CUDA_DEVICE_ORDER'] = 'PCI_BUS_ID';
}

/** The environment of a child process of ours. */
export function childEnvironment(overrides: Environment): NodeJS.ProcessEnv {
  return { ...process.env, ...overrides };
}

/** Every setting with its meaning, for `praxis help` and docs/operations/settings.md. */
export const settingsReference = () => describeSettings(environmentSchema);

/**
 * `.praxis` in the working directory. PostgreSQL refuses to run as root and its user must be able to walk to its
 * files, so as root below a closed directory (a 0700 home, say) the data goes to /var/lib/praxis.
 */
function defaultDataDir(): string {
  const local = resolve('.praxis');
  if (process.getuid?.() !== 0 || openToOthers(dirname(local))) return local;
  return join('/var', 'lib', 'praxis');
}

function openToOthers(path: string): boolean {
  accessSync(path, constants.R_OK);
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
