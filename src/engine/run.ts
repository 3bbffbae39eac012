/** The engine's native face, for worker threads: it loads ONNX Runtime. */
import type { FitOptions } from './learning/create-fit';
import type { StreamRequest, TrainPort, TrainRequest, TrainResult } from './types';

export { openExplainer } from './serving/explanation';
export { openModel, type ServedModel } from './serving/serving';

/**
 * Trains on a table and returns the model file, its card and its evaluation. Blocks its thread in chunks of about a
 * quarter of a second; a step takes at most `threads` cores, and checkpoints lie `checkpointMs` apart. Throws EngineError
 * for a fault the user can mend and TrainingStopped when `port.control()` says stop.
 */
export async function train(
  request: TrainRequest | StreamRequest,
  port: TrainPort,
  o: TrainOptions = {},
): Promise<TrainResult> {
  const [{ trainTable }, { createFit }] = await training();
  return trainTable(request, port, createFit({ ...o, ...request.executor, devices: port.devices }));
}

/** Loaded apart: a thread that only serves models has no use for TensorFlow.js. */
export const training = () => Promise.all([import('./training/train'), import('./learning/create-fit')]);

export type TrainOptions = Pick<FitOptions, 'threads' | 'checkpointMs'>;
