/**
 * From a request whose table memory does not hold to blocks on disk. Targets are read whole, so the split, the classes and
 * their weights are those of all rows; the encoding is fitted to a sample of the training rows; then one pass over the
 * table encodes every row and deals it to a block.
 */
import type { FittedColumns } from './columns/fitted';
import type { EventLog } from './event-log';
import type { SequenceLayout } from './families/family';
import { planParameters } from './families/registry';
import type { Blocks, Matrix } from './fit';
import type { NetworkFile } from './network/network-file';
import {
  logData,
  logSelection,
  logWarnings,
  rawBatch,
  readingOf,
  scaleTargets,
  targetValues,
  UnknownIds,
  warnOfDigits,
  type Prepared,
} from './prepare';
import { encodeRows } from './preprocess/encode';
import { encodedWidth } from './preprocess/encoding';
import { groupColumns, IdCounter } from './preprocess/ids';
import { fitReading, type Reading } from './reading';
import { widenRanges } from './preprocess/range';
import { LevelCounter } from './preprocess/rare-levels';
import { checkColumns, chooseFeatures, type Selection } from './preprocess/select';
import { divider, splitColumn, type Divide, type Parts } from './splits';
import { withOrder } from './tasks/targets/order';
import { readTargets } from './tasks/targets/read';
import type { Targets } from './tasks/targets/shape';
import { Random } from './random';
import { BlockWriter, type BlockLayout } from './runtime/block-files';
import { bucketBounds, bucketOf, raggedLayout, sequenceLengths, type Ragged } from './runtime/buckets';
import { hasSeveralTargets, labelsSteps, learnsFeatures } from './tasks/registry';
import type { Column, InputBatch, StreamRequest, Table, TableSample, TableSource } from './types';

/** Rows the encoding is fitted to. */
const SAMPLE_ROWS_MIN = 2000;
const SAMPLE_ROWS_MAX = 200_000;
/** Training rows a sample holds at least, if there are so many. */
const SAMPLE_TRAIN_ROWS_MIN = 500;
const SAMPLE = 0x5a3b1e;
const DEAL = 0xdea1;
const MEBIBYTE = 1024 * 1024;

/** Shares of the memory: of a group of training blocks and of validation blocks, two of each are held; and for the sample. */
const TRAIN_SHARE = 1 / 4;
const VALIDATION_SHARE = 1 / 8;
const SAMPLE_SHARE = 1 / 8;
const BUFFER_SHARE = 1 / 4;

interface Fitted extends Reading {
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
  const fitted = await fitOnSample(request, divide);
  try {
    return await encode(request, fitted, log, proceed);
  } finally {
    await fitted.columns.release();
  }
}

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
    `The encoded rows take more than the ${Math.max(1, Math.round(request.bytesMax / MEBIBYTE))} MiB they may have in memory: they are ` +
      `read from disk, in ${train.groups.length} blocks.`,
  );
  log.flush();
  return { ...prepared, test: () => testRows(request, prepared) };
}

async function fitOnSample(request: StreamRequest, divide: Divide): Promise<Fitted> {
  const { source, split, seed } = request;
  const { network, layout, task, labels } = readingOf(request);
  let sample = await source.sample(sampleRows(request), streamSeed(seed, SAMPLE));
  const choice = { ...request, table: sample, task, inOrder: layout !== null };
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
  const selection = chooseFeatures({ ...choice, table: sample }, target, {
    seen: targetsIn(sample, target),
    rowCount: facts.rowCount,
    rowNumbers: sample.rowNumbers,
  });
  const fitted = await fitReading({ ...choice, table: sample }, selection, {
    ...{ layout, rows, rowCount: parts.train.length },
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

const streamSeed = (seed: number, stream: number) => new Random(seed, stream).uint32();

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

interface Part {
  writer: BlockWriter;
  rows: Uint32Array;
  /** How many of the rows are written. */
  done: number;
  groupOf(block: number): number;
}

/** Writes the rows of the table as they come to the blocks of their part. */
class StreamedBlocks {
  private readonly train: Part;
  private readonly validation: Part;
  private readonly test: Pick<Part, 'rows' | 'done'>;
  readonly unknown: UnknownIds;
  private readonly levels: LevelCounter;

  constructor(
    request: StreamRequest,
    private readonly fitted: Fitted,
    private readonly scaling: ReturnType<typeof scaleTargets>,
  ) {
    const { parts, widths } = fitted;
    const { bytesMax, seed } = request;
    const { train, validation } = parts;
    const layout = this.layoutOf(request);
    const bytes = 4 * (Math.max(...widths) + layout.targets * (layout.weighted ? 2 : 1));
    const groups = Math.max(2, Math.ceil((train.length * bytes) / (bytesMax * TRAIN_SHARE)));
    const deals = widths.map((_, block) => dealer(groups, streamSeed(seed, DEAL + block)));
    this.train = partOf(train, { ...layout, name: 'train', groups }, (block) => deals[block]());
    const scored = Math.max(1, Math.ceil((validation.length * bytes) / (bytesMax * VALIDATION_SHARE)));
    this.test = { rows: parts.test, done: 0 };
    this.unknown = new UnknownIds(fitted.encoding);
    this.levels = new LevelCounter(fitted.inputs);
    let given = 0;
    this.validation = partOf(
      validation,
      { ...layout, name: 'validation', groups: scored, widths: [Math.max(...widths)] },
      () => Math.floor((given++ * scored) / validation.length),
    );
  }

  /** A part of the table, from row `first` on, and what the steps make of it. */
  add({ rowCount, columns }: Table, features: Column[], first: number): void {
    const tested = rowsBelow(this.test, first + rowCount).map((row) => row - first);
    this.unknown.add('test', features, tested);
    for (const part of [this.train, this.validation]) {
      const rows = rowsBelow(part, first + rowCount);
      if (rows.length === 0) continue;
      const local = rows.map((row) => row - first);
      const { encoding, selection, ragged, inputs } = this.fitted;
      if (part === this.train) {
        widenRanges(inputs, columns, local);
        this.levels.add(columns, local);
      } else this.unknown.add('validation', features, local);
      const matrix: Matrix = {
        rows: rows.length,
        width: encodedWidth(encoding),
        x: encodeRows(features, local, encoding),
        ...targetValues(selection.target, rows, this.scaling),
      };
      const bounds = this.fitted.widths.map((width) => width / (ragged?.channels ?? 1));
      const lengths = ragged && part === this.train ? sequenceLengths(matrix, ragged) : null;
      for (let row = 0; row < rows.length; row++) {
        const block = lengths ? bucketOf(bounds, lengths[row]) : 0;
        part.writer.append(part.groupOf(block), block, matrix, row);
      }
    }
  }

  finish(): { train: Blocks; validation: Blocks } {
    for (const { rows, done } of [this.train, this.validation]) {
      if (done < rows.length) throw new Error(`The table ended ${rows.length - done} rows too early.`);
    }
    this.levels.finish();
    return { train: this.train.writer.finish(), validation: this.validation.writer.finish() };
  }

  private layoutOf({ scratch, bytesMax }: StreamRequest): Omit<BlockLayout, 'name' | 'groups'> {
    const { selection, widths } = this.fitted;
    const { task, columns, rows } = selection.target;
    const missing = hasSeveralTargets(task) && columns.some((column) => column.rows.length < rows.length);
    return {
      folder: scratch,
      widths,
      targets: learnsFeatures(task) ? 1 : columns.length,
      labeled: labelsSteps(task),
      weighted: this.scaling.weights !== null || missing,
      bufferBytes: (bytesMax * BUFFER_SHARE) / 2,
    };
  }
}

const partOf = (rows: Uint32Array, layout: BlockLayout, groupOf: (block: number) => number): Part => ({
  writer: new BlockWriter(layout),
  rows,
  done: 0,
  groupOf,
});

/** The next rows of a part that are below `end`. */
function rowsBelow(part: Pick<Part, 'rows' | 'done'>, end: number): Uint32Array {
  const from = part.done;
  while (part.done < part.rows.length && part.rows[part.done] < end) part.done++;
  return part.rows.slice(from, part.done);
}

/** Deals to each group once, in a random order, before it deals to any again: groups differ by a row at most. */
function dealer(groups: number, seed: number): () => number {
  const random = new Random(seed);
  const order = Uint32Array.from({ length: groups }, (_, i) => i);
  let at = groups;
  return () => {
    if (at === groups) {
      random.shuffle(order);
      at = 0;
    }
    return order[at++];
  };
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
