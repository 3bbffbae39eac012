/**
 * Rewrites a serving graph so that its weights take less room: 8-bit integers with a scale per output channel, or half
 * precision. Inputs, outputs, their symbolic batch and the metadata stay as they are. Why it is done this way:
 * docs/decisions/0008-model-variants.md.
 */
import { onnx } from 'onnx-proto';
import type { CompressedPrecision } from '../types';
import { decodeModel } from './encode';
import { appendIntegerProduct, isIntegerProduct } from './integer-product';
import { quantise, readFloats, scaleTensor, toHalf, type Quantised } from './weight-codec';
import { findWeights, graphsOf, type Weight } from './weights';

/** TensorProto.DataType of float32, to which stored weights are turned back. */
const FLOAT = 1;

/** Nodes over constants, which give a weight its own name and float32 values again. ONNX Runtime runs them once, on opening. */
interface Stored {
  tensors: onnx.ITensorProto[];
  restore: onnx.INodeProto[];
}

/** The file in the given precision; the same bytes where nothing in it is worth compressing. */
export function compressModel(bytes: Uint8Array, precision: CompressedPrecision): Uint8Array {
  const model = decodeModel(bytes);
  const graph = model.graph!;
  const weights = findWeights(graph);
  const stored = precision === 'int8' ? storeIntegers(graph, weights) : storeHalves(weights);
  if (stored.size === 0) return bytes;
  const read = readNames(graph);
  const restored = [...stored].flatMap(([name, { restore }]) => (read.has(name) ? restore : []));
  graph.node = [...restored, ...graph.node!];
  graph.initializer!.push(...[...stored.values()].flatMap(({ tensors }) => tensors));
  const needed = readNames(graph);
  graph.initializer = graph.initializer!.filter(({ name }) => !stored.has(name!) && needed.has(name!));
  return onnx.ModelProto.encode(model).finish();
}

/** Numbers beyond the range of half precision leave their weight as it is. */
function storeHalves(weights: Map<string, Weight>): Map<string, Stored> {
  const stored = new Map<string, Stored>();
  for (const [name, { tensor }] of weights) {
    const half = toHalf(tensor, `${name}/half`);
    if (half) stored.set(name, { tensors: [half], restore: [cast(half.name!, name)] });
  }
  return stored;
}

function storeIntegers(graph: onnx.IGraphProto, weights: Map<string, Weight>): Map<string, Stored> {
  const stored = new Map<string, Stored>();
  const parts = new Map<string, Quantised>();
  for (const [name, { tensor, axis }] of weights) {
    if (!readFloats(tensor).every(Number.isFinite)) continue;
    const part = quantise(tensor, axis);
    const scale = scaleTensor(part, `${name}/scale`);
    const restore = [cast(part.tensor.name!, `${name}/levels`), multiply(`${name}/levels`, scale.name!, name)];
    parts.set(name, part);
    stored.set(name, { tensors: [part.tensor, scale], restore });
  }
  for (const part of graphsOf(graph)) {
    part.node = part.node!.flatMap((node) => {
      const weight = parts.get(node.input![1]);
      return weight && isIntegerProduct(node, weight) ? appendIntegerProduct(graph, node, weight) : [node];
    });
  }
  return stored;
}

const cast = (from: string, to: string): onnx.INodeProto => ({
  opType: 'Cast',
  input: [from],
  output: [to],
  attribute: [{ name: 'to', type: onnx.AttributeProto.AttributeType.INT, i: FLOAT }],
});

const multiply = (a: string, b: string, to: string): onnx.INodeProto => ({
  opType: 'Mul',
  input: [a, b],
  output: [to],
});

/** Names that a node of the graph or of a body inside it reads, or that are an output. */
function readNames(graph: onnx.IGraphProto): Set<string> {
  return new Set(
    graphsOf(graph).flatMap(({ node, output }) => [
      ...node!.flatMap(({ input }) => input!),
      ...output!.map(({ name }) => name!),
    ]),
  );
}
