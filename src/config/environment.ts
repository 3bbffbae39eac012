/** Every setting of the environment: its form, its default and its meaning. */
import { z } from 'zod';
import { choice, count, databaseAddress, flag, networks, optionalCount, origins, paths, webAddress } from './settings';

const MEBIBYTE = 1024 * 1024;

export const environmentSchema = z
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
    PRAXIS_EXTENSIONS: paths().describe(
      'Modules that register model families and steps of your own, as paths between commas; each exports register(engine). Unset: none.',
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
export const servingSchema = environmentSchema.superRefine((env, context) => {
  const hosts = [env.HOST, env.PRAXIS_METRICS_HOST ?? env.HOST];
  const meet = hosts[0] === hosts[1] || hosts.some((host) => EVERY_INTERFACE.includes(host));
  if (env.PRAXIS_METRICS_PORT !== env.PORT || !meet) return;
  const message = 'must be another number than PORT, or left out for /metrics on PORT';
  context.addIssue({ code: 'custom', path: ['PRAXIS_METRICS_PORT'], message });
});
const EVERY_INTERFACE = ['0.0.0.0', '::'];
