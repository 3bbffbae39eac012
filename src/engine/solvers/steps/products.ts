/** Products of a matrix of float32 rows with vectors, in double; several sums at a time, as one would wait for itself. */

export interface FeatureRows {
  rows: number;
  width: number;
  x: Float32Array;
}

/** out[row · stride + place] = bias + Σ x[row, j] · weights[j] */
export function scoreRows(
  { rows, width, x }: FeatureRows,
  { weights, bias }: { weights: Float64Array; bias: number },
  { out, stride, place }: { out: Float64Array; stride: number; place: number },
): void {
  const whole = width - (width % 4);
  for (let row = 0, at = 0; row < rows; row++) {
    let [a, b, c, d] = [bias, 0, 0, 0];
    let j = 0;
    for (; j < whole; j += 4, at += 4) {
      a += x[at] * weights[j];
      b += x[at + 1] * weights[j + 1];
      c += x[at + 2] * weights[j + 2];
      d += x[at + 3] * weights[j + 3];
    }
    for (; j < width; j++, at++) a += x[at] * weights[j];
    out[row * stride + place] = a + b + (c + d);
  }
}

/** sums[j] += Σ slopes[row] · x[row, j] */
export function addRows({ rows, width, x }: FeatureRows, slopes: Float64Array, sums: Float64Array): void {
  const whole = rows - (rows % 4);
  let row = 0;
  for (; row < whole; row += 4) {
    const [a, b, c, d] = [slopes[row], slopes[row + 1], slopes[row + 2], slopes[row + 3]];
    const first = row * width;
    const [second, third, fourth] = [first + width, first + 2 * width, first + 3 * width];
    for (let j = 0; j < width; j++)
      sums[j] += a * x[first + j] + b * x[second + j] + (c * x[third + j] + d * x[fourth + j]);
  }
  for (; row < rows; row++) for (let j = 0, at = row * width; j < width; j++, at++) sums[j] += slopes[row] * x[at];
}
