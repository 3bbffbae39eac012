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
export const TREES_STATE_VERSION = 3;

export function encodeState(
  { searched, refitted, numbers: learnerNumbers }: TreesState,
  fingerprint: string,
): Uint8Array {
  const numbers: number[] = [];
  for (const round of [...searched, ...refitted]) writeRound(round, numbers);
  const counts = { searched: searched.length, refitted: refitted.length, numbers: learnerNumbers };
  return packNumbers({ version: TREES_STATE_VERSION, fingerprint, ...counts }, numbers);
}

/** Null when the bytes are no state of a training with this fingerprint. */
export function decodeState(bytes: Uint8Array, fingerprint: string): TreesState | null {
  try {
    const { header, reader } = unpackNumbers(bytes);
    if (header.version !== TREES_STATE_VERSION || header.fingerprint !== fingerprint) return null;
    const rounds = (count: unknown): Round[] => Array.from({ length: count as number }, () => readRound(reader));
    const [searched, refitted] = [rounds(header.searched), rounds(header.refitted)];
    return reader.isAtEnd ? { searched, refitted, numbers: header.numbers as number[] } : null;
  } catch {
    return null;
  }
}

/** A length-prefixed JSON header, padded to whole doubles, then the numbers as little-endian float64. */
export function packNumbers(header: Record<string, unknown>, numbers: number[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = startOf(text.length);
  const bytes = new Uint8Array(start + 8 * numbers.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  new Float64Array(bytes.buffer, start).set(numbers);
  return bytes;
}

/** Throws where the bytes are none that `packNumbers` gives. */
export function unpackNumbers(bytes: Uint8Array): { header: Record<string, unknown>; reader: NumberReader } {
  const copy = bytes.slice();
  const length = new DataView(copy.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)));
  return { header, reader: new NumberReader(new Float64Array(copy.buffer, startOf(length))) };
}

const startOf = (headerLength: number): number => 8 * Math.ceil((4 + headerLength) / 8);
