/** ONNX protobuf in and out of GraphBuilder; IR version 8, opset 18, ai.onnx.ml 3, or 4 where a node needs it (onnx/onnx, docs/IR.md). */
import { onnx } from 'onnx-proto';
import { GraphBuilder, type Attribute, type ElementType, type Initializer, type Node, type ValueInfo } from './graph';

const OPSETS: Record<string, number> = { '': 18, 'ai.onnx.ml': 3, 'com.microsoft': 1 };
const IR_VERSION = 8;

/** Versions of the operator domains in use. */
type Domains = Map<string, number>;

/** TensorProto.DataType. */
const TYPE_CODES: Record<ElementType, number> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float64: 11,
};

const utf8 = new TextEncoder();

/** The bytes of a model file that any ONNX runtime with opset 18 loads. */
export function encodeModel(graph: GraphBuilder): Uint8Array {
  const domains = new Map([['', OPSETS['']]]);
  const proto = encodeGraph(graph, domains);
  const model = onnx.ModelProto.fromObject({
    irVersion: IR_VERSION,
    producerName: 'praxis',
    opsetImport: [...domains].map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
  });
  model.graph = proto as onnx.GraphProto;
  return onnx.ModelProto.encode(model).finish();
}

export function decodeModel(bytes: Uint8Array): onnx.ModelProto {
  return onnx.ModelProto.decode(bytes);
}

export function reencodeModel(model: onnx.ModelProto): Uint8Array {
  return onnx.ModelProto.encode(model).finish();
}

function encodeGraph(graph: GraphBuilder, domains: Domains): onnx.IGraphProto {
  return onnx.GraphProto.create({
    name: graph.name,
    input: graph.inputs.map(encodeValue),
    output: graph.outputs.map(encodeValue),
    initializer: graph.initializers.map((tensor) => encodeTensor(tensor)),
    node: graph.nodes.map((node) => encodeNode(node, domains)),
  });
}

function encodeValue({ name, type, dims }: ValueInfo): onnx.IValueInfoProto {
  const dim = dims?.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d }));
  return { name, type: { tensorType: { elemType: TYPE_CODES[type], ...(dim && { shape: { dim } }) } } };
}

function encodeTensor({ name, type, dims, values }: Omit<Initializer, 'name'> & { name?: string }): onnx.ITensorProto {
  const head = { ...(name !== undefined && { name }), dims, dataType: TYPE_CODES[type] };
  if (Array.isArray(values)) return { ...head, stringData: values.map((text) => utf8.encode(text)) };
  return { ...head, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function encodeNode({ op, domain, version = 0, inputs, outputs, attributes }: Node, domains: Domains): onnx.INodeProto {
  if (!(domain in OPSETS)) throw new Error(`Unknown operator domain ${domain}.`);
  domains.set(domain, Math.max(version, domains.get(domain) ?? OPSETS[domain]));
  return {
    opType: op,
    domain,
    input: inputs,
    output: outputs,
    attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value, domains)),
  };
}

const { AttributeType } = onnx.AttributeProto;

function encodeAttribute(name: string, value: Attribute, domains: Domains): onnx.IAttributeProto {
  if (value instanceof GraphBuilder) return { name, type: AttributeType.GRAPH, g: encodeGraph(value, domains) };
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: integer(name, value) };
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: utf8.encode(value) };
  if (Array.isArray(value)) return encodeList(name, value);
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('floats' in value) return { name, type: AttributeType.FLOATS, floats: value.floats };
  return { name, type: AttributeType.TENSOR, t: encodeTensor(value.tensor) };
}

function encodeList(name: string, list: number[] | string[]): onnx.IAttributeProto {
  if (typeof list[0] === 'string') {
    return { name, type: AttributeType.STRINGS, strings: (list as string[]).map((text) => utf8.encode(text)) };
  }
  return { name, type: AttributeType.INTS, ints: (list as number[]).map((value) => integer(name, value)) };
}

function integer(name: string, value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error(`Attribute ${name}: ${value} is no integer; write { float: … }.`);
  return value;
}
