import { spawn, type ChildProcess } from 'node:child_process';
import type { Log } from '../kernel';
import { PARENT_ARGUMENT } from './lifecycle';

export interface ChildOptions {
  /** Shown in logs. */
  name: string;
  /** Arguments of this Node: script first. */
  args: string[];
  environment: NodeJS.ProcessEnv;
  log: Log;
  /** How long `stop` waits before it kills. */
  stopLimitMs: number;
}

const BACKOFF_MS = [200, 500, 1_000, 2_000, 5_000];
/** A child that lived this long starts over at the shortest pause. */
const SETTLED_MS = 30_000;

/** Keeps one child process alive: starts it again when it dies, with growing pauses, until told to stop. */
export class SupervisedChild {
  private child: ChildProcess | null = null;
  private failures = 0;
  private stopping = false;
  private restart: NodeJS.Timeout | null = null;

  constructor(private readonly options: ChildOptions) {}

  start(): void {
    const startedAt = Date.now();
    const child = spawn(
      process.execPath,
      [...process.execArgv, ...this.options.args, `${PARENT_ARGUMENT}${process.pid}`],
      {
        env: this.options.environment,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    this.child = child;
    child.once('exit', (code, signal) => this.onExit(code, signal, Date.now() - startedAt));
    child.once('error', (error) => this.options.log.error({ err: error }, `${this.options.name} could not be started`));
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.restart) clearTimeout(this.restart);
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), this.options.stopLimitMs);
    await gone;
    clearTimeout(limit);
  }

  private onExit(code: number | null, signal: string | null, livedMs: number): void {
    this.child = null;
    if (this.stopping) return;
    this.failures = livedMs > SETTLED_MS ? 0 : this.failures;
    const pauseMs = BACKOFF_MS[Math.min(this.failures++, BACKOFF_MS.length - 1)];
    this.options.log.warn({ code, signal, livedMs, pauseMs }, `${this.options.name} ended; starting it again`);
    this.restart = setTimeout(() => this.start(), pauseMs);
  }
}
