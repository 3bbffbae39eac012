import { MessageChannel, type MessagePort, type TransferListItem } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Registry } from 'prom-client';
import type {
  DeviceNeed,
  DeviceOffer,
  ExecutorChoice,
  StreamRequest,
  TrainEvent,
  TrainRequest,
  TrainResult,
} from '../../engine/types';
import { PraxisError } from '../../kernel';
import { TrainingDevice, type DeviceSlot, type DeviceSlots } from './device-slots';
import { buffersOf, serveTable } from './table-wire';
import { threadEntry } from '../thread-entry';
import { TrainingMetrics } from './training.metrics';
import { fromFault, type TrainingControl, type TrainMessage, type TrainTask } from './training-wire';

/** Receives what a training reports, one call at a time and in order. A rejection stops the training and becomes its error. */
export interface TrainingListener {
  events(events: TrainEvent[]): Promise<void>;
  /** `state` resumes the training after event `lastOrdinal`. */
  checkpoint(state: Uint8Array, lastOrdinal: number): Promise<void>;
  /** The checkpoint to go on from was not taken up. */
  startsAnew?(): Promise<void>;
}

export interface TrainingOptions {
  /** Trainings at a time; more wait in order. Those with the slot of a GPU do not count. */
  threads: number;
  /** Cores of each, at most; those of runs on a GPU are taken from them. */
  threadsPerRun?: number;
  /** Between two checkpoints; by default that of the engine. */
  checkpointMs?: number;
  /** For trainings that name none. */
  provider?: ExecutorChoice['provider'];
  /** Left out: every training takes the GPU it likes. */
  devices?: DeviceSlots;
  /** Paths of modules that register families and steps, for each thread. */
  extensions?: readonly string[];
  /** Left out: nothing is measured. */
  registry?: Registry;
}

/**
 * Threads that train, kept warm. A thread inside ONNX Runtime must never be terminated (the whole process would abort),
 * so trainings are stopped by their control's flag, between chunks.
 */
export class TrainingPool {
  private readonly pool: Piscina;
  /** Of trainings that have the slot of a GPU; a thread is made for the first of them, and there are no more than slots. */
  private readonly gpuPool: Piscina;
  private readonly active = new Map<TrainingControl, Promise<unknown>>();
  private readonly metrics: TrainingMetrics | null;

  constructor(private readonly options: TrainingOptions) {
    this.pool = openPool(options.threads, options.threads);
    this.gpuPool = openPool(0, GPU_THREADS_MAX);
    const pools = [this.pool, this.gpuPool];
    const sum = (read: (pool: Piscina) => number) => () => pools.reduce((total, pool) => total + read(pool), 0);
    this.metrics = options.registry
      ? new TrainingMetrics(options.registry, {
          threads: sum((pool) => pool.threads.length),
          waiting: sum((pool) => pool.queueSize),
        })
      : null;
  }

  /**
   * The slot of a training that names a GPU, once there is one: it waits without a thread, and `onWait` hears why. Null for
   * others. It is the caller's to release. Throws TrainingStopped or TrainingPaused when `control` says so.
   */
  async reserveDevice(
    executor: ExecutorChoice | null,
    control: TrainingControl,
    onWait: (why: string) => Promise<void>,
  ): Promise<DeviceSlot | null> {
    const { devices } = this.options;
    const chosen = executor ?? this.chosen;
    return devices?.isNamedBy(chosen) ? devices.wait(chosen.provider, control, onWait) : null;
  }

  /**
   * Trains on a thread. The request's table is transferred: its columns are empty afterwards; a source is read from as the
   * thread asks for it. `slot` is what was reserved: it trains at once, on a thread and a core of its own. Throws EngineError for faults of data or parameters, TrainingStopped after
   * `control.stop()`, the listener's error, or an internal error.
   */
  async train(
    request: TrainRequest | StreamRequest,
    listener: TrainingListener,
    control: TrainingControl,
    slot: DeviceSlot | null = null,
  ): Promise<TrainResult> {
    const train = () => this.start(request, { listener, control, slot });
    const training = this.metrics?.measure(request, train) ?? train();
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
    await Promise.all([this.pool.close(), this.gpuPool.close()]);
  }

  /** Of trainings that name nothing. */
  private get chosen(): ExecutorChoice {
    return { executor: 'onnx', provider: this.options.provider ?? 'auto' };
  }

  private async start(
    request: TrainRequest | StreamRequest,
    { listener, control, slot }: TrainingSession,
  ): Promise<TrainResult> {
    const { port1: near, port2: far } = new MessageChannel();
    let fault: Error | null = null;
    const fail = (error: Error): void => {
      fault ??= error;
      control.stop();
    };
    const device = this.deviceOf(slot, fail);
    const outcome = readOutcome(near, { listener, control, device });
    // It is awaited below, but may fail while the thread's task is still returning.
    outcome.catch(() => undefined);
    const { sent, transfer, end } = sendable(request, (error) => (fault ??= error));
    try {
      const task: TrainTask = {
        request: { executor: this.chosen, ...sent },
        port: far,
        control: control.buffer,
        threads: slot ? 1 : await this.threadsPerRun(),
        checkpointMs: this.options.checkpointMs,
        extensions: this.options.extensions ?? [],
        sharesDevices: device !== null,
      };
      await (slot ? this.gpuPool : this.pool).run(task, { transferList: [far, ...transfer] });
      return await outcome;
    } catch (error) {
      throw fault ?? error;
    } finally {
      near.close();
      end();
      await device?.end();
    }
  }

  /** A core for each run that may be on a GPU at the same time comes off the cores of the others, one of which each keeps. */
  private async threadsPerRun(): Promise<number | undefined> {
    const { threads, threadsPerRun, devices } = this.options;
    if (threadsPerRun === undefined || threadsPerRun === 1 || !devices) return threadsPerRun;
    return Math.max(1, Math.floor((threads * threadsPerRun - (await devices.count())) / threads));
  }

  private deviceOf(slot: DeviceSlot | null, fail: (error: Error) => void): TrainingDevice | null {
    const { devices } = this.options;
    const reason = 'The slot of the GPU was lost with the connection that holds it.';
    const lost = (): void => fail(new PraxisError('UNAVAILABLE', reason));
    return devices ? new TrainingDevice(devices, slot, lost) : null;
  }
}

/** More GPUs than a machine has. */
const GPU_THREADS_MAX = 64;

const openPool = (minThreads: number, maxThreads: number): Piscina =>
  new Piscina({
    ...threadEntry('train'),
    minThreads,
    maxThreads,
    idleTimeout: Infinity,
    concurrentTasksPerWorker: 1,
  });

/** Who takes part in one training beside its thread. */
interface TrainingSession {
  listener: TrainingListener;
  control: TrainingControl;
  slot: DeviceSlot | null;
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

interface OutcomeHandlers {
  listener: TrainingListener;
  control: TrainingControl;
  device: TrainingDevice | null;
}

/** Hands messages to the listener one after the other, and answers those that ask; settles with the last one. */
function readOutcome(port: MessagePort, { listener, control, device }: OutcomeHandlers): Promise<TrainResult> {
  return new Promise((resolve, reject) => {
    let queue = Promise.resolve();
    let failure: Error | undefined;
    const handle = async (message: TrainMessage): Promise<void> => {
      if (message.kind === 'done') return failure ? reject(failure) : resolve(message.result);
      if (message.kind === 'failed') return reject(failure ?? fromFault(message.fault));
      if (message.kind === 'device') return port.postMessage(await offerOf(device!, message.need));
      if (message.kind === 'deviceBack') return device!.giveBack();
      if (failure) return;
      if (message.kind === 'events') await listener.events(message.events);
      else if (message.kind === 'startsAnew') await listener.startsAnew?.();
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

/** The thread waits for an answer, also when nobody can be asked. */
function offerOf(device: TrainingDevice, need: DeviceNeed): Promise<DeviceOffer> {
  return device.take(need).catch((error: Error) => ({
    refusal: `could not be reserved (${error.message})`,
    hint: 'Start the run again.',
  }));
}
