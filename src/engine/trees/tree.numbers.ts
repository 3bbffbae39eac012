/** Trees as numbers, and back to the last bit. */
import { SLOTS } from './growing/histogram';
import type { Round, Rule, Tree } from './tree';

/** Trees of one shape, which differ in what nodes say, have it once. */
export function writeRound(round: Round, out: number[]): void {
  out.push(round.length);
  round.forEach((tree, output) => {
    const isShared = output > 0 && tree.splits === round[0].splits;
    out.push(Number(isShared));
    if (isShared) for (const value of tree.value) out.push(value);
    else writeTree(tree, out);
  });
}

/** Throws where there are too few numbers. */
export function readRound(reader: NumberReader): Round {
  const round: Round = [];
  const outputs = reader.next();
  for (let output = 0; output < outputs; output++) {
    const isShared = reader.next() === 1;
    round.push(isShared ? { ...round[0], value: round[0].value.map(() => reader.next()) } : readTree(reader));
  }
  return round;
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

export class NumberReader {
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
