/** What a training run reports and asks while it works. */
import type { GpuProvider } from './executors';

export const SPLITS = ['train', 'validation', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/**
 * Events are deterministic in content and order (no durations, no clock), so a resumed run emits the same ones again;
 * `ordinal` counts them from 1 and the receiver drops those it already has.
 */
export type TrainEvent = { ordinal: number } & (
  | { kind: 'state'; state: 'PREPARING' | 'TRAINING' | 'EVALUATING' }
  /** `epoch` is 0 of what has no passes over the rows. */
  | { kind: 'metric'; step: number; epoch: number; split: Split; name: string; value: number; candidate: string }
  | { kind: 'progress'; fraction: number }
  | { kind: 'log'; level: 'info' | 'warn'; message: string }
);

export interface TrainPort {
  /** Called with the events of one chunk, about four times a second. */
  emit(events: TrainEvent[]): void;
  /** Called at most every few seconds between chunks; `lastOrdinal` is the last event before it. */
  checkpoint(state: Uint8Array, lastOrdinal: number): void;
  /** The checkpoint to go on from was not taken up, as it is of another version: training begins again. */
  startsAnew?(): void;
  /**
   * Asked between chunks. `stop` makes `train` throw TrainingStopped; `pause` makes it write a checkpoint, where training
   * has begun, and throw TrainingPaused.
   */
  control(): Command;
  /**
   * Asked between chunks: the learning rate wished for, before any schedule, for whatever candidate trains; null or left
   * out: the one it has. A change is logged, and in a checkpoint before the next step.
   */
  learningRate?(): number | null;
  /** Left out: a GPU that is there may be taken. */
  devices?: DeviceSharing;
}

/** Shares out the GPUs of the machine among trainings. */
export interface DeviceSharing {
  /** Asked before a GPU is used. Never waits for another training. */
  take(need: DeviceNeed): Promise<DeviceOffer>;
  /** What was taken is not used any more. */
  giveBack(): void;
}

export interface DeviceNeed {
  provider: GpuProvider;
  /** Of its memory, about. */
  bytes: number;
}

/** Why there is no device: `refusal` goes on from the name of the provider, `hint` says what to change. */
export interface DeviceRefusal {
  refusal: string;
  hint: string;
}

export type DeviceOffer = { index: number; description: string } | DeviceRefusal;

export type Command = 'continue' | 'pause' | 'stop';
