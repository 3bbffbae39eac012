import { MessageChannel, type MessagePort, type TransferListItem } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { ExecutorWish, StreamRequest, TrainEvent, TrainRequest, TrainResult } from '../engine/types';
import { buffersOf, serveTable } from './table-wire';
import { threadEntry } from './thread-entry';
import { fromFault, type TrainingControl, type TrainMessage, type TrainTask } from './training-wire';

/** Receives what a training reports, one call at a time and in order. A rejection stops the training and becomes its error. */
export interface TrainingListener {
  events(events: TrainEvent[]): Promise<void>;
  /** `state` resumes the training after event `lastOrdinal`. */
  checkpoint(state: Uint8Array, lastOrdinal: number): Promise<void>;
}

export interface TrainingOptions {
  /** Trainings at a time; more wait in order. */
  threads: number;
  /** Cores of each, at most. */
  threadsPerRun?: number;
  /** Between two checkpoints; by default that of the engine. */
  checkpointMs?: number;
  /** For trainings that name none. */
  provider?: ExecutorWish['provider'];
}

/**
 * Threads that train, kept warm. A thread inside ONNX Runtime must never be terminated (the whole process would abort),
 * so trainings are stopped by their control's flag, between chunks.
 */
export class TrainingPool {
  private readonly pool: Piscina;
  private readonly active = new Map<TrainingControl, Promise<unknown>>();

  constructor(private readonly options: TrainingOptions) {
    const { threads } = options;
    this.pool = new Piscina({
      ...threadEntry('train'),
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
    });
  }

  /**
   * Trains on a thread. The request's table is transferred: its columns are empty afterwards; a source is read from as the
   * thread asks for it. Throws EngineError for
   * faults of data or parameters, TrainingStopped after `control.stop()`, the listener's error, or an internal error.
   */
  async train(
    request: TrainRequest | StreamRequest,
    listener: TrainingListener,
    control: TrainingControl,
  ): Promise<TrainResult> {
    const training = this.start(request, listener, control);
    this.active.set(control, training);
    try {
      return await training;
    } finally {
      this.active.delete(control);
    }
  }

  /** Raises every stop flag and waits for the threads to come to rest; then ends them. */
  async close(): Promise<void> {
    for (const control of this.active.keys()) control.stop();
    // Piscina's own close counts a finished thread more than once and could end one that still runs.
    await Promise.allSettled(this.active.values());
    await this.pool.close();
  }

  private async start(
    request: TrainRequest | StreamRequest,
    listener: TrainingListener,
    control: TrainingControl,
  ): Promise<TrainResult> {
    const { port1: near, port2: far } = new MessageChannel();
    const outcome = readOutcome(near, listener, control);
    // It is awaited below, but may fail while the thread's task is still returning.
    outcome.catch(() => undefined);
    let unreadable: Error | null = null;
    const { sent, transfer, end } = sendable(request, (error) => (unreadable ??= error));
    try {
      const { threadsPerRun, checkpointMs, provider = 'auto' } = this.options;
      const wished = { executor: { executor: 'onnx' as const, provider }, ...sent };
      const task: TrainTask = {
        request: wished,
        port: far,
        control: control.buffer,
        threads: threadsPerRun,
        checkpointMs,
      };
      await this.pool.run(task, { transferList: [far, ...transfer] });
      return await outcome;
    } catch (error) {
      throw unreadable ?? error;
    } finally {
      near.close();
      end();
    }
  }
}

/** A request as it goes to the thread: with its table, or with a port to read the table through. */
function sendable(
  request: TrainRequest | StreamRequest,
  fail: (error: Error) => void,
): { sent: TrainTask['request']; transfer: TransferListItem[]; end: () => void } {
  if (!('source' in request)) return { sent: request, transfer: buffersOf(request.table), end: () => undefined };
  const { source, ...rest } = request;
  const { port1: near, port2: port } = new MessageChannel();
  serveTable(source, near, fail);
  const remote = { rowCount: source.rowCount, columns: source.columns, port };
  return { sent: { ...rest, remote }, transfer: [port], end: () => near.close() };
}

/** Hands messages to the listener one after the other; settles with the last one. */
function readOutcome(port: MessagePort, listener: TrainingListener, control: TrainingControl): Promise<TrainResult> {
  return new Promise((resolve, reject) => {
    let queue = Promise.resolve();
    let failure: Error | undefined;
    const handle = async (message: TrainMessage): Promise<void> => {
      if (message.kind === 'done') return failure ? reject(failure) : resolve(message.result);
      if (message.kind === 'failed') return reject(failure ?? fromFault(message.fault));
      if (failure) return;
      if (message.kind === 'events') await listener.events(message.events);
      else await listener.checkpoint(message.state, message.lastOrdinal);
    };
    const fail = (error: Error): void => {
      failure ??= error;
      control.stop();
    };
    port.on('message', (message: TrainMessage) => {
      queue = queue
        .then(() => handle(message))
        .catch(fail)
        .finally(() => control.handled());
    });
  });
}
