/** Streams a model.json with its weight files into the file of a network (network/network-file.ts). */
import { shownList } from '../../formats';
import { encodeNetworkHeader } from '../network/network-file';
import { modelFault } from './config';
import { STORED_BYTES, type StoredWeight, type WeightGroup } from './manifest';
import type { KerasModel } from './read';
import { decodeValues } from './weights/values';

/** The bytes of a file beside model.json; throws when there is none. */
export type OpenFile = (path: string) => AsyncIterable<Uint8Array>;

/** Holds one chunk at a time. Throws EngineError for weights that are missing, short, too long or not finite. */
export async function* networkFile(model: KerasModel, open: OpenFile): AsyncGenerator<Uint8Array> {
  const { inputShape, layers, groups, parameterOf } = model;
  const parameters = groups.flatMap(({ weights }) =>
    weights.flatMap((weight) =>
      parameterOf.has(weight) ? [{ name: parameterOf.get(weight)!, size: weight.size }] : [],
    ),
  );
  yield encodeNetworkHeader({ inputShape, layers, parameters });
  for (const group of groups) yield* valuesOf(group, parameterOf, open);
}

async function* valuesOf(group: WeightGroup, parameterOf: Map<StoredWeight, string>, open: OpenFile) {
  const reader = new GroupReader(group.weights, parameterOf);
  for (const path of group.paths) {
    for await (const chunk of open(path)) {
      for (const values of reader.take(chunk)) yield new Uint8Array(values.buffer);
      if (reader.excess > 0) throw wrongLength(group, 'more');
    }
  }
  if (reader.open) throw wrongLength(group, 'fewer');
}

const wrongLength = ({ paths, byteCount }: WeightGroup, which: string) =>
  modelFault(
    shownList(paths) || 'weightsManifest',
    `there are ${which} bytes than the ${byteCount} that the manifest says`,
    'Send the folder again, with all files that the converter wrote.',
  );

/** Cuts the bytes of a group into its weights. */
class GroupReader {
  excess = 0;
  private i = -1;
  private left = 0;
  private carry = new Uint8Array();

  constructor(
    private readonly weights: StoredWeight[],
    private readonly parameterOf: Map<StoredWeight, string>,
  ) {
    this.next();
  }

  /** Whether bytes are still to come. */
  get open(): boolean {
    return this.i < this.weights.length;
  }

  *take(chunk: Uint8Array): Generator<Float32Array> {
    let rest = chunk;
    while (rest.length > 0 && this.open) {
      const part = rest.subarray(0, this.left);
      rest = rest.subarray(part.length);
      this.left -= part.length;
      if (this.parameterOf.has(this.weights[this.i])) yield* this.decoded(part);
      this.next();
    }
    this.excess += rest.length;
  }

  /** A value may begin in one chunk and end in the next. */
  private *decoded(part: Uint8Array): Generator<Float32Array> {
    const weight = this.weights[this.i];
    const bytes = new Uint8Array(this.carry.length + part.length);
    bytes.set(this.carry);
    bytes.set(part, this.carry.length);
    const whole = bytes.length - (bytes.length % STORED_BYTES[weight.type]);
    this.carry = bytes.slice(whole);
    if (whole > 0) yield decodeValues(bytes.subarray(0, whole), weight);
  }

  /** Goes on to the next weight that has bytes, once this one has all of its own. */
  private next(): void {
    while (this.left === 0 && this.open) this.left = this.weights[++this.i]?.byteCount ?? 0;
  }
}
