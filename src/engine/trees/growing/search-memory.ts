/** What the search for splits reads and says, in memory that threads share. */
import {
  LEVELS_MAX,
  type Candidate,
  type ColumnRule,
  type Direction,
  type NodeSums,
  type SplitRules,
  type Units,
} from './split';
import { sharedDoubles, sharedIntegers } from '../shared-numbers';
import { histogramSize } from './histogram';
import type { Packing } from './packing';

export interface SearchMemory {
  /** By column: whether it holds texts, how many bins it has, its direction. */
  columns: Int32Array;
  rules: Float64Array;
  packing: Float64Array;
  /** Columns to search; in the order in which the first of equals wins. */
  chosen: Int32Array;
  /** Sums of the two nodes that are searched. */
  nodes: Float64Array;
  /** Of nodes that are to be split yet. */
  histograms: Float64Array;
  slots: number;
  /** By thread: the best split of each of the two nodes. */
  found: Float64Array[];
}

/** Of histograms. */
const BYTES_MAX = 2 ** 30;
/** A parent's, and those of two children. */
const SLOTS_MIN = 4;
const COLUMN_NUMBERS = 3;
const NODE_NUMBERS = 6;
const RULES: (keyof SplitRules)[] = ['rowsPerLeaf', 'hessianMin', 'l1', 'l2', 'gainMin'];
const FOUND_NUMBERS = 6 + LEVELS_MAX;

export function searchMemory(columns: number, threads: number, leaves: number): SearchMemory {
  const size = histogramSize({ columns });
  const slots = Math.max(SLOTS_MIN, Math.min(leaves + 1, Math.floor(BYTES_MAX / (8 * Math.max(1, size)))));
  return {
    ...{
      columns: sharedIntegers(COLUMN_NUMBERS * columns),
      rules: sharedDoubles(RULES.length),
      packing: sharedDoubles(3),
    },
    ...{
      chosen: sharedIntegers(columns),
      nodes: sharedDoubles(2 * NODE_NUMBERS),
      histograms: sharedDoubles(slots * size),
      slots,
    },
    found: Array.from({ length: threads }, () => sharedDoubles(2 * FOUND_NUMBERS)),
  };
}

export function writeColumns({ columns }: SearchMemory, rules: readonly ColumnRule[]): void {
  rules.forEach(({ isText, bins, direction }, c) => columns.set([Number(isText), bins, direction], c * COLUMN_NUMBERS));
}

export const isText = ({ columns }: SearchMemory, column: number): boolean => columns[column * COLUMN_NUMBERS] === 1;

export const binsOf = ({ columns }: SearchMemory, column: number): number => columns[column * COLUMN_NUMBERS + 1];

export const directionOf = ({ columns }: SearchMemory, column: number): Direction =>
  columns[column * COLUMN_NUMBERS + 2] as Direction;

export const writeRules = ({ rules }: SearchMemory, values: SplitRules): void =>
  rules.set(RULES.map((name) => values[name]));

export function readRules({ rules: [rowsPerLeaf, hessianMin, l1, l2, gainMin] }: SearchMemory): SplitRules {
  return { rowsPerLeaf, hessianMin, l1, l2, gainMin };
}

export const writePacking = ({ packing }: SearchMemory, { shift, gradientUnit, hessianUnit }: Packing): void =>
  packing.set([shift, gradientUnit, hessianUnit]);

export function readPacking({ packing: [shift, gradientUnit, hessianUnit] }: SearchMemory): Units {
  return { shift, gradientUnit, hessianUnit };
}

/** @param which of the two nodes */
export const writeNode = (
  { nodes }: SearchMemory,
  which: 0 | 1,
  { gradient, hessian, total, rows, lower, upper }: NodeSums,
): void => nodes.set([gradient, hessian, total, rows, lower, upper], which * NODE_NUMBERS);

export function readNode({ nodes }: SearchMemory, which: 0 | 1): NodeSums {
  const [gradient, hessian, total, rows, lower, upper] = nodes.subarray(which * NODE_NUMBERS);
  return { gradient, hessian, total, rows, lower, upper };
}

export function writeFound(found: Float64Array, which: 0 | 1, candidate: Candidate | null): void {
  const at = which * FOUND_NUMBERS;
  if (candidate === null) {
    found[at] = 0;
    return;
  }
  const { gain, column, bin, packed, missingLeft, levels } = candidate;
  found.set([gain, column, bin, packed, Number(missingLeft), levels?.length ?? 0, ...(levels ?? [])], at);
}

/** A split gains more than 0. */
export function readFound(found: Float64Array, which: 0 | 1): Candidate | null {
  const at = which * FOUND_NUMBERS;
  const [gain, column, bin, packed, missingLeft, count] = found.subarray(at, at + 6);
  if (gain === 0) return null;
  const levels = count === 0 ? null : Array.from(found.subarray(at + 6, at + 6 + count));
  return { gain, column, bin, packed, missingLeft: missingLeft === 1, levels };
}
