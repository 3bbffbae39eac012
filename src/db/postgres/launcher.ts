import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../kernel/process/alive';
import type { PraxisError } from '../../kernel/errors/errors';
import { makeFolder } from '../../kernel/process/folders';
import type { Log } from '../../kernel/process/log';
import { findBinaries, reaches, systemUser, type Binaries, type SystemUser } from './binaries';
import { clusterPaths, DATABASE, ensureCluster, LOGIN } from './cluster';
import { startFault, unusable } from './faults';
import { spawnGuarded } from './guard';
import {
  findOwner,
  findPostmaster,
  OWNER_SETTING,
  pidFile,
  removeStalePidFile,
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
  /** Called when PostgreSQL ended and cannot be brought back: without it nothing of ours can go on. */
  onLost?(error: Error): void;
}

/** Long, because a start after a crash first replays what was not yet in the tables. */
const START_TIMEOUT_MS = 120_000;
/** Before each start: processes of a server that was killed may take a moment to go. */
const PAUSES_MS = [0, 200, 400, 800, 1_600];
/** Before each start after a crash: a statement that still computes keeps the memory of the dead server for as long. */
const RESTART_PAUSES_MS = [0, 100, 200, 400, 800, ...Array<number>(60).fill(1_000)];
/** How often we look whether a server that another process runs is still there. */
const WATCH_MS = 250;
/** One that ran so long was well: its end is not the fault of its start. */
const CALM_MS = 5_000;
const LOG_BYTES_MAX = 10_000_000;
/** Bytes a Unix socket's path may have: 108 on Linux with its final zero. */
const SOCKET_PATH_MAX = 107;
const USES_SOCKET = process.platform === 'linux';

/** For a small machine: few processes, no parallel plans, no WAL that only a replica would read. */
const SETTINGS: Record<string, string> = {
  max_connections: '200',
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
 * It stops when this process ends, however that happens, and is started again should it crash, or should the process
 * end that it was adopted from.
 * @throws PraxisError UNAVAILABLE with one sentence on what is in the way
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
  private logBytesBefore = 0;
  private watch: NodeJS.Timeout | undefined;
  private restarting: Promise<void> = Promise.resolve();

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
    for (const pauseMs of PAUSES_MS) {
      await sleep(pauseMs);
      const running = await this.adoptOrLaunch();
      if (running) return connectionUrl(running, password);
    }
    throw await this.startFailure();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.watch);
    const child = this.child;
    if (child?.pid && child.exitCode === null && child.signalCode === null) {
      child.ref();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await stopPostmaster(child.pid);
      await ended;
    }
    await this.restarting;
    const { socketDir } = this.address ?? {};
    if (child && socketDir?.startsWith(tmpdir())) await rm(socketDir, { recursive: true, force: true });
  }

  private async prepareDirectory(): Promise<void> {
    const { dataDir } = this.options;
    await makeFolder(dataDir, 0o755);
    await this.refuseForeignCluster();
    if (reaches(this.user, dataDir)) return;
    const hint = 'Choose a data directory every part of which is open to it (mode 0711 or wider).';
    throw unusable(`PostgreSQL runs as "${this.user?.name}", and that user cannot enter ${dataDir}. ${hint}`);
  }

  /** Before anything is changed: a start by another user would lock out the one whom the data belongs to. */
  private async refuseForeignCluster(): Promise<void> {
    const userId = this.user?.uid ?? process.getuid?.();
    const found = await stat(this.paths.data).catch(() => null);
    if (!found || userId === undefined || found.uid === userId) return;
    const who = this.user ? `its user "${this.user.name}" (${userId})` : `the user ${userId}`;
    const sentence = `${this.paths.data} belongs to the user ${found.uid}, and PostgreSQL would run as ${who}.`;
    throw unusable(`${sentence} Start Praxis as the user it belongs to, or choose another data directory.`);
  }

  private async adoptOrLaunch(): Promise<Postmaster | null> {
    const adopted = await this.adopt();
    if (adopted) this.watchOver(adopted);
    return adopted ?? (await this.launch());
  }

  /** What another process runs ends with that one; then it is for us to run it, at the same address. */
  private watchOver({ pid, socketDir, port }: Postmaster): void {
    this.address ??= { socketDir, port };
    if (this.address.socketDir !== socketDir || this.address.port !== port) {
      const sentence = `The embedded PostgreSQL of ${this.options.dataDir} runs at another address by now: start again.`;
      return void this.options.onLost?.(unusable(sentence));
    }
    this.watch = setInterval(() => {
      if (isAlive(pid)) return;
      clearInterval(this.watch);
      this.options.log.warn('the process that ran PostgreSQL has ended; it is run from here now');
      this.restarting = this.restart();
    }, WATCH_MS).unref();
  }

  /** The postmaster of another living process of ours. One whose process died is stopped, so that ours is guarded. */
  private async adopt(): Promise<Postmaster | null> {
    removeStalePidFile(this.paths.data);
    const settled = await waitFor(() => findPostmaster(this.paths.data)?.ready !== false, START_TIMEOUT_MS);
    if (!settled) throw await this.startFailure();
    const found = findPostmaster(this.paths.data);
    if (!found?.ready) return null;
    const owner = await findOwner(this.paths.data);
    if (owner && isAlive(owner)) return found;
    await stopPostmaster(found.pid);
    return null;
  }

  /** Starts PostgreSQL and waits until it takes connections; null when it ended, as when another start was faster. */
  private async launch(): Promise<Postmaster | null> {
    this.address ??= { socketDir: await this.chooseSocketDirectory(), port: USES_SOCKET ? 5432 : await freePort() };
    await this.openSocketDirectory();
    const logPath = await this.logFile();
    if (this.stopping) return null;
    const child = spawnGuarded({
      file: this.binaries.postgres,
      args: ['-D', this.paths.data, ...this.serverArguments()],
      pidFile: pidFile(this.paths.data),
      user: this.user,
      logPath,
    });
    this.child = child;
    const running = await this.whenReady(child);
    if (!running) return null;
    this.startedAt = performance.now();
    child.once('exit', (code, signal) => (this.restarting = this.restartCrashed(code ?? signal)));
    return running;
  }

  private async whenReady(child: ChildProcess): Promise<Postmaster | null> {
    let ended = false;
    child.once('exit', () => (ended = true)).once('error', () => (ended = true));
    const find = () => {
      const found = findPostmaster(this.paths.data);
      return found?.pid === child.pid && found?.ready ? found : null;
    };
    if (await waitFor(() => ended || find() !== null, START_TIMEOUT_MS)) return ended ? null : find();
    child.kill('SIGKILL');
    throw await this.startFailure();
  }

  /** PostgreSQL ended though nobody asked it to. */
  private async restartCrashed(reason: number | string | null): Promise<void> {
    if (this.stopping) return;
    this.options.log.error({ reason, log: this.paths.log }, 'PostgreSQL ended unexpectedly; starting it again');
    await this.restart();
  }

  /** Brings it back on the same address, unless another process is faster. */
  private async restart(): Promise<void> {
    const endedAt = performance.now();
    if (endedAt - this.startedAt > CALM_MS) this.restarts = 0;
    while (this.restarts < RESTART_PAUSES_MS.length) {
      await sleep(RESTART_PAUSES_MS[this.restarts++]);
      if (this.stopping) return;
      const running = await this.adoptOrLaunch().catch(() => null);
      if (running) this.options.log.warn({ afterMs: performance.now() - endedAt }, 'PostgreSQL runs again');
      if (running || this.stopping) return;
    }
    this.options.onLost?.(await this.startFailure());
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
  private async chooseSocketDirectory(): Promise<string> {
    if (!USES_SOCKET) return '';
    const near = this.paths.socket;
    const fits = Buffer.byteLength(join(near, '.s.PGSQL.5432.lock')) <= SOCKET_PATH_MAX;
    return fits ? near : mkdtemp(join(tmpdir(), 'praxis-'));
  }

  /** Whoever ran PostgreSQL before may have removed it. */
  private async openSocketDirectory(): Promise<void> {
    const { socketDir } = this.address;
    if (!socketDir) return;
    await mkdir(socketDir, { recursive: true, mode: 0o700 });
    if (this.user) await chown(socketDir, this.user.uid, this.user.gid);
  }

  /** What this start prints is behind what is there. */
  private async logFile(): Promise<string> {
    const path = this.paths.log;
    const size = existsSync(path) ? (await stat(path)).size : 0;
    if (size > LOG_BYTES_MAX) await truncate(path);
    this.logBytesBefore = size > LOG_BYTES_MAX ? 0 : size;
    return path;
  }

  private async startFailure(): Promise<PraxisError> {
    const log = await readFile(this.paths.log).catch(() => Buffer.alloc(0));
    const output = log.subarray(this.logBytesBefore).subarray(-10_000).toString();
    return startFault(this.paths.data, output, this.paths.log);
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
