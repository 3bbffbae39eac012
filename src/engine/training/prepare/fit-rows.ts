/** The targets and parts of all rows, and the reading of columns, fitted to a sample of the rows where they are too many. */
import { mebibytes } from '../../../formats';
import { labelOrder, learnsRawTarget, onlyTaskOf, readerFor, type Estimator } from '../../families/registry';
import { decodeNetworkFile, type NetworkFile } from '../../network/network-file';
import { checkColumns, chooseFeatures, type Selection } from '../../preprocess/select';
import { Random } from '../../random';
import { placesIn } from '../../rows/kept';
import type { SourceRequest } from '../../rows/memory';
import { foldRows, groupColumn, splitColumn, type Divide, type FoldRows, type Parts } from '../../splits';
import { learnsFeatures } from '../../tasks/registry';
import { withGroups } from '../../tasks/targets/groups';
import { withOrder } from '../../tasks/targets/order';
import { checkPartWeights, withWeights } from '../../tasks/targets/weights';
import { readTargets } from '../../tasks/targets/read';
import type { Targets } from '../../tasks/targets/shape';
import { EngineError, type Split, type StreamRequest, type Table, type TableSample, type Task } from '../../types';
import { refuseNegative } from './amounts';
import { fitReading, type Reading, type ReadingFit } from './reading';

/** Rows that a sample has. */
const SAMPLE_ROWS_MIN = 2000;
const SAMPLE_ROWS_MAX = 200_000;
/** Training rows among them at least, if there are so many. */
const SAMPLE_TRAIN_ROWS_MIN = 500;
const SAMPLE = 0x5a3b1e;
/** Of the memory. */
const SAMPLE_SHARE = 1 / 8;

export const streamSeed = (seed: number, stream: number) => new Random(seed, stream).uint32();

/** The targets and parts of a table, whoever learns from it. */
export interface RowsRead extends Pick<ReadingFit, 'isWhole' | 'rows' | 'seen'> {
  /** Null: decided from the targets. */
  task: Task | null;
  target: Targets;
  /** With folds, their rows are all in the train part. */
  parts: Parts;
  folds: FoldRows[] | null;
  /** How many rows the split gives each part. */
  counts: Record<Split, number>;
  /** All rows of the targets and of the column of the split. */
  facts: Table;
  sample: TableSample;
}

export interface Fitted extends Reading, ReadingFit {
  selection: Selection;
  parts: Parts;
  /** Of families that go on from a trained network. */
  network: NetworkFile | undefined;
}

/** How the estimator of a request reads the columns. */
export async function fitToRows(request: SourceRequest, rowsRead: RowsRead): Promise<Fitted> {
  const { task, target, facts, sample, parts, isWhole, rows, seen } = rowsRead;
  const read = { isWhole, rows, seen };
  const network = networkOf(request);
  const how = readerFor(request.estimator, network);
  const fit = { ...how, ...read, train: parts.train };
  const choice = { ...request, table: sample, task, inOrder: how.reader.inOrder };
  const sampled = read.isWhole ? {} : { rowNumbers: sample.rowNumbers };
  const selection = chooseFeatures(choice, target, { ...facts, ...sampled, seen: read.seen });
  return { ...(await fitReading(choice, selection, fit)), ...fit, selection, parts, network };
}

const networkOf = ({ network: file }: SourceRequest): NetworkFile | undefined =>
  file ? decodeNetworkFile(file) : undefined;

/** Estimators of the same key learn from the same numbers. */
export function viewKey({ family, parameters }: Estimator): string {
  const { reader, layout } = readerFor({ family, parameters });
  const { classWeight } = parameters;
  return JSON.stringify([
    reader.name,
    learnsRawTarget(family, parameters),
    classWeight,
    layout && [family, parameters],
  ]);
}

/** Of a number; a text takes less. */
const CELL_BYTES = 8;
/** Of the memory, where encoded rows are read from disk beside them. */
const COLUMNS_SHARE = 1 / 4;

const columnBytes = ({ source, drop }: SourceRequest): number =>
  CELL_BYTES * source.rowCount * (source.columns.length - drop.length);

/** Whether memory holds the columns of a table for those who learn from them, beside the blocks of the others. */
export const holdsColumns = (request: SourceRequest): boolean =>
  request.scratch === undefined || columnBytes(request) <= (request.bytesMax ?? Infinity) * COLUMNS_SHARE;

/** Throws EngineError for a family that holds columns in memory, of which there are no blocks: before any row is read. */
export function refuseTooLarge(request: StreamRequest): void {
  const { estimator, source, bytesMax } = request;
  if (!readerFor(estimator, networkOf(request)).reader.columns) return;
  const bytes = columnBytes(request);
  throw new EngineError(
    `The family ${estimator.family} holds columns in memory: those of ${source.rowCount} rows take about ` +
      `${mebibytes(bytes)}, and a run may have ${mebibytes(bytesMax)}.`,
    'estimator.family',
    'Use a dataset of fewer rows, fewer columns (SELECT_COLUMNS), a family that learns by gradient, or raise PRAXIS_TRAINING_BYTES_MAX.',
  );
}

/** @param foldCount of so many rows outside the test part */
export async function readRows(
  request: SourceRequest,
  divide: Divide,
  foldCount: (rows: number) => number = () => 0,
): Promise<RowsRead> {
  const { source, seed, split, estimator } = request;
  const task = request.task ?? onlyTaskOf(estimator.family);
  const labels = labelOrder(estimator.family, estimator.parameters);
  const draw = (count: number) => source.sample(count, streamSeed(seed, SAMPLE));
  let sample = await draw(sampleRows(request));
  const names = checkColumns({ ...request, table: sample }).map(({ name }) => name);
  const read = splitColumn(split);
  const { weight } = request;
  const others = new Set([...(read ? [read.name] : []), ...(weight === undefined ? [] : [weight])]);
  const facts = await source.read([...names, ...others]);
  const columns = names.map((name) => facts.columns.find((column) => column.name === name)!);
  const ordered = withOrder(readTargets(columns, task, facts.rowCount), { ...request, labels });
  const target = withWeights(withGroups(ordered, facts, groupColumn(split)), facts, weight);
  refuseNegative(request, target, facts);
  const divided = divide(facts, target);
  checkPartWeights(target, divided);
  const { train, validation, test } = divided;
  const counts = { train: train.length, validation: validation.length, test: test.length };
  // Where features are learnt, the validation part also says which errors are too large.
  const count = learnsFeatures(target.task) ? 0 : foldCount(train.length + validation.length);
  const folds = count < 2 ? null : foldRows(facts, target, { split, parts: divided, seed, count });
  const parts = folds ? { ...divided, train: joinedRows(train, validation), validation: new Uint32Array() } : divided;
  const isWhole = () => sample.rowCount === source.rowCount;
  const trained = () => (isWhole() ? parts.train : placesIn(sample.rowNumbers, parts.train));
  let rows = trained();
  while (rows.length < Math.min(SAMPLE_TRAIN_ROWS_MIN, parts.train.length) && !isWhole()) {
    sample = await draw(Math.min(source.rowCount, sample.rowCount * 4));
    rows = trained();
  }
  const seen = isWhole() ? target : targetsIn(sample, target);
  return { task, target, parts, folds, counts, facts, sample, isWhole: isWhole(), rows, seen };
}

const joinedRows = (a: Uint32Array, b: Uint32Array): Uint32Array => Uint32Array.from([...a, ...b]).sort();

/** Where memory holds the table, a sample of it is whole all the same. */
function sampleRows({ source: { rowCount, columns }, bytesMax = 0 }: SourceRequest): number {
  const affordable = Math.floor((bytesMax * SAMPLE_SHARE) / (8 * columns.length));
  return Math.min(rowCount, Math.max(SAMPLE_ROWS_MIN, Math.min(SAMPLE_ROWS_MAX, affordable)));
}

function targetsIn({ rowNumbers }: TableSample, target: Targets): Targets {
  const { weights } = target;
  const columns = target.columns.map((column) => {
    const values = Float64Array.from(rowNumbers, (row) => column.values[row]);
    const rows = Uint32Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]));
    return { ...column, values, rows };
  });
  return {
    ...{ ...target, columns, rows: Uint32Array.from(rowNumbers.keys()) },
    ...(weights && { weights: Float64Array.from(rowNumbers, (row) => weights[row]) }),
  };
}
