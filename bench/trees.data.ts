/**
 * Made rows for boosted trees, from a hash of the row and the column: columns uniform in [0, 1), every fifth of 16 levels. The
 * target follows from the first six (a product, a square, a slope and two steps) and from noise, the sum of four uniform
 * numbers less 2; it is 1 in about half of the rows. The other columns tell nothing.
 */
export interface MadeRows {
  columns: Float64Array[];
  /** 0 or 1. */
  y: Float32Array;
}

const SEED = 7;
const GOLDEN = 0x9e3779b9;
const LEVELS = 16;
const NOISE_FROM = 60;
const HALF = 3.25;

/** Numbers of row and column in 24 bits, so that a float32 holds them. */
function uniform(row: number, column: number): number {
  let hash = ((row * 64 + column + SEED * GOLDEN) % 2 ** 32) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 8) / 2 ** 24;
}

const cell = (row: number, column: number): number =>
  column % 5 === 4 ? Math.floor(uniform(row, column) * LEVELS) / LEVELS : uniform(row, column);

/** Before it is cut into two classes. */
export function signalOf([a, b, c, d, e, f]: number[], row: number): number {
  const noise = [0, 1, 2, 3].reduce((sum, i) => sum + uniform(row, NOISE_FROM + i), 0) - 2;
  const steps = [e > 0.6 ? 2 : 0, f > 0.3 && a < 0.5 ? 1 : 0];
  return 12 * (a - 0.5) * (b - 0.5) + 8 * (c - 0.5) * (c - 0.5) + 3 * d + steps[0] + steps[1] + noise;
}

export function makeRows(from: number, count: number, width: number): MadeRows {
  const columns = Array.from({ length: width }, (_, column) => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = cell(from + i, column);
    return values;
  });
  const y = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const first = columns.slice(0, 6).map((values) => values[i]);
    y[i] = signalOf(first, from + i) > HALF ? 1 : 0;
  }
  return { columns, y };
}
