/** Weights as 8-bit integers with a scale per channel, and in half precision (IEEE 754 binary16). */
import type { onnx } from 'onnx-proto';
import { sizeOf } from './weights';

const FLOAT = 1;
const INT8 = 3;
const FLOAT16 = 10;
const HALF_MAX = 65504;
/** Symmetric, so that zero stays zero: −128 is not used. */
export const LEVEL_MAX = 127;

export interface Quantised {
  /** Int8, of the weight's own shape: weight ≈ level · scale of its channel. */
  tensor: onnx.ITensorProto;
  /** One per channel; half of it is the largest error of a weight. */
  scales: Float32Array;
  axis: number;
}

/** The numbers of a float32 tensor, as a copy. */
export function readFloats({ rawData, floatData }: onnx.ITensorProto): Float32Array {
  return rawData?.length ? new Float32Array(new Uint8Array(rawData).buffer) : Float32Array.from(floatData ?? []);
}

/** Each channel's largest magnitude becomes 127. */
export function quantise(tensor: onnx.ITensorProto, axis: number): Quantised {
  const values = readFloats(tensor);
  const dims = (tensor.dims ?? []).map(Number);
  const inner = dims.slice(axis + 1).reduce((a, d) => a * d, 1);
  const channelOf = (i: number): number => Math.floor(i / inner) % dims[axis];
  const scales = new Float32Array(dims[axis]);
  for (let i = 0; i < values.length; i++) {
    const channel = channelOf(i);
    scales[channel] = Math.max(scales[channel], Math.abs(values[i]));
  }
  scales.forEach((peak, c) => (scales[c] = peak / LEVEL_MAX || 1));
  // Plain loops: Int8Array.from takes ten times as long.
  const levels = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) levels[i] = Math.round(values[i] / scales[channelOf(i)]);
  const rawData = new Uint8Array(levels.buffer);
  return { tensor: { name: `${tensor.name}/int8`, dims, dataType: INT8, rawData }, scales, axis };
}

/** The scales in a shape that multiplies each channel of the levels. */
export function scaleTensor({ tensor, scales, axis }: Quantised, name: string): onnx.ITensorProto {
  return floatTensor(
    name,
    tensor.dims!.map((d, i) => (i === axis ? Number(d) : 1)),
    scales,
  );
}

export const floatTensor = (name: string, dims: number[], values: Float32Array): onnx.ITensorProto => ({
  ...{ name, dims, dataType: FLOAT },
  rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

/** Null when a number is not finite or beyond the range of half precision. */
export function toHalf(tensor: onnx.ITensorProto, name: string): onnx.ITensorProto | null {
  const values = readFloats(tensor);
  if (!values.every((value) => Math.abs(value) <= HALF_MAX)) return null;
  const halves = new Uint16Array(sizeOf(tensor));
  values.forEach((value, i) => (halves[i] = halfBits(value)));
  return { name, dims: tensor.dims, dataType: FLOAT16, rawData: new Uint8Array(halves.buffer) };
}

/** Rounds to the nearest half, ties to even. Magnitude at most 65504. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  // A mantissa that rounds up to 1024 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + roundToEven((magnitude / 2 ** exponent - 1) * 1024));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
