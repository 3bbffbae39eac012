/** What boosting stores to go on from: the trees so far, from which all else is computed again, to the last bit. */
import { SLOTS } from '../growing/histogram';
import type { Rule, Tree } from '../tree';
import type { Round } from './boost';

export interface BoostingState {
  /** Fitted to the training rows, judged by the validation rows. */
  searched: Round[];
  /** Fitted to both. */
  refitted: Round[];
  /** The learning rate of each round that was searched, and of one that has begun. */
  rates: number[];
}

/** Raised when the bytes, or what is learnt of the same rows, take another form. */
export const BOOSTING_STATE_VERSION = 1;

/** A length-prefixed JSON header, padded to whole doubles, then the trees as little-endian float64. */
export function encodeState({ searched, refitted, rates }: BoostingState, fingerprint: string): Uint8Array {
  const numbers: number[] = [];
  for (const round of [...searched, ...refitted]) for (const tree of round) writeTree(tree, numbers);
  const outputs = searched[0]?.length ?? 0;
  const counts = { outputs, searched: searched.length, refitted: refitted.length, rates };
  const text = JSON.stringify({ version: BOOSTING_STATE_VERSION, fingerprint, ...counts });
  const header = new TextEncoder().encode(text);
  const start = 8 * Math.ceil((4 + header.length) / 8);
  const bytes = new Uint8Array(start + 8 * numbers.length);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  new Float64Array(bytes.buffer, start).set(numbers);
  return bytes;
}

/** Null when the bytes are no state of a training with this fingerprint. */
export function decodeState(bytes: Uint8Array, fingerprint: string): BoostingState | null {
  try {
    const copy = bytes.slice();
    const length = new DataView(copy.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)));
    if (header.version !== BOOSTING_STATE_VERSION || header.fingerprint !== fingerprint) return null;
    const reader = new NumberReader(new Float64Array(copy.buffer, 8 * Math.ceil((4 + length) / 8)));
    const rounds = (count: number): Round[] =>
      Array.from({ length: count }, () => Array.from({ length: header.outputs }, () => readTree(reader)));
    const state = { searched: rounds(header.searched), refitted: rounds(header.refitted), rates: header.rates };
    return reader.isAtEnd ? state : null;
  } catch {
    return null;
  }
}

const LEAF = -1;
const WORD_BITS = 32;
const WORDS = SLOTS / WORD_BITS;

function writeTree({ splits, left, right, value, rows, hessian }: Tree, out: number[]): void {
  out.push(splits.length);
  splits.forEach((split, node) => {
    out.push(value[node], rows[node], hessian[node]);
    if (!split) return void out.push(LEAF);
    const { column, bin, members, missingLeft, gain } = split;
    out.push(column, bin, Number(missingLeft), gain, left[node], right[node], Number(members !== null));
    if (members) out.push(...wordsOf(members));
  });
}

function readTree(reader: NumberReader): Tree {
  const size = reader.next();
  const tree: Tree = {
    splits: [],
    left: new Int32Array(size).fill(-1),
    right: new Int32Array(size).fill(-1),
    value: new Float64Array(size),
    rows: new Int32Array(size),
    hessian: new Float64Array(size),
  };
  for (let node = 0; node < size; node++) {
    [tree.value[node], tree.rows[node], tree.hessian[node]] = [reader.next(), reader.next(), reader.next()];
    const column = reader.next();
    tree.splits.push(
      column === LEAF
        ? null
        : readRule(column, reader, (left, right) => {
            tree.left[node] = left;
            tree.right[node] = right;
          }),
    );
  }
  return tree;
}

function readRule(column: number, reader: NumberReader, sides: (left: number, right: number) => void): Rule {
  const [bin, missingLeft, gain] = [reader.next(), reader.next() === 1, reader.next()];
  sides(reader.next(), reader.next());
  const members = reader.next() === 1 ? membersOf(Array.from({ length: WORDS }, () => reader.next())) : null;
  return { column, bin, members, missingLeft, gain };
}

/** Bits of members, by 32. */
const wordsOf = (members: Uint8Array): number[] =>
  Array.from({ length: WORDS }, (_, word) => {
    let bits = 0;
    for (let i = 0; i < WORD_BITS; i++) bits += members[word * WORD_BITS + i] * 2 ** i;
    return bits;
  });

const membersOf = (words: number[]): Uint8Array =>
  Uint8Array.from({ length: SLOTS }, (_, i) => Math.floor(words[Math.floor(i / WORD_BITS)] / 2 ** (i % WORD_BITS)) % 2);

class NumberReader {
  private at = 0;

  constructor(private readonly numbers: Float64Array) {}

  get isAtEnd(): boolean {
    return this.at === this.numbers.length;
  }

  /** Throws at the end. */
  next(): number {
    if (this.isAtEnd) throw new Error('Truncated.');
    return this.numbers[this.at++];
  }
}
