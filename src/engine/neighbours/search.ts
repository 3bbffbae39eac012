/** The nearest of the rows that are kept, and what they say together. */
import type { Matrix } from '../learning/fit';

export interface KeptRows extends Pick<Matrix, 'rows' | 'width' | 'x'> {
  outputs: number;
  /** What a row says: numbers, or 0 and 1 of classes and labels; [rows, outputs]. */
  says: Float32Array;
  /** How much it counts, [rows, outputs]. */
  counts: Float32Array;
  /** What is so of all rows. */
  prior: number[];
}

export interface Say {
  weights: 'uniform' | 'distance';
  /** Neighbours that say what is so of all rows, besides those that are found: 1 for probabilities. */
  priorNeighbours: number;
}

/** Distances are no smaller, so that one row alone does not count for all. */
export const SQUARE_MIN = 1e-12;

/** Their squared distances from a row and their places, the nearest first. */
export function nearest(kept: KeptRows, row: Float32Array, count: number): { squares: number[]; places: number[] } {
  const squares: number[] = [];
  const places: number[] = [];
  const { rows, width, x } = kept;
  for (let i = 0, at = 0; i < rows; i++) {
    const most = squares.length === count ? squares[count - 1] : Infinity;
    const end = at + width;
    let sum = 0;
    for (let j = 0; at < end && sum < most; j++, at++) sum += (x[at] - row[j]) ** 2;
    at = end;
    if (sum >= most) continue;
    let place = squares.length;
    while (place > 0 && squares[place - 1] > sum) place--;
    squares.splice(place, 0, sum);
    places.splice(place, 0, i);
    if (squares.length > count) {
      squares.pop();
      places.pop();
    }
  }
  return { squares, places };
}

/** What the first `count` of the neighbours say, by output. */
export function answerOf(
  kept: KeptRows,
  { squares, places }: ReturnType<typeof nearest>,
  count: number,
  { weights, priorNeighbours }: Say,
): number[] {
  return kept.prior.map((prior, output) => {
    let [sum, total] = [0, 0];
    for (let i = 0; i < Math.min(count, places.length); i++) {
      const at = places[i] * kept.outputs + output;
      const weight = (weights === 'distance' ? 1 / Math.sqrt(Math.max(squares[i], SQUARE_MIN)) : 1) * kept.counts[at];
      sum += weight * kept.says[at];
      total += weight;
    }
    if (total === 0) return prior;
    const others = (priorNeighbours * total) / count;
    return (sum + others * prior) / (total + others);
  });
}
