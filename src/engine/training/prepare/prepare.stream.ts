/**
 * From a request whose table memory does not hold to blocks on disk. Targets are read whole, so the split, the classes and
 * their weights are those of all rows; the encoding is fitted to a sample of the training rows; then one pass over the
 * table encodes every row and deals it to a block.
 */
import type { FittedColumns } from '../../columns/fitted';
import type { EventLog } from '../event-log';
import type { SequenceLayout } from '../../families/family';
import { planParameters, readsColumns } from '../../families/registry';
import type { Matrix } from '../../learning/fit';
import type { NetworkFile } from '../../network/network-file';
import {
  logData,
  logSelection,
  logWarnings,
  rawBatch,
  readingOf,
  scaleTargets,
  targetValues,
  warnOfDigits,
  type Prepared,
} from './prepare';
import { encodeRows } from '../../preprocess/encode';
import { encodedWidth } from '../../preprocess/encoding';
import { groupColumns, IdCounter } from '../../preprocess/ids/ids';
import { fitReading, type Reading } from './reading';
import { checkColumns, chooseFeatures, type Selection } from '../../preprocess/select';
import { divider, splitColumn, type Divide, type Parts } from '../../splits';
import { withOrder } from '../../tasks/targets/order';
import { readTargets } from '../../tasks/targets/read';
import type { Targets } from '../../tasks/targets/shape';
import { bucketBounds, raggedLayout, sequenceLengths, type Ragged } from '../../gradient/buckets';
import { rowsBelow, StreamedBlocks, streamSeed, TRAIN_SHARE } from './streamed-blocks';
import {
  EngineError,
  type Column,
  type InputBatch,
  type StreamRequest,
  type Table,
  type TableSample,
  type TableSource,
} from '../../types';

/** Rows the encoding is fitted to. */
const SAMPLE_ROWS_MIN = 2000;
const SAMPLE_ROWS_MAX = 200_000;
/** Training rows a sample holds at least, if there are so many. */
const SAMPLE_TRAIN_ROWS_MIN = 500;
const SAMPLE = 0x5a3b1e;
const MEBIBYTE = 1024 * 1024;

/** Of the memory. */
const SAMPLE_SHARE = 1 / 8;

export interface Fitted extends Reading {
  selection: Selection;
  parts: Parts;
  /** Bounds of the buckets of ragged sequences, in columns; otherwise the width alone. */
  widths: number[];
  ragged: Ragged | null;
  network: NetworkFile | undefined;
}

/** `proceed` is asked between two parts of the table and throws to stop. */
export async function prepareStream(
  request: StreamRequest,
  log: EventLog,
  proceed: () => void,
  divide: Divide = divider(request),
): Promise<Prepared> {
  if (readsColumns(request.estimator.family)) throw tooLarge(request);
  const fitted = await fitOnSample(request, divide);
  try {
    return await encode(request, fitted, log, proceed);
  } finally {
    await fitted.columns.release();
  }
}

function tooLarge({ estimator: { family }, source, bytesMax }: StreamRequest): EngineError {
  return new EngineError(
    `The family ${family} holds columns in memory, and those of ${source.rowCount} rows take more than the ${mebibytes(bytesMax)} MiB that a run may have.`,
    'estimator.family',
    'Use fewer rows (FILTER) or columns (SELECT_COLUMNS), a family that learns by gradient, or raise PRAXIS_TRAINING_BYTES_MAX.',
  );
}

const mebibytes = (bytes: number): number => Math.max(1, Math.round(bytes / MEBIBYTE));

async function encode(request: StreamRequest, fitted: Fitted, log: EventLog, proceed: () => void): Promise<Prepared> {
  const { selection, parts, columns, encoding, inputs, network } = fitted;
  logSelection(selection, log);
  logWarnings(fitted.notes, log);
  const scaling = scaleTargets(request, selection.target, parts.train);
  logWarnings(fitted.warnings, log);
  const warnings = warnOfDigits([...fitted.lostDigits, ...scaling.lostDigits], log);
  const blocks = new StreamedBlocks(request, fitted, scaling);
  const names = inputs.map(({ name }) => name);
  for await (const { table, first } of numbered(request.source.scan(names))) {
    proceed();
    blocks.add(table, await columns.apply(table.columns, table.rowCount), first);
  }
  const { train, validation } = blocks.finish();
  logWarnings(blocks.unknown.messages(), log);
  const prepared = {
    selection,
    parts,
    columns,
    encoding,
    inputs,
    targetScales: scaling.targetScales,
    warnings,
    network,
    train,
    validation,
  };
  logData(prepared, log);
  log.log(
    `The encoded rows take more than the ${mebibytes(request.bytesMax)} MiB they may have in memory: they are ` +
      `read from disk, in ${train.groups.length} blocks.`,
  );
  log.flush();
  return { ...prepared, test: () => testRows(request, prepared) };
}

async function fitOnSample(request: StreamRequest, divide: Divide): Promise<Fitted> {
  const { source, split, seed } = request;
  const { network, reader, layout, task, labels } = readingOf(request);
  let sample = await source.sample(sampleRows(request), streamSeed(seed, SAMPLE));
  const choice = { ...request, table: sample, task, inOrder: reader.inOrder };
  const targetNames = checkColumns(choice).map(({ name }) => name);
  const read = splitColumn(split);
  const facts = await source.read([...targetNames, ...(read ? [read.name] : [])]);
  const targetColumns = targetNames.map((name) => facts.columns.find((column) => column.name === name)!);
  const target = withOrder(readTargets(targetColumns, task, facts.rowCount), { ...request, labels });
  const parts = divide(facts, target);
  let rows = trainRowsOf(sample, parts);
  while (rows.length < Math.min(SAMPLE_TRAIN_ROWS_MIN, parts.train.length) && sample.rowCount < source.rowCount) {
    sample = await source.sample(Math.min(source.rowCount, sample.rowCount * 4), streamSeed(seed, SAMPLE));
    rows = trainRowsOf(sample, parts);
  }
  const seen = targetsIn(sample, target);
  const selection = chooseFeatures({ ...choice, table: sample }, target, {
    ...{ seen, rowCount: facts.rowCount, origins: facts.origins },
    rowNumbers: sample.rowNumbers,
  });
  const fitted = await fitReading({ ...choice, table: sample }, selection, {
    ...{ reader, layout, rows, seen, rowCount: parts.train.length },
    countIds: (columns, features) => countAllIds(source, { columns, features, layout: layout!, train: parts.train }),
  });
  const ragged = raggedLayout(layout, target.task);
  const encoded = (): Matrix => ({
    rows: rows.length,
    width: encodedWidth(fitted.encoding),
    x: encodeRows(fitted.features, rows, fitted.encoding),
    ...targetValues(targetsIn(sample, target), rows, {
      targetScales: target.columns.map(() => ({ mean: 0, scale: 1 })),
      weights: null,
    }),
  });
  const widths = ragged ? raggedWidths(request, encoded(), ragged) : [encodedWidth(fitted.encoding)];
  return { ...fitted, selection, parts, widths, ragged, network };
}

interface IdCount {
  columns: FittedColumns;
  features: Column[];
  layout: SequenceLayout;
  train: Uint32Array;
}

/** A vocabulary is that of all rows to train on: one more pass over the columns of ids. */
async function countAllIds(source: TableSource, { columns, features, layout, train }: IdCount): Promise<IdCounter[]> {
  const groups = groupColumns(features, layout.ids!);
  const counters = layout.ids!.map((group) => new IdCounter(group));
  const part = { rows: train, done: 0 };
  const names = columns.isEmpty ? groups.flat().map(({ name }) => name) : [...columns.inputs];
  for await (const { table, first } of numbered(source.scan(names))) {
    const rows = rowsBelow(part, first + table.rowCount).map((row) => row - first);
    const values = columns.isEmpty ? table.columns : await columns.apply(table.columns, table.rowCount);
    groups.forEach((group, i) => {
      for (const { name } of group)
        counters[i].add(
          values.find((column) => column.name === name)!,
          rows,
        );
    });
  }
  return counters;
}

function sampleRows({ source: { rowCount, columns }, bytesMax }: StreamRequest): number {
  const affordable = Math.floor((bytesMax * SAMPLE_SHARE) / (8 * columns.length));
  return Math.min(rowCount, Math.max(SAMPLE_ROWS_MIN, Math.min(SAMPLE_ROWS_MAX, affordable)));
}

/** Rows of the sample that are in the train part. */
function trainRowsOf({ rowNumbers }: TableSample, { train }: Parts): Uint32Array {
  const rows: number[] = [];
  let at = 0;
  rowNumbers.forEach((number, row) => {
    while (at < train.length && train[at] < number) at++;
    if (train[at] === number) rows.push(row);
  });
  return Uint32Array.from(rows);
}

/** The targets in the rows of the sample. */
function targetsIn({ rowNumbers }: TableSample, target: Targets): Targets {
  const columns = target.columns.map((column) => {
    const values = Float64Array.from(rowNumbers, (row) => column.values[row]);
    const rows = Uint32Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]));
    return { ...column, values, rows };
  });
  return { ...target, columns, rows: Uint32Array.from(rowNumbers.keys()) };
}

/** Each bucket of each block is to have a mini-batch of rows, judged by the sample. */
function raggedWidths({ estimator, bytesMax }: StreamRequest, sample: Matrix, ragged: Ragged): number[] {
  const { rows, width } = sample;
  const { batchSize } = planParameters(estimator.family, estimator.parameters, rows);
  const rowsPerBlock = (bytesMax * TRAIN_SHARE) / (4 * width);
  const rowsMin = Math.ceil(rows * Math.min(1, Number(batchSize) / rowsPerBlock));
  const bounds = bucketBounds(sequenceLengths(sample, ragged), rowsMin);
  // Rows outside the sample may be longer.
  return [...bounds.slice(0, -1).map((bound) => bound * ragged.channels), width];
}

async function* numbered(tables: AsyncIterable<Table>): AsyncGenerator<{ table: Table; first: number }> {
  let first = 0;
  for await (const table of tables) {
    yield { table, first };
    first += table.rowCount;
  }
}

/** Reads the table once more, for the raw columns of the test rows. */
async function* testRows(
  { source }: StreamRequest,
  { parts, inputs }: Pick<Prepared, 'parts' | 'inputs'>,
): AsyncGenerator<InputBatch> {
  const test = { rows: parts.test, done: 0 };
  const names = inputs.map(({ name }) => name);
  for await (const { table, first } of numbered(source.scan(names))) {
    const rows = rowsBelow(test, first + table.rowCount).map((row) => row - first);
    if (rows.length > 0) yield { rowCount: rows.length, columns: rawBatch(table.columns, inputs, rows) };
  }
}
