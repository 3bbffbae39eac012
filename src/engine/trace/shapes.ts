/** Shapes with a symbolic batch: TensorFlow.js sees a number, the graph sees a name. */
import { BATCH, isSymbolic } from '../onnx/batch';
import type { Dimension } from '../onnx/graph';
import type { Recording } from './recording';

export { BATCH, isSymbolic } from '../onnx/batch';

export type DType = 'float32' | 'int32' | 'bool';

/** The shape as the graph declares it. */
export function declared(shape: readonly number[]): Dimension[] {
  return shape.map((size) => {
    if (!isSymbolic(size)) return size;
    return size === BATCH ? 'batch' : `${size / BATCH}*batch`;
  });
}

/** Name of an int64 vector with this shape; computed from the batch when it is symbolic. */
export function shapeValue(recording: Recording, shape: readonly number[]): string {
  const { graph, shared } = recording;
  if (!shape.some(isSymbolic)) return graph.int64s([...shape]);
  const key = `shape ${shape.join()}`;
  let name = shared.get(key);
  if (name === undefined) {
    const parts = shape.map((size) => (isSymbolic(size) ? batchTimes(recording, size / BATCH) : graph.int64s([size])));
    name = parts.length === 1 ? parts[0] : graph.call('Concat', parts, { axis: 0 });
    shared.set(key, name);
  }
  return name;
}

/** Name of the target of a Reshape: one symbolic dimension is inferred by ONNX itself. */
export function reshapeTarget(recording: Recording, shape: readonly number[]): string {
  const symbolic = shape.filter(isSymbolic).length;
  if (symbolic !== 1) return shapeValue(recording, shape);
  return recording.graph.int64s(shape.map((size) => (isSymbolic(size) ? -1 : size)));
}

/** Name of an int64 vector holding `factor * batch`. */
function batchTimes(recording: Recording, factor: number): string {
  const { graph, batch } = recording;
  if (!batch) throw new Error('No input has the batch dimension.');
  const size = graph.call('Shape', [batch.name], { start: batch.axis, end: batch.axis + 1 });
  return factor === 1 ? size : graph.call('Mul', [size, graph.int64s([factor])]);
}
