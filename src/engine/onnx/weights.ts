/** Finds the weights of a graph: float32 constants of some size that a product, a convolution or a table look-up reads. */
import { onnx } from 'onnx-proto';

export interface Weight {
  tensor: onnx.ITensorProto;
  /** The axis that counts the output channels; for a table of embeddings its rows. */
  axis: number;
}

/** Fewer numbers than this are not worth a node that restores them. */
const ELEMENTS_MIN = 256;
const FLOAT = 1;

/** Which input of an operator is its weight, and the axis of its output channels; negative counts from the end. */
const READERS: Record<string, (node: onnx.INodeProto) => { input: number; axis: number }> = {
  MatMul: () => ({ input: 1, axis: -1 }),
  Gemm: (node) => ({ input: 1, axis: attribute(node, 'transB')?.i ? 0 : 1 }),
  Conv: () => ({ input: 1, axis: 0 }),
  Gather: () => ({ input: 0, axis: 0 }),
};

/** The graph and every body inside it, at any depth. Constants of the outermost graph are seen in all of them. */
export function graphsOf(graph: onnx.IGraphProto): onnx.IGraphProto[] {
  const bodies = (graph.node ?? []).flatMap(({ attribute }) => (attribute ?? []).flatMap(({ g }) => (g ? [g] : [])));
  return [graph, ...bodies.flatMap(graphsOf)];
}

/** By the name of the constant. One that is read in several ways keeps the axis of the first. */
export function findWeights(graph: onnx.IGraphProto): Map<string, Weight> {
  const constants = new Map((graph.initializer ?? []).map((tensor) => [tensor.name!, tensor]));
  const makers = new Map(
    (graph.node ?? []).filter(({ opType }) => opType === 'Transpose').map((node) => [node.output![0], node]),
  );
  const weights = new Map<string, Weight>();
  for (const node of graphsOf(graph).flatMap((part) => part.node!)) {
    const reader = READERS[node.opType!]?.(node);
    const found = reader && origin(node.input![reader.input], reader.axis, makers, constants);
    if (found && isWorthIt(found.tensor) && !weights.has(found.tensor.name!)) weights.set(found.tensor.name!, found);
  }
  return weights;
}

export const sizeOf = ({ dims }: onnx.ITensorProto): number => (dims ?? []).reduce<number>((a, d) => a * Number(d), 1);

function isWorthIt(tensor: onnx.ITensorProto): boolean {
  return tensor.dataType === FLOAT && (tensor.dims ?? []).length > 1 && sizeOf(tensor) >= ELEMENTS_MIN;
}

/** The constant behind a name, looking through a transpose of it. */
function origin(
  name: string,
  axis: number,
  makers: Map<string, onnx.INodeProto>,
  constants: Map<string, onnx.ITensorProto>,
): Weight | null {
  const turn = makers.get(name);
  const tensor = constants.get(turn ? turn.input![0] : name);
  if (!tensor) return null;
  const rank = (tensor.dims ?? []).length;
  const place = axis < 0 ? axis + rank : axis;
  const order = turn && attribute(turn, 'perm')?.ints?.map(Number);
  return { tensor, axis: turn ? (order?.[place] ?? rank - 1 - place) : place };
}

export const attribute = (node: onnx.INodeProto, wanted: string): onnx.IAttributeProto | undefined =>
  node.attribute?.find(({ name }) => name === wanted);
