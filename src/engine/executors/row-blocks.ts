/** How many rows a graph takes at once: as many as keep its values small. */
import type { GraphBuilder } from '../onnx/graph';
import { peakElements } from '../onnx/peak';
import { BATCH, isSymbolic } from '../trace/shapes';

/** Every element type that a network computes with has so many, or fewer. */
export const ELEMENT_BYTES = 4;
const ROWS_MAX = 8192;
/**
 * Of the values alive at once. More leave the caches of a processor, and are memory that each session keeps; a GPU wants
 * enough of them to be busy.
 */
const VALUES_BYTES = { cpu: 8 * 1024 * 1024, gpu: 256 * 1024 * 1024 };

export type Device = keyof typeof VALUES_BYTES;

/** Rows that a graph over a symbolic batch is best run on. */
export function rowsPerRun(graph: GraphBuilder, device: Device = 'cpu'): number {
  // Weights that a graph cuts into parts are values too, however few the rows.
  const perRow = (peakOf(graph, ROWS_MAX) - peakOf(graph, 0)) / ROWS_MAX;
  return Math.max(1, Math.min(ROWS_MAX, Math.floor(VALUES_BYTES[device] / (ELEMENT_BYTES * perRow))));
}

/** Elements of the recorded values that are alive together, at most, over so many rows. */
export function peakOf(graph: GraphBuilder, rows: number): number {
  return peakElements(graph, (name) => {
    const shape = graph.shapes.get(name) ?? [0];
    return shape.reduce((size, side) => size * (isSymbolic(side) ? (side / BATCH) * rows : side), 1);
  });
}

/** Rows [from, to), `size` at a time. */
export function rowBlocks(rows: number, size: number): [number, number][] {
  const count = Math.ceil(rows / size);
  return Array.from({ length: count }, (_, i) => [i * size, Math.min(rows, (i + 1) * size)]);
}
