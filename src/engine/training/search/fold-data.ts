/** The rows of a fold, out of those that all folds are dealt from. */
import type { ColumnRows, LearnedRows, Matrix } from '../../learning/fit';
import type { Prepared } from '../prepare/prepare';

/** Places in the rows of the train part, ascending. */
export interface Fold {
  train: Uint32Array;
  validation: Uint32Array;
}

/** As if the table had been divided so. Columns and features are read as for all rows: nothing of a reading follows from targets. */
export const foldData = (data: Prepared, { train, validation }: Fold): Prepared => ({
  ...data,
  train: rowsAt(data.train, train),
  validation: rowsAt(data.train, validation),
  parts: { ...data.parts, train: tableRows(data, train), validation: tableRows(data, validation) },
});

/** Those of the fold that judge, alone. */
export const judgingData = (data: Prepared, { validation }: Fold): Prepared => ({
  ...data,
  validation: rowsAt(data.train, validation),
  parts: { ...data.parts, validation: tableRows(data, validation) },
});

const tableRows = ({ parts }: Prepared, places: Uint32Array): Uint32Array => places.map((place) => parts.train[place]);

/** Rows in blocks on disk are in no folds. */
function rowsAt(rows: LearnedRows, places: Uint32Array): LearnedRows {
  if ('columns' in rows) return columnRowsAt(rows, places);
  if ('groups' in rows) throw new Error('Rows in blocks are not divided into folds.');
  return { ...rows, rows: places.length, x: picked(rows.x, rows.width, places), ...targetsAt(rows, places) };
}

function columnRowsAt(rows: ColumnRows, places: Uint32Array): ColumnRows {
  const { at, groups } = rows;
  return {
    ...rows,
    ...{ rows: places.length, at: places.map((place) => at[place]), binAt: at },
    ...targetsAt(rows, places),
    ...(groups && { groups: places.map((place) => groups[place]) }),
  };
}

function targetsAt({ rows, y, weight }: Pick<Matrix, 'rows' | 'y' | 'weight'>, places: Uint32Array) {
  const targets = y.length / rows;
  return { y: picked(y, targets, places), weight: weight && picked(weight, targets, places) };
}

function picked(values: Float32Array, width: number, places: Uint32Array): Float32Array {
  const out = new Float32Array(places.length * width);
  places.forEach((place, i) => out.set(values.subarray(place * width, (place + 1) * width), i * width));
  return out;
}
