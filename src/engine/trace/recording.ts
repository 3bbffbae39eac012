import type { GraphBuilder } from '../onnx/graph';

/** What one recording knows: the graph it appends to and the names of the tensors it has seen. */
export interface Recording {
  graph: GraphBuilder;
  names: Map<object, string>;
  /** Names of images in the layout of the graph, by tensors [batch, height, width, channels] (layout.ts). */
  images: Map<object, string>;
  /** Value and axis that carry the symbolic batch dimension, when an input has one. */
  batch: { name: string; axis: number } | null;
  /** Names of values that several kernels need, by a key that says how they are computed. */
  shared: Map<string, string>;
}
