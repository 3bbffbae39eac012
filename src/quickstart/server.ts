import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { childEnvironment } from '../config';
import { isAlive, PraxisError } from '../kernel';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 15_000;
const OUTPUT_KEPT = 4_000;
const PREFIX = 'praxis-quickstart-';

/** A server of its own for one quickstart: embedded PostgreSQL in a temporary directory, on a free port. */
export class ThrowAwayServer {
  private constructor(
    readonly url: string,
    readonly key: string,
    private readonly child: ChildProcess,
    private readonly dataDir: string,
  ) {}

  static async start(signal: AbortSignal): Promise<ThrowAwayServer> {
    await removeLeftOver();
    const dataDir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
    // As root, PostgreSQL runs as another user, who must be able to walk through.
    await chmod(dataDir, 0o711);
    const main = join(__dirname, '..', `main${extname(__filename)}`);
    const child = spawn(process.execPath, [...process.execArgv, main, 'start'], {
      env: environment(dataDir),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C reaches us alone; we stop the server when we are done with it.
      detached: true,
    });
    try {
      const url = await addressOf(child, signal);
      const key = await readFile(join(dataDir, 'demo-api-key'), 'utf8');
      return new ThrowAwayServer(url, key.trim(), child, dataDir);
    } catch (error) {
      await end(child, dataDir);
      throw error;
    }
  }

  stop(): Promise<void> {
    return end(this.child, this.dataDir);
  }
}

/** A quickstart that was killed ends its server, but cannot remove its files: the next one does. */
async function removeLeftOver(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : 0);
    // What another user left cannot be removed, and stays.
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => null);
  }
}

function environment(dataDir: string): NodeJS.ProcessEnv {
  return childEnvironment({
    PRAXIS_DATA_DIR: dataDir,
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: undefined,
    PRAXIS_PUBLIC_URL: undefined,
    PRAXIS_S3_BUCKET: undefined,
    PRAXIS_S3_ENDPOINT: undefined,
    PRAXIS_S3_ACCESS_KEY_ID: undefined,
    PRAXIS_S3_SECRET_ACCESS_KEY: undefined,
    PRAXIS_METRICS_PORT: undefined,
    PRAXIS_LOG_LEVEL: 'warn',
    // For a single caller, and each more would be loaded while the file is ingested.
    PRAXIS_API_PROCESSES: '1',
    // Stops by itself when this process is killed.
    npm_lifecycle_event: 'start',
  });
}

/** The address the server prints once it is up. Throws UNAVAILABLE with its last words when it ends or takes too long. */
function addressOf(child: ChildProcess, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const refuse = (why: string) =>
      reject(new PraxisError('UNAVAILABLE', `The throw-away server ${why}.\n${output.trim().slice(-OUTPUT_KEPT)}`));
    const timer = setTimeout(() => refuse('did not come up in time'), START_LIMIT_MS);
    const hear = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-2 * OUTPUT_KEPT);
      const address = /Praxis is up: (\S+)/.exec(output);
      if (!address) return;
      clearTimeout(timer);
      resolve(address[1]);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('error', (error) => refuse(`could not be started: ${error.message}`));
    child.once('exit', (code) => refuse(`ended with code ${code}`));
    signal.addEventListener('abort', () => refuse('was stopped'), { once: true });
  });
}

async function end(child: ChildProcess, dataDir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await gone;
    clearTimeout(limit);
  }
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
