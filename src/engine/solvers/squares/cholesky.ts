/** Systems of linear equations with a symmetric positive definite matrix, by Cholesky's factor. */

/**
 * The lower factor of matrix + ridge · I, row-major [size, size]. What is too near to singular gets the least ridge that keeps
 * it apart: of several solutions that is close to the one of the least norm.
 */
export function choleskyFactor(matrix: Float64Array, size: number, ridge: number, look: () => void): Float64Array {
  const factor = new Float64Array(size * size);
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i]);
  const added = Math.max(ridge, RIDGE_SHARE * largest, Number.MIN_VALUE);
  for (let i = 0; i < size; i++) {
    look();
    const row = factor.subarray(i * size, i * size + size);
    for (let j = 0; j <= i; j++) {
      const other = factor.subarray(j * size, j * size + size);
      let sum = matrix[i * size + j];
      for (let k = 0; k < j; k++) sum -= row[k] * other[k];
      if (i === j) row[i] = Math.sqrt(Math.max(sum + added, RIDGE_SHARE * added));
      else row[j] = sum / other[j];
    }
  }
  return factor;
}

/** Of the largest entry of the diagonal. */
const RIDGE_SHARE = 1e-10;

export function solveFactored(factor: Float64Array, right: Float64Array): Float64Array {
  const { length: size } = right;
  const x = Float64Array.from(right);
  for (let i = 0; i < size; i++) {
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= factor[i * size + k] * x[k];
    x[i] = sum / factor[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    x[i] /= factor[i * size + i];
    for (let k = 0; k < i; k++) x[k] -= factor[i * size + k] * x[i];
  }
  return x;
}
