/** Which stored weight is which parameter of the network, and their values as float32. */
import type { ParameterSpec } from '../families/program';
import { modelFault } from './config';
import { STORED_BYTES, type StoredType, type StoredWeight } from './manifest';

/** A layer with parameters, and the names under which its weights may be stored. */
export interface WeightedLayer {
  /** As people know it. */
  name: string;
  /** Segments of names of weights that belong to it: the layer's own, or those inside a wrapper. */
  segments: string[];
  parameters: ParameterSpec[];
}

/** What Keras calls the parameters of the network. */
const ROLES = new Map([
  ['depthwise', 'depthwise_kernel'],
  ['pointwise', 'pointwise_kernel'],
  ['recurrent', 'recurrent_kernel'],
  ['scale', 'gamma'],
  ['offset', 'beta'],
  ['mean', 'moving_mean'],
  ['variance', 'moving_variance'],
  ['slope', 'alpha'],
  ['table', 'embeddings'],
]);

const PLAIN = ['float32', 'float16'];

/** The stored weight of each parameter, by the parameter's name. Throws EngineError that names layer and weight. */
export function assignWeights(layers: WeightedLayer[], stored: StoredWeight[]): Map<string, StoredWeight> {
  const assigned = new Map<string, StoredWeight>();
  const bySegment = new Map<string, StoredWeight[]>();
  for (const weight of stored) {
    for (const segment of new Set(weight.name.split('/').slice(0, -1))) {
      bySegment.set(segment, [...(bySegment.get(segment) ?? []), weight]);
    }
  }
  for (const layer of layers) {
    const near = layer.segments.map((segment) => bySegment.get(segment) ?? []).find(({ length }) => length > 0) ?? [];
    layer.parameters.forEach((spec, i) => assigned.set(spec.name, find(layer, spec, i, near)));
  }
  return assigned;
}

function find(layer: WeightedLayer, spec: ParameterSpec, i: number, near: StoredWeight[]): StoredWeight {
  const [role, direction] = spec.name.split('_');
  const wanted = ROLES.get(role) ?? role;
  const directed = direction === 'forward' || direction === 'backward';
  const candidates = directed ? near.filter(({ name }) => name.includes(`${direction}_`)) : near;
  const place = directed ? i % (layer.parameters.length / 2) : i;
  const matches = (name: string) => {
    const last = name.split('/').at(-1)!;
    if (/^\d+$/.test(last)) return Number(last) === place;
    return last === wanted || (last === 'kernel' && wanted === 'depthwise_kernel');
  };
  const found = candidates.filter(({ name }) => matches(name));
  if (found.length === 1) return checked(layer, spec, found[0]);
  const names = near.map(({ name }) => name).slice(0, 10);
  const there = names.length > 0 ? `The manifest has ${names.join(', ')} for it.` : 'The manifest has none for it.';
  const many =
    found.length > 1 ? `several weights "${wanted}"` : `no weight "${wanted}" of shape [${spec.shape.join(', ')}]`;
  throw modelFault(`layer "${layer.name}"`, `has ${many}`, `${there} Convert the model again, with its weights.`);
}

/** Sequences are convolved as images of height one: a leading 1 more is the same weight. */
const shapesOf = ({ name, shape }: ParameterSpec): number[][] =>
  /^(kernel|depthwise|pointwise)_/.test(name) && shape[0] === 1 ? [shape, shape.slice(1)] : [shape];

function checked(layer: WeightedLayer, spec: ParameterSpec, weight: StoredWeight): StoredWeight {
  const wanted = shapesOf(spec);
  if (!wanted.some((shape) => shape.join() === weight.shape.join())) {
    const message = `has the shape [${weight.shape.join(', ')}], and layer "${layer.name}" takes [${wanted.at(-1)!.join(', ')}]`;
    throw modelFault(`weight "${weight.name}"`, message, 'Convert the model again: topology and weights do not match.');
  }
  if (weight.quantization || PLAIN.includes(weight.type)) return weight;
  throw modelFault(`weight "${weight.name}"`, `is of type ${weight.type}`, 'Store weights as float32.');
}

/** Little-endian values of a weight, or of a part of one, as float32. */
export function decodeValues(bytes: Uint8Array, { name, type, quantization }: StoredWeight): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  const [read, width] = [READ[type], STORED_BYTES[type]];
  const { scale, minimum } = quantization ?? { scale: 1, minimum: 0 };
  const values = new Float32Array(byteLength / width);
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * width) * scale + minimum;
  if (values.every(Number.isFinite)) return values;
  throw modelFault(`weight "${name}"`, 'holds a value that is not finite', 'Train the model again: it has diverged.');
}

const READ: Record<StoredType, (view: DataView, offset: number) => number> = {
  float32: (view, offset) => view.getFloat32(offset, true),
  float16: (view, offset) => half(view.getUint16(offset, true)),
  uint8: (view, offset) => view.getUint8(offset),
  uint16: (view, offset) => view.getUint16(offset, true),
  int32: (view, offset) => view.getInt32(offset, true),
  uint32: (view, offset) => view.getUint32(offset, true),
  bool: (view, offset) => view.getUint8(offset),
};

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
