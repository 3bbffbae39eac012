/** Encoded rows in memory: some of them, those of two parts, and by target. */
import type { Matrix } from '../learning/fit';
import { joinFloats } from '../types';
import type { Part } from './steps/likelihood';

export function rowsWhere({ rows, width, x, y, weight }: Matrix, isTaken: (row: number) => boolean): Matrix {
  const at = Array.from({ length: rows }, (_, row) => row).filter(isTaken);
  const count = targetsOf({ rows, y });
  const taken = (values: Float32Array, size: number): Float32Array => {
    const out = new Float32Array(at.length * size);
    at.forEach((row, i) => out.set(values.subarray(row * size, (row + 1) * size), i * size));
    return out;
  };
  return { rows: at.length, width, x: taken(x, width), y: taken(y, count), weight: weight && taken(weight, count) };
}

/** Those of the second behind those of the first. */
export function joinMatrices(one: Matrix, other: Matrix): Matrix {
  const weightOf = ({ weight, y }: Matrix): Float32Array => weight ?? new Float32Array(y.length).fill(1);
  const weighted = one.weight !== null || other.weight !== null;
  return {
    ...{ rows: one.rows + other.rows, width: one.width },
    ...{ x: joinFloats([one.x, other.x]), y: joinFloats([one.y, other.y]) },
    weight: weighted ? joinFloats([weightOf(one), weightOf(other)]) : null,
  };
}

/** Each target with its weights. */
export function byTarget({ rows, width, x, y, weight }: Matrix): Part[] {
  const count = targetsOf({ rows, y });
  const column = (values: Float32Array, at: number): Float32Array =>
    count === 1 ? values : Float32Array.from({ length: rows }, (_, row) => values[row * count + at]);
  return Array.from({ length: count }, (_, at) => ({
    ...{ rows, width, x },
    targets: { rows, count: 1, y: column(y, at), weight: weight && column(weight, at) },
  }));
}

const targetsOf = ({ rows, y }: Pick<Matrix, 'rows' | 'y'>): number => (rows === 0 ? 1 : y.length / rows);
