/** From a request to encoded matrices: select, split, fit the encoding on training rows, encode. */
import type { EventLog } from './event-log';
import { sequenceLayout } from './families/registry';
import type { Matrix } from './fit';
import { encodeRows } from './preprocess/encode';
import { encodedWidth, type Encoding } from './preprocess/encoding';
import { fitPreprocess } from './preprocess/fit';
import { fitSequence } from './preprocess/sequence';
import { selectColumns, type Selection } from './preprocess/select';
import { splitRows, type Parts } from './preprocess/split';
import type { TargetScale } from './serving-graph';
import type { Column, InputField, TrainRequest } from './types';

const LEFT_OUT_LINES_MAX = 20;

export interface Prepared {
  selection: Selection;
  parts: Parts;
  encoding: Encoding;
  inputs: InputField[];
  /** Networks learn (y − mean) / scale; 0 and 1 for classification. */
  targetScale: TargetScale;
  train: Matrix;
  validation: Matrix;
}

/** Throws EngineError for a request that cannot be trained. */
export function prepare(request: TrainRequest, log: EventLog): Prepared {
  const layout = sequenceLayout(request.estimator.family, request.estimator.parameters);
  const selection = selectColumns({ ...request, inOrder: layout !== null });
  const { target, features } = selection;
  const parts = splitRows(request.table, target, request.split, request.seed);
  const { encoding, inputs } = layout
    ? fitSequence(features, parts.train, layout, request.preprocess)
    : fitPreprocess(features, parts.train, request.preprocess);
  logSelection(selection, log);
  const targetScale = target.labels === null ? moments(target.values, parts.train) : { mean: 0, scale: 1 };
  const weights = request.estimator.parameters.classWeight === 'balanced' ? balance(selection, parts.train) : null;
  const matrix = (rows: Uint32Array): Matrix => ({
    rows: rows.length,
    width: encodedWidth(encoding),
    x: encodeRows(features, rows, encoding),
    y: Float32Array.from(rows, (row) => (target.values[row] - targetScale.mean) / targetScale.scale),
    weight: weights && Float32Array.from(rows, (row) => weights[target.values[row]]),
  });
  const prepared = {
    selection,
    parts,
    encoding,
    inputs,
    targetScale,
    train: matrix(parts.train),
    validation: matrix(parts.validation),
  };
  logData(prepared, log);
  return prepared;
}

function logSelection({ leftOut, notes }: Selection, log: EventLog): void {
  for (const { level, message } of notes) log.log(message, level);
  for (const { column, reason } of leftOut.slice(0, LEFT_OUT_LINES_MAX)) log.log(`Left out "${column}": ${reason}`);
  const more = leftOut.length - LEFT_OUT_LINES_MAX;
  if (more > 0) log.log(`Left out ${more} more columns; the model card lists them all.`);
}

function logData({ parts, inputs, train }: Prepared, log: EventLog): void {
  log.log(
    `${parts.train.length} rows to train on, ${parts.validation.length} to choose and stop by, ${parts.test.length} to ` +
      `test on; ${inputs.length} columns give ${train.width} features.`,
  );
}

function moments(values: Float64Array, rows: Uint32Array): TargetScale {
  const mean = rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
  const variance = rows.reduce((sum, row) => sum + (values[row] - mean) ** 2, 0) / rows.length;
  return { mean, scale: Math.sqrt(variance) || 1 };
}

/** Weight of each class that gives all classes the same total in training; mean weight 1. Null for regression. */
function balance({ target }: Selection, rows: Uint32Array): number[] | null {
  if (target.labels === null) return null;
  const counts = new Array<number>(target.labels.length).fill(0);
  for (const row of rows) counts[target.values[row]]++;
  const occurring = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : rows.length / (occurring * count)));
}

/** The raw values of the given rows as a serving graph takes them, in the order of `inputs`. */
export function rawBatch(columns: Column[], inputs: InputField[], rows: Uint32Array): (Float32Array | string[])[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return inputs.map(({ name }) => {
    const column = byName.get(name)!;
    if (column.kind === 'number') return Float32Array.from(rows, (row) => column.values[row]);
    return Array.from(rows, (row) => column.levels[column.codes[row]] ?? '');
  });
}
