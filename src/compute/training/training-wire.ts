/** What a training thread and the process that owns it say to each other. Imported by both sides. */
import type { MessagePort } from 'node:worker_threads';
import {
  EngineError,
  TrainingPaused,
  TrainingStopped,
  type Command,
  type DeviceNeed,
  type StreamRequest,
  type TrainEvent,
  type TrainRequest,
  type TrainResult,
} from '../../engine/types';
import type { RemoteTable } from './table-wire';

export interface TrainTask {
  request: TrainRequest | (Omit<StreamRequest, 'source'> & { remote: RemoteTable });
  port: MessagePort;
  control: SharedArrayBuffer;
  /** Of one step, at most. */
  threads?: number;
  /** Least time between two checkpoints. */
  checkpointMs?: number;
  /** Paths of modules that register families and steps. */
  extensions: readonly string[];
  /** Whether to ask the owner before a GPU is taken. */
  sharesDevices: boolean;
}

/** Thread to owner, in order; the last one is `done` or `failed`. The owner answers `device` with a DeviceOffer. */
export type TrainMessage =
  | { kind: 'events'; events: TrainEvent[] }
  | { kind: 'checkpoint'; state: Uint8Array; lastOrdinal: number }
  | { kind: 'startsAnew' }
  | { kind: 'device'; need: DeviceNeed }
  | { kind: 'deviceBack' }
  | { kind: 'done'; result: TrainResult }
  | { kind: 'failed'; fault: Fault };

/** An error as plain data: structured cloning would lose its class and fields. */
export type Fault =
  | { name: 'EngineError'; message: string; path: string; hint: string }
  | { name: 'TrainingStopped' }
  | { name: 'TrainingPaused' }
  | { name: 'Error'; message: string; stack?: string };

export function toFault(error: unknown): Fault {
  if (error instanceof EngineError) {
    return { name: 'EngineError', message: error.message, path: error.path, hint: error.hint };
  }
  if (error instanceof TrainingStopped) return { name: 'TrainingStopped' };
  if (error instanceof TrainingPaused) return { name: 'TrainingPaused' };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name: 'Error', message, stack };
}

export function fromFault(fault: Fault): Error {
  if (fault.name === 'EngineError') return new EngineError(fault.message, fault.path, fault.hint);
  if (fault.name === 'TrainingStopped') return new TrainingStopped();
  if (fault.name === 'TrainingPaused') return new TrainingPaused();
  return Object.assign(new Error(fault.message), { stack: fault.stack });
}

const COMMAND = 0;
const PENDING = 1;
const COMMANDS: readonly Command[] = ['continue', 'pause', 'stop'];
const PENDING_MAX = 16;

/**
 * What both sides see while the thread is busy in native code: what it is to do, at which learning rate, and how many
 * messages the owner has not handled yet. The thread waits when the owner falls behind, so events never pile up in memory.
 */
export class TrainingControl {
  private readonly cells: Int32Array;
  /** The bits of a float64; 0 for no wish. */
  private readonly rate: BigInt64Array;

  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.cells = new Int32Array(buffer, 0, 2);
    this.rate = new BigInt64Array(buffer, 8, 1);
  }

  get command(): Command {
    return COMMANDS[Atomics.load(this.cells, COMMAND)];
  }

  /** The learning rate wished for; null for none. */
  get learningRate(): number | null {
    return new Float64Array(BigInt64Array.of(Atomics.load(this.rate, 0)).buffer)[0] || null;
  }

  set learningRate(rate: number | null) {
    Atomics.store(this.rate, 0, new BigInt64Array(Float64Array.of(rate ?? 0).buffer)[0]);
  }

  /** Asks the thread to pause after its current chunk, or takes that back. A stop stays. */
  pause(on: boolean): void {
    const [from, to] = on ? ['continue', 'pause'] : ['pause', 'continue'];
    Atomics.compareExchange(this.cells, COMMAND, COMMANDS.indexOf(from as Command), COMMANDS.indexOf(to as Command));
  }

  /** Asks the thread to stop after its current chunk. Idempotent. */
  stop(): void {
    Atomics.store(this.cells, COMMAND, COMMANDS.indexOf('stop'));
    Atomics.notify(this.cells, PENDING);
  }

  get stopped(): boolean {
    return this.command === 'stop';
  }

  /** In the thread, after a message was posted: blocks while too many are pending. */
  awaitRoom(): void {
    let pending = Atomics.add(this.cells, PENDING, 1) + 1;
    while (pending > PENDING_MAX && !this.stopped) {
      Atomics.wait(this.cells, PENDING, pending, 1000);
      pending = Atomics.load(this.cells, PENDING);
    }
  }

  /** In the owner, after a message was handled. */
  handled(): void {
    Atomics.sub(this.cells, PENDING, 1);
    Atomics.notify(this.cells, PENDING);
  }
}

/** The bytes in a buffer of their own, so that they can be transferred; copies only a view of a larger buffer. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return (whole ? bytes : new Uint8Array(bytes)) as Uint8Array<ArrayBuffer>;
}
