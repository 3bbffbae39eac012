/** The weights manifest: which weights stand in which files, and how. */
import { isObject, modelFault } from './config';
import { shown, shownValue } from '../../formats';

/** Bytes of one value. */
export const STORED_BYTES = { float32: 4, float16: 2, uint8: 1, uint16: 2, int32: 4, uint32: 4, bool: 1 } as const;
export type StoredType = keyof typeof STORED_BYTES;

export interface StoredWeight {
  name: string;
  shape: number[];
  /** What the file holds. */
  type: StoredType;
  /** value = scale · stored + minimum; null where the values themselves are stored. */
  quantization: { scale: number; minimum: number } | null;
  size: number;
  byteCount: number;
}

/** Files that make one row of bytes, and the weights in it, one after the other. */
export interface WeightGroup {
  paths: string[];
  weights: StoredWeight[];
  byteCount: number;
}

/** Values of all weights together, 256 MiB as float32. */
const VALUES_MAX = 2 ** 26;
/**
 * Names are matched on a thread that answers requests, for 0.1 s with so many. The largest models of keras.applications have fewer
 * than 2,000.
 */
const WEIGHTS_MAX = 5_000;
const AGAIN = 'Convert the model again.';

/** Throws EngineError for what is no manifest, or is too large. */
export function readManifest(manifest: unknown): WeightGroup[] {
  if (!Array.isArray(manifest)) throw modelFault('model.json', 'has no weightsManifest', AGAIN);
  const count = manifest.reduce<number>((sum, group) => sum + weightsIn(group), 0);
  if (count > WEIGHTS_MAX) throw tooLarge(`holds ${count} weights; at most ${WEIGHTS_MAX} are taken`);
  const groups = manifest.map(readGroup);
  const values = groups.flatMap((group) => group.weights).reduce((sum, { size }) => sum + size, 0);
  if (values > VALUES_MAX) throw tooLarge(`holds ${values} values; at most ${VALUES_MAX} are taken`);
  return groups;
}

const tooLarge = (message: string) => modelFault('model.json', message, 'Use a smaller model.');

/** Before any of them is read. */
const weightsIn = (group: unknown): number =>
  isObject(group) && Array.isArray(group.weights) ? group.weights.length : 0;

function readGroup(group: unknown, i: number): WeightGroup {
  const place = `weightsManifest[${i}]`;
  if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) {
    throw modelFault(place, 'has no paths or no weights', AGAIN);
  }
  const paths = group.paths.map((path) => checkPath(place, path));
  const weights = group.weights.map((weight) => readWeight(place, weight));
  return { paths, weights, byteCount: weights.reduce((sum, { byteCount }) => sum + byteCount, 0) };
}

/** Names of files beside model.json, and of nothing else. */
function checkPath(place: string, path: unknown): string {
  const plain =
    typeof path === 'string' && path.length > 0 && path.length <= 500 && !/[\\:\0]|^\/|(^|\/)\.\.?(\/|$)/.test(path);
  if (plain) return path;
  throw modelFault(place, `${shownValue(path)} is not the name of a file beside model.json`, AGAIN);
}

function readWeight(place: string, weight: unknown): StoredWeight {
  const { name, shape, dtype, quantization } = isObject(weight) ? weight : {};
  if (typeof name !== 'string' || name.length === 0 || name.length > 500) {
    throw modelFault(place, 'a weight has no name', AGAIN);
  }
  const at = `weight ${shown(name)}`;
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every((n) => Number.isInteger(n) && n >= 0)) {
    throw modelFault(at, 'has no shape', AGAIN);
  }
  const quantized = isObject(quantization) ? quantization : null;
  const type = (quantized?.dtype ?? dtype) as StoredType;
  if (typeof type !== 'string' || !Object.hasOwn(STORED_BYTES, type)) {
    throw modelFault(at, `has the type ${shownValue(type)}`, `Store it as ${Object.keys(STORED_BYTES).join(', ')}.`);
  }
  const size = (shape as number[]).reduce((a, b) => a * b, 1);
  return { name, shape, type, quantization: scaleOf(at, quantized, type), size, byteCount: size * STORED_BYTES[type] };
}

function scaleOf(
  at: string,
  quantized: Record<string, unknown> | null,
  type: StoredType,
): StoredWeight['quantization'] {
  if (quantized === null || type === 'float16' || type === 'float32') return null;
  const { scale, min } = quantized;
  if (Number.isFinite(scale) && Number.isFinite(min)) return { scale: scale as number, minimum: min as number };
  throw modelFault(at, 'is quantized without a scale and a min', AGAIN);
}
