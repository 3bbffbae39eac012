/** What learners of trees store to go on from: the trees so far, from which all else is computed again, to the last bit. */
import { NumberReader, readRound, writeRound } from './tree.numbers';
import type { Round } from './tree';

export interface TreesState {
  /** Fitted to the training rows, judged by the validation rows. */
  searched: Round[];
  /** Fitted to both. */
  refitted: Round[];
  /** Numbers of the learner's own. */
  numbers: number[];
}

/** Raised when the bytes, or what is learnt of the same rows, take another form. */
export const TREES_STATE_VERSION = 2;

/** A length-prefixed JSON header, padded to whole doubles, then the trees as little-endian float64. */
export function encodeState(
  { searched, refitted, numbers: learnerNumbers }: TreesState,
  fingerprint: string,
): Uint8Array {
  const numbers: number[] = [];
  for (const round of [...searched, ...refitted]) writeRound(round, numbers);
  const counts = { searched: searched.length, refitted: refitted.length, numbers: learnerNumbers };
  const text = JSON.stringify({ version: TREES_STATE_VERSION, fingerprint, ...counts });
  const header = new TextEncoder().encode(text);
  const start = 8 * Math.ceil((4 + header.length) / 8);
  const bytes = new Uint8Array(start + 8 * numbers.length);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  new Float64Array(bytes.buffer, start).set(numbers);
  return bytes;
}

/** Null when the bytes are no state of a training with this fingerprint. */
export function decodeState(bytes: Uint8Array, fingerprint: string): TreesState | null {
  try {
    const copy = bytes.slice();
    const length = new DataView(copy.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)));
    if (header.version !== TREES_STATE_VERSION || header.fingerprint !== fingerprint) return null;
    const reader = new NumberReader(new Float64Array(copy.buffer, 8 * Math.ceil((4 + length) / 8)));
    const rounds = (count: number): Round[] => Array.from({ length: count }, () => readRound(reader));
    const state = { searched: rounds(header.searched), refitted: rounds(header.refitted), numbers: header.numbers };
    return reader.isAtEnd ? state : null;
  } catch {
    return null;
  }
}
