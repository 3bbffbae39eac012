/** The engine's native face, for worker threads: it loads ONNX Runtime. */
import { createFit } from './runtime/fit';
import { trainTable } from './train';
import type { TrainPort, TrainRequest, TrainResult } from './types';

export { openModel, type ServedModel } from './serving';

/**
 * Trains on a table and returns the model file, its card and its evaluation. Blocks its thread in chunks of about a
 * quarter of a second; a step takes at most `threads` cores. Throws EngineError for a fault the user can mend and
 * TrainingStopped when `port.control()` says stop.
 */
export function train(request: TrainRequest, port: TrainPort, o: { threads?: number } = {}): Promise<TrainResult> {
  return trainTable(request, port, createFit(o));
}
