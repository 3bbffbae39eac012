/** Values of stored weights as float32. */
import { modelFault } from '../config';
import { STORED_BYTES, type StoredType, type StoredWeight } from '../manifest';
import { shown } from '../../../formats';

/** Little-endian values of a weight, or of a part of one, as float32. */
export function decodeValues(bytes: Uint8Array, { name, type, quantization }: StoredWeight): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  const [read, width] = [READ[type], STORED_BYTES[type]];
  const { scale, minimum } = quantization ?? { scale: 1, minimum: 0 };
  const values = new Float32Array(byteLength / width);
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * width) * scale + minimum;
  if (values.every(Number.isFinite)) return values;
  throw modelFault(
    `weight ${shown(name)}`,
    'holds a value that is not finite',
    'Train the model again: it has diverged.',
  );
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
