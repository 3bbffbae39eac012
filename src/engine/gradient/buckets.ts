/** Ragged sequences grouped by length, so that short ones are not computed at the length of the longest. */
import type { SequenceLayout } from '../families/family';
import type { Blocks, Matrix } from '../learning/fit';
import { wholeInMemory } from '../learning/blocks';
import { labelsSteps } from '../tasks/registry';
import type { Task } from '../types';

/** Each takes a graph of its own. */
const BUCKETS_MAX = 6;
/** One more must spare at least this share of the steps. */
const GAIN_MIN = 0.1;
/** Lengths considered as bounds, at most. */
const BOUNDS_MAX = 256;

/** `labeled`: each step has a target of its own. */
export type Ragged = SequenceLayout & { labeled: boolean };

/** Null: sequences of one length, or none. */
export const raggedLayout = (layout: SequenceLayout | null, task: Task): Ragged | null =>
  layout?.ragged ? { ...layout, labeled: labelsSteps(task) } : null;

/**
 * Rows in blocks of similar length, each cut to its longest row; a bucket has at least `rowsMin` rows. Rows of one length
 * that need no cut stay what they are.
 */
export function inBuckets(rows: Matrix, layout: Ragged, rowsMin: number): Blocks {
  const lengths = sequenceLengths(rows, layout);
  const bounds = bucketBounds(lengths, rowsMin);
  if (bounds.length === 1 && bounds[0] * layout.channels === rows.width) return wholeInMemory([rows]);
  const members: number[][] = bounds.map(() => []);
  lengths.forEach((length, row) => members[bucketOf(bounds, length)].push(row));
  return {
    ...wholeInMemory(members.map((bucket, i) => cut(rows, bucket, { steps: bounds[i], layout }))),
    width: rows.width,
  };
}

/** The first bucket whose bound is not below the length; the last one takes what is longer. */
export function bucketOf(bounds: number[], length: number): number {
  const found = bounds.findIndex((bound) => length <= bound);
  return found < 0 ? bounds.length - 1 : found;
}

/** Steps of each row up to the last one that counts or has a label, at least 1. */
export function sequenceLengths(matrix: Matrix, { channels, labeled }: Ragged): Int32Array {
  const { x, rows, width, weight } = matrix;
  const counts = (at: number) => {
    for (let c = at; c < at + channels; c++) if (Number.isNaN(x[c])) return false;
    return true;
  };
  const most = width / channels;
  const hasLabel = (at: number) => labeled && (weight === null || weight[at] !== 0);
  return Int32Array.from({ length: rows }, (_, row) => {
    let steps = most;
    const last = () => counts(row * width + (steps - 1) * channels) || hasLabel(row * most + steps - 1);
    while (steps > 1 && !last()) steps--;
    return steps;
  });
}

/**
 * Longest length of each bucket, ascending: those that leave the fewest steps to compute, by dynamic programming over the
 * lengths that occur.
 */
export function bucketBounds(lengths: Int32Array, rowsMin: number): number[] {
  const candidates = candidatesOf(lengths);
  const below = candidates.map(({ below }) => below);
  // best[j]: fewest steps of the rows up to candidate j in so many buckets; from[k][j]: where the last of k + 1 begins.
  let best = candidates.map(({ length, below }) =>
    below >= Math.min(rowsMin, lengths.length) ? below * length : Infinity,
  );
  const from: number[][] = [best.map(() => 0)];
  for (let buckets = 2; buckets <= BUCKETS_MAX; buckets++) {
    const starts = best.map(() => 0);
    const next = candidates.map(({ length }, j) => {
      let least = Infinity;
      for (let i = 0; i < j; i++) {
        const rows = below[j] - below[i];
        if (rows < rowsMin || best[i] + rows * length >= least) continue;
        least = best[i] + rows * length;
        starts[j] = i;
      }
      return least;
    });
    if (!(next.at(-1)! < best.at(-1)! * (1 - GAIN_MIN))) break;
    best = next;
    from.push(starts);
  }
  return trace(
    candidates.map(({ length }) => length),
    from,
  );
}

/** Lengths that may bound a bucket, ascending, the longest among them, and how many rows are no longer. */
function candidatesOf(lengths: Int32Array): { length: number; below: number }[] {
  const sorted = Int32Array.from(lengths).sort();
  const stride = Math.ceil(new Set(sorted).size / BOUNDS_MAX);
  const ends = [...sorted.keys()].filter((i) => sorted[i] !== sorted[i + 1]);
  return ends.filter((_, i) => (ends.length - 1 - i) % stride === 0).map((i) => ({ length: sorted[i], below: i + 1 }));
}

function trace(lengths: number[], from: number[][]): number[] {
  const bounds: number[] = [];
  let at = lengths.length - 1;
  for (const starts of [...from].reverse()) {
    bounds.unshift(lengths[at]);
    at = starts[at];
  }
  return bounds;
}

/** The given rows with their first steps. */
function cut(
  { x, y, weight, width: full, rows: count }: Matrix,
  rows: number[],
  { steps, layout: { channels, labeled } }: { steps: number; layout: Ragged },
): Matrix {
  const pick = (from: Float32Array, stride: number, columns: number) => {
    const kept = new Float32Array(rows.length * columns);
    rows.forEach((row, i) => kept.set(from.subarray(row * stride, row * stride + columns), i * columns));
    return kept;
  };
  const targets = y.length / count;
  const kept = labeled ? steps : targets;
  return {
    rows: rows.length,
    width: steps * channels,
    x: pick(x, full, steps * channels),
    y: pick(y, targets, kept),
    weight: weight && pick(weight, targets, kept),
  };
}
