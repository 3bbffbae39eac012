/** How probabilities compare with what happens, in groups of rows with probabilities near one another. */
import { argmax } from '../metrics/classification';
import { wilson } from '../metrics/intervals/rate';
import type { CalibrationCurve } from '../types';

const GROUPS = 10;
/** Fewer say little of a share. */
const GROUP_ROWS_MIN = 20;

/**
 * Of two classes the probability of the second one against its share; of more that of the likeliest class against how often it is right.
 * Groups of equally many rows, of which those with one probability stay together.
 *
 * @param probabilities row-major [rows, classes]
 */
export function calibrationCurve(actual: Int32Array, probabilities: Float32Array): CalibrationCurve {
  const rows = actual.length;
  const classes = probabilities.length / rows;
  const likeliest = argmax(probabilities, classes);
  const judged = (row: number) => (classes === 2 ? 1 : likeliest[row]);
  const expected = Float64Array.from(actual, (_, row) => probabilities[row * classes + judged(row)]);
  const order = Uint32Array.from(actual.keys()).sort((a, b) => expected[a] - expected[b] || a - b);
  const size = Math.max(GROUP_ROWS_MIN, Math.ceil(rows / GROUPS));
  const curve: CalibrationCurve = {
    predicted: [],
    observed: [],
    lower: [],
    upper: [],
    rowCounts: [],
    expectedError: 0,
  };
  for (let from = 0; from < rows;) {
    let to = Math.min(rows, from + size);
    if (rows - to < size / 2) to = rows;
    while (to < rows && expected[order[to]] === expected[order[to - 1]]) to++;
    const group = order.subarray(from, to);
    const mean = group.reduce((sum, row) => sum + expected[row], 0) / group.length;
    const share = group.reduce((sum, row) => sum + Number(actual[row] === judged(row)), 0) / group.length;
    const { lower, upper } = wilson(share, group.length);
    curve.predicted.push(mean);
    curve.observed.push(share);
    curve.lower.push(lower);
    curve.upper.push(upper);
    curve.rowCounts.push(group.length);
    curve.expectedError += (Math.abs(mean - share) * group.length) / rows;
    from = to;
  }
  return curve;
}
