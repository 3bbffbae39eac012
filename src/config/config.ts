/** The only reader of process.env: parsed once into a frozen typed object. */
import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { environmentSchema, servingSchema } from './environment';
import { describeSettings, parseSettings, type Environment } from './settings';
import { divideCores, memoryBytes, type Computing } from './shares';

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
  /** Paths of modules that register families and steps. */
  readonly extensions: readonly string[];
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
    extensions: env.PRAXIS_EXTENSIONS,
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
