/**
 * From a request to rows as learners read them: select, split, fit each way of reading on training rows, then pass over the
 * table once, for all of them. The same for a table in memory and for one that is read in parts: they differ in where rows go
 * (sinks.ts).
 */
import type { FittedColumns } from '../../columns/fitted';
import type { LearnedRows, Matrix } from '../../learning/fit';
import type { Estimator } from '../../families/registry';
import type { NetworkFile } from '../../network/network-file';
import type { Encoding } from '../../preprocess/encoding';
import type { Selection } from '../../preprocess/select';
import { withSource, type SourceRequest } from '../../rows/memory';
import { placesIn } from '../../rows/kept';
import { scanRows } from '../../rows/scan';
import { divider, type Divide, type FoldRows, type Parts } from '../../splits';
import type { TargetScale } from '../../tasks/score/score';
import type { Column, InputBatch, InputField, ModelWarning, Split, TableSource, Task, TrainRequest } from '../../types';
import type { EventLog } from '../event-log';
import type { Fold } from '../search/fold-data';
import { fitToRows, readRows, viewKey, type RowsRead } from './fit-rows';
import { logData, logSelection, logWarnings, warnOfDigits } from './notes';
import { scaleTargets } from './targets';
import { View } from './view';

export interface Prepared<R extends LearnedRows = LearnedRows> {
  selection: Selection;
  parts: Parts;
  /** What the steps make of columns before they are encoded. */
  columns: FittedColumns;
  encoding: Encoding;
  inputs: InputField[];
  /** Networks learn (y − mean) / scale, one for each target; 0 and 1 for classes. */
  targetScales: TargetScale[];
  /** What the card has to say of the numbers; logged. */
  warnings: ModelWarning[];
  /** Of families that go on from a trained network. */
  network: NetworkFile | undefined;
  /** Of the rows of `train`, which are then all that are not test rows; null: `validation` judges. */
  folds: Fold[] | null;
  /** How many rows the split gives each part. */
  counts: Record<Split, number>;
  train: R;
  validation: R;
  /** Raw columns of the test rows as a serving graph takes them, in order. */
  test(): AsyncIterable<InputBatch>;
}

/** Rows as the learner of the family reads them; see `prepareEach`. */
export async function prepare<R extends LearnedRows = Matrix>(
  request: TrainRequest | SourceRequest,
  log: EventLog,
  proceed: () => void = () => undefined,
  divide: Divide = divider(request),
): Promise<Prepared<R>> {
  const [{ data }] = await prepareEach(request, () => [request.estimator], { log, proceed, divide });
  return data as Prepared<R>;
}

interface Preparing {
  log: EventLog;
  /** Asked between two parts of the table; throws to stop. */
  proceed(): void;
  divide: Divide;
  /** Of so many rows outside the test part; below 2, or left out: none. */
  foldCount?(rows: number): number;
}

/**
 * Rows as the learner of each estimator reads them; those that read alike share them. `choose` is asked once the task and the
 * number of training rows are known. Throws EngineError for a request that cannot be trained.
 */
export async function prepareEach<E extends Estimator>(
  trainRequest: TrainRequest | SourceRequest,
  choose: (task: Task, rows: number) => E[],
  { log, proceed, divide, foldCount }: Preparing,
): Promise<(E & { data: Prepared })[]> {
  const request = withSource(trainRequest);
  const read = await readRows(request, divide, foldCount);
  const chosen = choose(read.target.task, read.parts.train.length);
  const byKey = new Map(
    chosen.map(({ family, parameters }) => [viewKey({ family, parameters }), { family, parameters }]),
  );
  const views: View[] = [];
  try {
    for (const estimator of byKey.values()) views.push(await fitView({ ...request, estimator }, read));
    const prepared = await dealt(request, read, views, { log, proceed });
    const keys = [...byKey.keys()];
    return chosen.map((estimator) => ({ ...estimator, data: prepared[keys.indexOf(viewKey(estimator))] }));
  } finally {
    for (const view of views) await view.release();
  }
}

async function fitView(request: SourceRequest, read: RowsRead): Promise<View> {
  const fitted = await fitToRows(request, read);
  return new View(request, fitted, scaleTargets(request, fitted.selection.target, read.parts.train));
}

/** Passes over the table once. What several views have to say alike is logged once. */
async function dealt(
  { source }: SourceRequest,
  { parts, folds, counts }: RowsRead,
  views: View[],
  { log, proceed }: Omit<Preparing, 'divide'>,
): Promise<Prepared[]> {
  logSelection(views[0].fitted.selection, log);
  logWarnings(
    unique(views, ({ fitted }) => fitted.notes),
    log,
  );
  logWarnings(
    unique(views, ({ fitted }) => fitted.warnings),
    log,
  );
  const digits = new Map(views.map((view) => [view, warnOfDigits(view.lostDigits)]));
  logWarnings(
    unique(views, ({ lostDigits }) => lostDigits),
    log,
  );
  const names = unique(views, ({ fitted }) => fitted.inputs.map(({ name }) => name));
  for await (const { part, ...of } of scanRows(source, names, parts)) {
    proceed();
    for (const view of views) await view.add(part, of);
  }
  const learnt = views.map((view) => view.finish());
  logWarnings(
    unique(learnt, ({ notes }) => notes),
    log,
  );
  const widths = learnt.map(({ train }) => train.width);
  logData({ parts, folds: folds?.length ?? 0, inputs: names.length, widths }, log);
  const placed = folds && placedFolds(folds, parts.train);
  for (const note of unique(learnt, (one) => (one.note === undefined ? [] : [one.note]))) log.log(note);
  return views.map((view, i) => {
    const { selection, columns, encoding, inputs, network } = view.fitted;
    const { train, validation } = learnt[i];
    return {
      ...{ selection, parts, columns, encoding, inputs, network, train, validation, folds: placed, counts },
      ...{ targetScales: view.scaling.targetScales, warnings: digits.get(view)! },
      test: testRows(source, inputs, parts.test),
    };
  });
}

/** From rows of the table to places among those that are trained on. */
const placedFolds = (folds: readonly FoldRows[], train: Uint32Array): Fold[] =>
  folds.map((fold) => ({ train: placesIn(train, fold.train), validation: placesIn(train, fold.validation) }));

const unique = <T>(list: readonly T[], textsOf: (one: T) => string[]): string[] => [...new Set(list.flatMap(textsOf))];

/** Reads the table once more, for the raw columns of the test rows. */
const testRows = (source: TableSource, inputs: InputField[], test: Uint32Array): Prepared['test'] =>
  async function* () {
    const names = inputs.map(({ name }) => name);
    for await (const { part, rows } of scanRows(source, names, { rows: test })) {
      const { at } = rows;
      if (at.length > 0) yield { rowCount: at.length, columns: rawBatch(part.columns, inputs, at) };
    }
  };

/** The raw values of the given rows as a serving graph takes them, in the order of `inputs`. */
export function rawBatch(columns: Column[], inputs: InputField[], rows: Uint32Array): InputBatch['columns'] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return inputs.map(({ name }) => {
    const column = byName.get(name)!;
    if (column.kind === 'number') return Float64Array.from(rows, (row) => column.values[row]);
    return Array.from(rows, (row) => column.levels[column.codes[row]] ?? '');
  });
}
