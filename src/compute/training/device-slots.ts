/** Who may train on which GPU: a slot is a lock over all processes, held for as long as a run may use the device. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceNeed, DeviceOffer, DeviceRefusal, ExecutorChoice, GpuProvider, Provider } from '../../engine';
import { TrainingPaused, TrainingStopped } from '../../engine/types';
import { mebibytes } from '../../kernel';
import type { GpuDevice } from './gpu-list';
import type { TrainingControl } from './training-wire';

export interface DeviceLock {
  /** Aborts when the lock is lost. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface DeviceSlot extends DeviceLock {
  readonly device: GpuDevice;
}

export interface DeviceSlotsOptions {
  list(): Promise<GpuDevice[]>;
  /** Null when somebody on any machine holds a lock of this name. */
  lock(name: string): Promise<DeviceLock | null>;
  runsPerDevice: number;
  /** Whose runs take a slot when they name them. */
  providers?: readonly Provider[];
}

const GPU_PROVIDERS: readonly GpuProvider[] = ['cuda', 'webgpu'];
const POLL_MS = 500;
const MEMORY_HINT =
  'Take a smaller batchSize or a smaller network, ask for CPU or AUTO, or try again when others have left the device.';

/** The devices of this machine, shared with all processes that train on them. */
export class DeviceSlots {
  private counted: Promise<number> | null = null;
  /** Runs of this process that wait, the first of them first. */
  private readonly waiting: object[] = [];

  constructor(private readonly o: DeviceSlotsOptions) {}

  /** Runs that may be on devices at a time, of those that the driver told of when first asked. */
  count(): Promise<number> {
    this.counted ??= this.o.list().then((devices) => {
      const known = devices.filter(({ freeBytes }) => freeBytes !== null);
      return known.length * this.o.runsPerDevice;
    });
    return this.counted;
  }

  /** Whether a run trains on a GPU or not at all. */
  isNamedBy({ executor, provider }: ExecutorChoice): boolean {
    return executor === 'onnx' && (this.o.providers ?? GPU_PROVIDERS).includes(provider as Provider);
  }

  /**
   * Waits for a slot, in order within the process. Calls `onWait` once with a sentence for the user if there is none yet. Throws
   * TrainingStopped or TrainingPaused when `control` says so, and what the lock throws.
   */
  async wait(
    provider: ExecutorChoice['provider'],
    control: TrainingControl,
    onWait: (why: string) => Promise<void>,
  ): Promise<DeviceSlot> {
    const devices = await this.devicesOf(provider);
    const ticket = {};
    this.waiting.push(ticket);
    try {
      for (let tries = 1; ; tries++) {
        throwIfInterrupted(control);
        const slot = this.waiting[0] === ticket ? await this.lockOneOf(devices) : null;
        if (slot) return slot;
        if (tries === 1) await onWait(`Waits for a GPU: ${this.taken(devices)}.`);
        await sleep(POLL_MS);
      }
    } finally {
      this.waiting.splice(this.waiting.indexOf(ticket), 1);
    }
  }

  /** A slot at once, of a device with the memory; or why there is none. */
  async tryTake(need: DeviceNeed): Promise<DeviceSlot | DeviceRefusal> {
    const devices = await this.devicesOf(need.provider);
    const large = devices.filter((device) => isEnough(device, need));
    if (large.length === 0) return { refusal: lacks(devices[0], need), hint: MEMORY_HINT };
    const slot = this.waiting.length === 0 ? await this.lockOneOf(large) : null;
    return slot ?? { refusal: `is taken: ${this.taken(large)}`, hint: 'Name the provider, and the run waits for it.' };
  }

  /** The device of a slot, if it has the memory by now. */
  async check({ device }: DeviceSlot, need: DeviceNeed): Promise<DeviceOffer> {
    const now = (await this.o.list()).find(({ key }) => key === device.key);
    return offerOf({ ...device, freeBytes: now?.freeBytes ?? null }, need);
  }

  /** Most free memory first. WebGPU takes the device it likes, with nothing said of which: the first. */
  private async devicesOf(provider: ExecutorChoice['provider']): Promise<GpuDevice[]> {
    const devices = await this.o.list();
    if (provider === 'webgpu') return devices.slice(0, 1);
    return [...devices].sort((a, b) => (b.freeBytes ?? 0) - (a.freeBytes ?? 0));
  }

  private async lockOneOf(devices: GpuDevice[]): Promise<DeviceSlot | null> {
    for (let place = 0; place < this.o.runsPerDevice; place++) {
      for (const device of devices) {
        const lock = await this.o.lock(`gpu ${device.key} ${place}`);
        if (lock) return { device, lost: lock.lost, release: () => lock.release() };
      }
    }
    return null;
  }

  private taken(devices: GpuDevice[]): string {
    const names = [...new Set(devices.map(({ name }) => name))].join(', ');
    const { runsPerDevice: runs } = this.o;
    return `${names} ${devices.length === 1 ? 'has' : 'have'} as many runs as may be there at a time (${runs} per device)`;
  }
}

function throwIfInterrupted({ command }: TrainingControl): void {
  if (command === 'stop') throw new TrainingStopped();
  if (command === 'pause') throw new TrainingPaused();
}

function offerOf(device: GpuDevice, need: DeviceNeed): DeviceOffer {
  if (!isEnough(device, need)) return { refusal: lacks(device, need), hint: MEMORY_HINT };
  return { index: device.index, description: `${device.name} (${memoryOf(device, need)})` };
}

const isEnough = ({ freeBytes }: GpuDevice, { bytes }: DeviceNeed) => freeBytes === null || freeBytes >= bytes;

const lacks = (device: GpuDevice, need: DeviceNeed) =>
  `has too little memory: ${memoryOf(device, need)} on ${device.name}`;

const memoryOf = ({ freeBytes }: GpuDevice, { bytes }: DeviceNeed) =>
  `the run needs about ${mebibytes(bytes)}, ${freeBytes === null ? 'how much is free is not known' : `${mebibytes(freeBytes)} are free`}`;

/** What one training may do with the devices: it has the slot that was reserved for it, or looks for one of its own when it asks. */
export class TrainingDevice {
  private taken: DeviceSlot | null = null;

  /** `onLost`: another process may use the device by now. */
  constructor(
    private readonly slots: DeviceSlots,
    private readonly reserved: DeviceSlot | null,
    private readonly onLost: () => void,
  ) {
    if (reserved) this.watch(reserved);
  }

  async take(need: DeviceNeed): Promise<DeviceOffer> {
    if (this.reserved) return this.slots.check(this.reserved, need);
    await this.giveBack();
    const slot = await this.slots.tryTake(need);
    if ('refusal' in slot) return slot;
    this.taken = slot;
    this.watch(slot);
    return offerOf(slot.device, need);
  }

  private watch({ lost }: DeviceSlot): void {
    if (lost.aborted) this.onLost();
    lost.addEventListener('abort', this.onLost);
  }

  /** Gives back what it looked for itself. */
  async giveBack(): Promise<void> {
    const slot = this.taken;
    this.taken = null;
    slot?.lost.removeEventListener('abort', this.onLost);
    await slot?.release();
  }

  async end(): Promise<void> {
    this.reserved?.lost.removeEventListener('abort', this.onLost);
    await this.giveBack();
  }
}
