import type { ChildProcess } from 'node:child_process';
import { PraxisError } from '../kernel/errors/errors';
import type { Log } from '../kernel/process/log';

export interface ChildOptions {
  /** Shown in logs. */
  name: string;
  launch(): ChildProcess;
  /** Told of each process that is launched. */
  onLaunch?(child: ChildProcess): void;
  log: Log;
  /** How long `stop` waits before it kills. */
  stopLimitMs: number;
  /** What each child is told once it is known; children may load meanwhile and wait for it by `hearParent`. */
  word?: Promise<string>;
}

const BACKOFF_MS = [200, 500, 1_000, 2_000, 5_000];
/** A child that did its work this long starts over at the shortest pause: its end is news, not the fault of its start. */
const SETTLED_MS = 5_000;

/** What a child tells its parent once it does its work. */
interface ReadyMessage {
  kind: 'ready';
  /** What the parent should know of it: an address, say. */
  word: string;
}

/** What a child tells its parent that cannot do its work. */
interface FailedMessage {
  kind: 'failed';
  reason: string;
}

/** What a parent tells its child. */
interface WordMessage {
  kind: 'word';
  word: string;
}

/** In a supervised process: tells the parent. Elsewhere nothing. */
export function sayReady(word: string): void {
  process.send?.({ kind: 'ready', word } satisfies ReadyMessage);
}

/** In a supervised process: tells the parent why it ends, and ends once that is on its way. */
export function endWithFailure(reason: string): void {
  process.send?.({ kind: 'failed', reason } satisfies FailedMessage, () => process.disconnect());
}

/** In a supervised process: the parent's word, as soon as it has one. */
export function hearParent(): Promise<string> {
  return new Promise((resolve) => {
    const hear = (message: Partial<WordMessage>) => {
      if (message.kind !== 'word') return;
      process.off('message', hear);
      resolve(message.word ?? '');
    };
    process.on('message', hear);
  });
}

/** Keeps one child process alive: starts it again when it dies, with growing pauses, until told to stop. */
export class SupervisedChild {
  private child: ChildProcess | null = null;
  private failures = 0;
  private stopping = false;
  private restart: NodeJS.Timeout | null = null;

  constructor(private readonly options: ChildOptions) {}

  /**
   * Gives the word of the child when it is ready, and keeps it alive from then on.
   * @throws PraxisError with the child's own reason, where it told one, when it ends before that; it is not started again
   */
  async start(): Promise<string> {
    if (this.stopping) throw new PraxisError('UNAVAILABLE', `${this.options.name} was told to stop.`);
    const startedAt = Date.now();
    const child = this.options.launch();
    this.child = child;
    this.options.onLaunch?.(child);
    child.once('error', (error) => this.options.log.error({ err: error }, `${this.options.name} could not be started`));
    this.tellWord(child);
    let reason = '';
    let readyAt: number | null = null;
    return new Promise((resolve, reject) => {
      child.on('message', (message: ReadyMessage | FailedMessage) => {
        if (message.kind === 'failed') reason = message.reason;
        if (message.kind !== 'ready') return;
        readyAt = Date.now();
        resolve(message.word);
      });
      void ended(child).then((exit) => {
        this.child = null;
        if (readyAt === null) return reject(new PraxisError('UNAVAILABLE', reason || this.endedEarly(exit)));
        if (Date.now() - readyAt > SETTLED_MS) this.failures = 0;
        const livedMs = Date.now() - startedAt;
        this.startAgain({ ...exit, livedMs });
      });
    });
  }

  /** Starts it, again and again until it is ready, and keeps it alive. */
  async keep(): Promise<void> {
    await this.start().catch(({ message }: Error) => this.startAgain({ reason: message }));
  }

  /** Where there will be no word, or the child is gone, nobody waits for it any more. */
  private tellWord(child: ChildProcess): void {
    const tell = (word: string) => child.send({ kind: 'word', word } satisfies WordMessage, () => undefined);
    this.options.word?.then(tell, () => undefined);
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

  private endedEarly({ code, signal }: Exit): string {
    return `${this.options.name} ended before it was ready (${signal ?? `status ${code}`}).`;
  }

  private startAgain(ending: object): void {
    if (this.stopping) return;
    const pauseMs = BACKOFF_MS[Math.min(this.failures++, BACKOFF_MS.length - 1)];
    this.options.log.warn({ ...ending, pauseMs }, `${this.options.name} ended; starting it again`);
    this.restart = setTimeout(() => void this.keep(), pauseMs);
  }
}

interface Exit {
  code: number | null;
  signal: string | null;
}

/** When a child is gone and all that it said has been heard: the channel may close later than the process ends. */
async function ended(child: ChildProcess): Promise<Exit> {
  const silent = new Promise<void>((resolve) => child.once('disconnect', resolve));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (...exit) => resolve(exit));
    child.once('error', () => resolve([child.exitCode, child.signalCode]));
  });
  if (child.connected) await silent;
  return { code, signal };
}
