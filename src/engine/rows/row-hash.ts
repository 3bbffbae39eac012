/** Hashes of 128 bits, by which rows are told apart (MurmurHash3_x86_128, Austin Appleby, public domain). */
import type { Column } from '../types';

const LANES = 4;
const MULTIPLIERS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
const ROTATIONS = [15, 16, 17, 18];
const STATE_ROTATIONS = [19, 17, 15, 13];
const SUMMANDS = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17];

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** Takes a block of four words into the four of the state at `at`. */
function mix(state: Int32Array, at: number, block: Int32Array, from: number): void {
  for (let lane = 0; lane < LANES; lane++) {
    const word = rotate(Math.imul(block[from + lane], MULTIPLIERS[lane]), ROTATIONS[lane]);
    let value = state[at + lane] ^ Math.imul(word, MULTIPLIERS[(lane + 1) % LANES]);
    value = (rotate(value, STATE_ROTATIONS[lane]) + state[at + ((lane + 1) % LANES)]) | 0;
    state[at + lane] = (Math.imul(value, 5) + SUMMANDS[lane]) | 0;
  }
}

function finish(state: Int32Array, at: number): void {
  for (let round = 0; round < 2; round++) {
    let sum = 0;
    for (let lane = 0; lane < LANES; lane++) sum = (sum + state[at + lane]) | 0;
    for (let lane = 0; lane < LANES; lane++) {
      let value = (state[at + lane] + sum) | 0;
      value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
      value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
      state[at + lane] = value ^ (value >>> 16);
    }
  }
}

/** Of each row of the columns, four words. Zeros of either sign are one value, as are all that is missing. */
export function hashRows(columns: readonly Column[], rowCount: number): Int32Array {
  const state = new Int32Array(LANES * rowCount);
  for (const column of columns) {
    if (column.kind === 'number') hashNumbers(column.values, state);
    else hashTexts(column, state);
  }
  for (let row = 0; row < rowCount; row++) finish(state, row * LANES);
  return state;
}

function hashNumbers(values: Float64Array, state: Int32Array): void {
  const number = new Float64Array(2);
  const block = new Int32Array(number.buffer);
  for (let row = 0; row < values.length; row++) {
    // NaN of one form; adding 0 makes 0 of -0.
    number[0] = Number.isNaN(values[row]) ? NaN : values[row] + 0;
    mix(state, row * LANES, block, 0);
  }
}

function hashTexts({ codes, levels }: Column & { kind: 'category' }, state: Int32Array): void {
  const blocks = new Int32Array(LANES * (levels.length + 1));
  levels.forEach((level, i) => hashText(level, blocks, LANES * (i + 1)));
  for (let row = 0; row < codes.length; row++) mix(state, row * LANES, blocks, LANES * (codes[row] + 1));
}

function hashText(text: string, blocks: Int32Array, at: number): void {
  const block = new Int32Array(LANES);
  for (let from = 0; from < text.length; from += 2 * LANES) {
    for (let lane = 0; lane < LANES; lane++) {
      const place = from + 2 * lane;
      block[lane] = (text.charCodeAt(place) || 0) | ((text.charCodeAt(place + 1) || 0) << 16);
    }
    mix(blocks, at, block, 0);
  }
  // The empty text is not the missing one.
  block.fill(text.length + 1);
  mix(blocks, at, block, 0);
  finish(blocks, at);
}
