// Owns the threads: training, inference, and the batcher in front of inference. The only user of Piscina.
export * from './batcher';
export type { RowBlock } from './buffers';
export { DeviceSlots, type DeviceSlot } from './device-slots';
export { listGpus, type GpuDevice } from './gpu-list';
export * from './inference.pool';
export { TrainingPool, type TrainingListener } from './training.pool';
export { TrainingControl } from './training-wire';
