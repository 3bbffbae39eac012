// Owns the threads: training, inference, and the batcher in front of inference. The only user of Piscina.
export * from './inference/batcher';
export type { RowBlock } from './inference/buffers';
export { DeviceSlots, type DeviceSlot } from './training/device-slots';
export { listGpus, type GpuDevice } from './training/gpu-list';
export * from './inference/inference.pool';
export * from './inference/model-source';
export { TrainingPool, type TrainingListener } from './training/training.pool';
export { TrainingControl } from './training/training-wire';
