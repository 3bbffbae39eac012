/** Where the rows to learn from go: into memory, into blocks on disk, or nowhere, where the learner reads the columns. */
import type { LearnedRows, PlainColumn } from '../../learning/fit';
import { encodeRows } from '../../preprocess/encode';
import { encodedWidth } from '../../preprocess/encoding';
import type { SourceRequest } from '../../rows/memory';
import type { ScannedRows } from '../../rows/scan';
import type { Column } from '../../types';
import { BlockSink } from './blocks.sink';
import type { Fitted } from './fit-rows';
import { targetValues, type TargetScaling } from './targets';

export const LEARNT = ['train', 'validation'] as const;
export type LearntPart = (typeof LEARNT)[number];
type Learnt = Record<LearntPart, LearnedRows>;

export interface Sink {
  /** The next rows of a part, out of the features of a part of the table. */
  add(part: LearntPart, features: Column[], rows: ScannedRows): void;
  /** `note` is for people. */
  finish(): Learnt & { note?: string };
}

export function sinkFor(request: SourceRequest, fitted: Fitted, scaling: TargetScaling): Sink {
  const { source, scratch, bytesMax } = request;
  const isInMemory = scratch === undefined || bytesMax === undefined;
  if (fitted.reader.columns) return columnSink(fitted, scaling, isInMemory ? null : source.rowCount);
  if (isInMemory) return matrixSink(fitted, scaling);
  return new BlockSink({ ...request, scratch, bytesMax }, fitted, scaling);
}

/** Each row is encoded to its place. */
function matrixSink({ encoding, parts, selection }: Fitted, scaling: TargetScaling): Sink {
  const width = encodedWidth(encoding);
  const matrices = mapLearnt((part) => ({ done: 0, x: new Float32Array(parts[part].length * width) }));
  return {
    add: (part, features, { at }) => {
      const matrix = matrices[part];
      const from = matrix.done * width;
      encodeRows(features, at, encoding, matrix.x.subarray(from, from + at.length * width));
      matrix.done += at.length;
    },
    finish: () =>
      mapLearnt((part) => {
        const rows = parts[part];
        return { rows: rows.length, width, x: matrices[part].x, ...targetValues(selection.target, rows, scaling) };
      }),
  };
}

/** Columns of a table in memory, which is one part, are its own. @param rowCount of a table in parts, whose columns are put together */
function columnSink(
  { reader, encoding, parts, selection }: Fitted,
  scaling: TargetScaling,
  rowCount: number | null,
): Sink {
  const width = encodedWidth(encoding);
  let columns: PlainColumn[] | null = null;
  return {
    add: (_, features, { rows, at }) => {
      if (rowCount === null && columns !== null) return;
      const read = reader.columns!(features, encoding);
      columns ??= rowCount === null ? read : read.map((column) => emptyColumn(column, rowCount));
      if (rowCount !== null) read.forEach((column, c) => copyRows(column, columns![c], { rows, at }));
    },
    finish: () =>
      mapLearnt((part) => {
        const at = parts[part];
        const { groups } = selection.target;
        const values = targetValues(selection.target, at, scaling);
        return {
          ...{ rows: at.length, width, columns: columns!, at, ...values },
          ...(groups && { groups: at.map((row) => groups[row]) }),
        };
      }),
  };
}

const mapLearnt = <T>(map: (part: LearntPart) => T): Record<LearntPart, T> => ({
  train: map('train'),
  validation: map('validation'),
});

const emptyColumn = (column: PlainColumn, rowCount: number): PlainColumn =>
  column.kind === 'number'
    ? { ...column, values: new Float64Array(rowCount) }
    : { ...column, places: new Uint16Array(rowCount) };

/** The rows `at` of a part of a column become rows of the whole. */
function copyRows(part: PlainColumn, whole: PlainColumn, { rows, at }: ScannedRows): void {
  const [from, to] = [part, whole].map((column) => (column.kind === 'number' ? column.values : column.places));
  rows.forEach((row, i) => (to[row] = from[at[i]]));
}
