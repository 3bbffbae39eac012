import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../kernel';
import { findBinaries, reaches, systemUser, type Binaries, type SystemUser } from './binaries';
import { clusterPaths, DATABASE, ensureCluster, LOGIN } from './cluster';
import { spawnGuarded } from './guard';
import {
  findOwner,
  findPostmaster,
  isAlive,
  OWNER_SETTING,
  stopPostmaster,
  waitFor,
  type Postmaster,
} from './postmaster';

export interface EmbeddedPostgres {
  /** Connection string of the login that owns the database. */
  url: string;
  /** Stops PostgreSQL, unless another living process started it. */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  /** Home of the cluster, made when missing. Every directory on the way must be open to the user PostgreSQL runs as. */
  dataDir: string;
  log: Log;
  /** Server settings on top of ours, e.g. `{ fsync: 'off' }` for a cluster that is thrown away. */
  settings?: Record<string, string>;
}

const START_TIMEOUT_MS = 30_000;
/** Crashes in a row that are answered with a restart; a server that ran for a while starts the count anew. */
const RESTARTS_MAX = 5;
const CALM_MS = 60_000;
const LOG_BYTES_MAX = 10_000_000;
/** Bytes a Unix socket's path may have: 108 on Linux with its final zero. */
const SOCKET_PATH_MAX = 107;
const USES_SOCKET = process.platform === 'linux';

/** For a small machine: few processes, no parallel plans, no WAL that only a replica would read. */
const SETTINGS: Record<string, string> = {
  max_connections: '100',
  shared_buffers: '128MB',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  log_checkpoints: 'off',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] ',
  unix_socket_permissions: '0700',
};

/**
 * Starts the embedded PostgreSQL of a directory, or adopts the one that another living process of ours runs there.
 * It stops when this process ends, however that happens, and is started again should it crash.
 */
export async function startPostgres(options: LaunchOptions): Promise<EmbeddedPostgres> {
  const launcher = new PostgresLauncher(options, systemUser());
  const url = await launcher.start();
  return { url, stop: () => launcher.stop() };
}

/** May PostgreSQL's user enter this directory? Where not (a home with mode 0700 when we are root) choose another. */
export const postgresReaches = (directory: string): boolean => reaches(systemUser(), directory);

class PostgresLauncher {
  private readonly paths;
  private child: ChildProcess | null = null;
  private binaries!: Binaries;
  private address!: { socketDir: string; port: number };
  private stopping = false;
  private restarts = 0;
  private startedAt = 0;

  constructor(
    private readonly options: LaunchOptions,
    private readonly user: SystemUser | null,
  ) {
    this.paths = clusterPaths(options.dataDir);
  }

  async start(): Promise<string> {
    await this.prepareDirectory();
    this.binaries = await findBinaries(this.user, this.options.dataDir);
    const password = await ensureCluster(this.options.dataDir, this.binaries, this.user);
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const running = await this.adopt();
      if (running) return connectionUrl(running, password);
      const started = await this.launch();
      if (started) return connectionUrl(started, password);
      if (performance.now() > deadline) throw await this.startFailure();
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await stopPostmaster(child.pid);
    await ended;
    if (this.address.socketDir.startsWith(tmpdir())) await rm(this.address.socketDir, { recursive: true, force: true });
  }

  private async prepareDirectory(): Promise<void> {
    const { dataDir } = this.options;
    await mkdir(dataDir, { recursive: true, mode: 0o755 });
    if (reaches(this.user, dataDir)) return;
    const hint = 'Choose a data directory every part of which is open to it (mode 0711 or wider).';
    throw new Error(`PostgreSQL runs as "${this.user?.name}", and that user cannot enter ${dataDir}. ${hint}`);
  }

  /** The postmaster of another living process of ours. One whose process died is stopped, so that ours is guarded. */
  private async adopt(): Promise<Postmaster | null> {
    await waitFor(async () => (await findPostmaster(this.paths.data))?.ready !== false, START_TIMEOUT_MS);
    const found = await findPostmaster(this.paths.data);
    if (!found?.ready) return null;
    const owner = await findOwner(this.paths.data);
    if (owner && isAlive(owner)) return found;
    await stopPostmaster(found.pid);
    return null;
  }

  /** Starts PostgreSQL and waits until it takes connections; null when it ended, as when another start was faster. */
  private async launch(): Promise<Postmaster | null> {
    this.address ??= { socketDir: await this.socketDirectory(), port: USES_SOCKET ? 5432 : await freePort() };
    const child = spawnGuarded({
      file: this.binaries.postgres,
      args: ['-D', this.paths.data, ...this.serverArguments()],
      pidFile: join(this.paths.data, 'postmaster.pid'),
      user: this.user,
      logPath: await this.logFile(),
    });
    const ended = new Promise<boolean>((resolve) => {
      child.once('exit', () => resolve(false));
      child.once('error', () => resolve(false));
    });
    const isReady = async () => {
      const found = await findPostmaster(this.paths.data);
      return found?.pid === child.pid && found?.ready === true;
    };
    if (!(await Promise.race([waitFor(isReady, START_TIMEOUT_MS), ended]))) return null;
    this.child = child;
    this.startedAt = performance.now();
    child.once('exit', (code, signal) => void this.restart(code ?? signal));
    return findPostmaster(this.paths.data);
  }

  /** PostgreSQL ended though nobody asked it to: bring it back on the same address. */
  private async restart(reason: number | string | null): Promise<void> {
    if (this.stopping) return;
    this.options.log.error({ reason, log: this.paths.log }, 'PostgreSQL ended unexpectedly');
    if (performance.now() - this.startedAt > CALM_MS) this.restarts = 0;
    while (!this.stopping && this.restarts++ < RESTARTS_MAX) {
      if (await this.launch().catch(() => null)) return;
      await new Promise((resolve) => setTimeout(resolve, 200 * this.restarts));
    }
  }

  private serverArguments(): string[] {
    const { socketDir, port } = this.address;
    const place = USES_SOCKET
      ? { listen_addresses: '', unix_socket_directories: socketDir }
      : { listen_addresses: '127.0.0.1', unix_socket_directories: '' };
    const settings = { ...SETTINGS, ...place, port: String(port), ...OWNER_SETTING, ...this.options.settings };
    return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  }

  /** Beside the data, or under the temporary directory where that path would be too long for a socket. */
  private async socketDirectory(): Promise<string> {
    if (!USES_SOCKET) return '';
    const near = this.paths.socket;
    const fits = Buffer.byteLength(join(near, '.s.PGSQL.5432.lock')) <= SOCKET_PATH_MAX;
    if (fits) await mkdir(near, { recursive: true, mode: 0o700 });
    const directory = fits ? near : await mkdtemp(join(tmpdir(), 'praxis-'));
    if (this.user) await chown(directory, this.user.uid, this.user.gid);
    return directory;
  }

  private async logFile(): Promise<string> {
    const path = this.paths.log;
    if (existsSync(path) && (await stat(path)).size > LOG_BYTES_MAX) await truncate(path);
    return path;
  }

  private async startFailure(): Promise<Error> {
    const text = await readFile(this.paths.log, 'utf8').catch(() => '');
    return new Error(
      `PostgreSQL did not start in ${this.paths.data}. The end of ${this.paths.log}:\n${text.slice(-2000)}`,
    );
  }
}

function connectionUrl(postmaster: Postmaster, password: string): string {
  const credentials = `${LOGIN}:${encodeURIComponent(password)}`;
  if (!postmaster.socketDir) return `postgresql://${credentials}@127.0.0.1:${postmaster.port}/${DATABASE}`;
  return `postgresql://${credentials}@localhost/${DATABASE}?host=${encodeURIComponent(postmaster.socketDir)}`;
}

/** A free port of the loopback interface, for systems where we do not use a Unix socket. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
