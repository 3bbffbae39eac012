/** From a request to encoded matrices: select, split, fit the encoding on training rows, encode. */
import type { FittedColumns } from '../../columns/fitted';
import type { EventLog } from '../event-log';
import { labelOrder, learnsRawTarget, onlyTaskOf, readerFor } from '../../families/registry';
import type { ColumnRows, LearnedRows, Matrix } from '../../learning/fit';
import { decodeNetworkFile, type NetworkFile } from '../../network/network-file';
import { encodeRows } from '../../preprocess/encode';
import { encodedWidth, type Encoding } from '../../preprocess/encoding';
import { moments } from '../../magnitude';
import { checkRange, lostDigits } from '../../preprocess/ranges/held';
import { rangeOf } from '../../preprocess/ranges/range';
import { countUnknown, named } from '../../preprocess/ids/ids';
import { plainColumns } from '../../preprocess/plain/plain.rows';
import { fitReading } from './reading';
import { selectColumns, type Selection } from '../../preprocess/select';
import { divider, type Divide, type Parts } from '../../splits';
import type { Target } from '../../tasks/targets/target';
import type { Targets } from '../../tasks/targets/shape';
import type { TargetScale } from '../../tasks/score/score';
import { hasSeveralTargets, labelsSteps, learnsClasses, learnsFeatures, learnsNumbers } from '../../tasks/registry';
import type { Column, InputBatch, InputField, ModelWarning, Task, TrainRequest } from '../../types';
import { shown } from '../../../formats';

const LEFT_OUT_LINES_MAX = 20;
const WARNING_LINES_MAX = 10;

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
  train: R;
  validation: R;
  /** Raw columns of the test rows as a serving graph takes them, in order. */
  test(): AsyncIterable<InputBatch>;
}

/** Rows as the learner of the family reads them. Throws EngineError for a request that cannot be trained. */
export async function prepare<R extends Matrix | ColumnRows = Matrix>(
  request: TrainRequest,
  log: EventLog,
  divide: Divide = divider(request),
): Promise<Prepared<R>> {
  const { network, reader, layout, task, labels } = readingOf(request);
  const choice = { ...request, task, labels, inOrder: reader.inOrder };
  const selection = selectColumns(choice);
  const { target } = selection;
  const parts = divide(request.table, target);
  const reading = await fitReading(choice, selection, {
    ...{ reader, layout, rows: parts.train, seen: target, rowCount: parts.train.length },
  });
  const { columns, features, encoding, inputs, warnings, lostDigits: lost } = reading;
  await columns.release();
  logSelection(selection, log);
  logWarnings(reading.notes, log);
  const unknown = new UnknownIds(encoding);
  for (const part of HELD_OUT) unknown.add(part, features, parts[part]);
  const scaling = scaleTargets(request, target, parts.train);
  logWarnings([...warnings, ...unknown.messages()], log);
  const { plain } = encoding;
  const kept = plain && plainColumns(features, plain);
  const rowsOf = (rows: Uint32Array) =>
    ({
      rows: rows.length,
      width: encodedWidth(encoding),
      ...(kept ? { columns: kept, at: rows } : { x: encodeRows(features, rows, encoding) }),
      ...targetValues(target, rows, scaling),
    }) as unknown as R;
  const prepared = {
    selection,
    parts,
    columns,
    encoding,
    inputs,
    targetScales: scaling.targetScales,
    warnings: warnOfDigits([...lost, ...scaling.lostDigits], log),
    network,
    train: rowsOf(parts.train),
    validation: rowsOf(parts.validation),
    test: async function* () {
      yield { rowCount: parts.test.length, columns: rawBatch(request.table.columns, inputs, parts.test) };
    },
  };
  logData(prepared, log);
  return prepared;
}

/** How the family of a request reads its columns, and the task it is for, if that is known yet. */
export function readingOf({ estimator, network: file, task }: Omit<TrainRequest, 'table'>): ReturnType<
  typeof readerFor
> & {
  network: NetworkFile | undefined;
  task: Task | null;
  labels: string[] | null;
} {
  const { family, parameters } = estimator;
  const network = file ? decodeNetworkFile(file) : undefined;
  return {
    network,
    ...readerFor(estimator, network),
    task: task ?? onlyTaskOf(family),
    labels: labelOrder(family, parameters),
  };
}

export const HELD_OUT = ['validation', 'test'] as const;

/** Counts the rows that have ids which training does not see, by vocabulary and part. */
export class UnknownIds {
  private readonly counts = HELD_OUT.map(() => this.encoding.ids.map(() => 0));

  constructor(private readonly encoding: Encoding) {}

  add(part: (typeof HELD_OUT)[number], columns: Column[], rows: Uint32Array): void {
    const counts = this.counts[HELD_OUT.indexOf(part)];
    const byName = new Map(columns.map((column) => [column.name, column]));
    this.encoding.ids.forEach((ids, i) => {
      const idColumns = ids.columns.map(({ name }) => byName.get(name)!);
      counts[i] += countUnknown(idColumns, rows, ids);
    });
  }

  messages(): string[] {
    return this.encoding.ids.flatMap(({ columns }, i) =>
      HELD_OUT.flatMap((part, p) => {
        const count = this.counts[p][i];
        const what = `${count} ${count === 1 ? 'row' : 'rows'} of the ${part} part ${count === 1 ? 'has' : 'have'} ids in ${named(columns)}`;
        return count === 0 ? [] : [`${what} that training did not see; the mean of all ids answers for them.`];
      }),
    );
  }
}

export function logSelection({ leftOut, notes }: Selection, log: EventLog): void {
  for (const { level, message } of notes) log.log(message, level);
  for (const { column, reason } of leftOut.slice(0, LEFT_OUT_LINES_MAX))
    log.log(`Left out ${shown(column)}: ${reason}`);
  const more = leftOut.length - LEFT_OUT_LINES_MAX;
  if (more > 0) log.log(`Left out ${more} more columns; the model card lists them all.`);
}

/** Before training, and on the card. */
export function warnOfDigits(messages: string[], log: EventLog): ModelWarning[] {
  logWarnings(messages, log);
  return messages.slice(0, WARNING_LINES_MAX).map((message) => ({ code: 'DIGITS_LOST', message }));
}

export function logWarnings(warnings: string[], log: EventLog): void {
  for (const warning of warnings.slice(0, WARNING_LINES_MAX)) log.log(warning, 'warn');
  const more = warnings.length - WARNING_LINES_MAX;
  if (more > 0) log.log(`The same is so of ${more} more columns.`, 'warn');
}

export function logData({ parts, inputs, train }: Pick<Prepared, 'parts' | 'inputs' | 'train'>, log: EventLog): void {
  log.log(
    `${parts.train.length} rows to train on, ${parts.validation.length} to choose and stop by, ${parts.test.length} to ` +
      `test on; ${inputs.length} columns give ${train.width} features.`,
  );
}

export interface TargetScaling {
  targetScales: TargetScale[];
  /** Of each class of each target; null: all weigh the same. */
  weights: number[][] | null;
  /** What a person should know about the numbers. */
  lostDigits: string[];
}

/** @param rows table rows of the train part */
export function scaleTargets(
  { estimator: { family, parameters } }: Pick<TrainRequest, 'estimator'>,
  target: Targets,
  rows: Uint32Array,
): TargetScaling {
  const scaled = learnsNumbers(target.task) && !learnsRawTarget(family, parameters);
  const fitted = target.columns.map((column, t) =>
    learnsNumbers(target.task)
      ? scaleNumbers(column, rows, { scaled, path: hasSeveralTargets(target.task) ? `targets[${t}]` : 'target' })
      : { scale: RAW, warning: null },
  );
  return {
    targetScales: fitted.map(({ scale }) => scale),
    weights: parameters.classWeight === 'balanced' ? balance(target, rows) : null,
    lostDigits: fitted.flatMap(({ warning }) => warning ?? []),
  };
}

const RAW: TargetScale = { mean: 0, scale: 1 };

/** Throws EngineError when float32 cannot hold the target in any row, trained on or not. */
function scaleNumbers(
  { name, values, rows }: Target,
  part: Uint32Array,
  { scaled, path }: { scaled: boolean; path: string },
): { scale: TargetScale; warning: string | null } {
  const known = Float64Array.from(
    part.filter((row) => !Number.isNaN(values[row])),
    (row) => values[row],
  );
  const { mean, deviation } = moments(known);
  const scale = scaled ? { mean, scale: deviation || 1 } : RAW;
  const held = { center: scale.mean, inverseScale: 1 / scale.scale };
  checkRange(name, rangeOf(values, rows), held, path);
  return { scale, warning: lostDigits(name, known, held) };
}

/**
 * Weight of each class of each target that gives all classes the same total in training; mean weight 1. The steps of a
 * sequence are counted together. Null for numbers.
 */
function balance({ task, columns }: Targets, rows: Uint32Array): number[][] | null {
  if (!learnsClasses(task)) return null;
  const counts = columns.map(({ values, labels }) => {
    const perClass = new Array<number>(labels!.length).fill(0);
    for (const row of rows) if (!Number.isNaN(values[row])) perClass[values[row]]++;
    return perClass;
  });
  if (!labelsSteps(task)) return counts.map(balanced);
  const all = balanced(counts[0].map((_, k) => counts.reduce((sum, perClass) => sum + perClass[k], 0)));
  return columns.map(() => all);
}

function balanced(counts: number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  const occurring = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : total / (occurring * count)));
}

/** What networks learn of these rows, and how much each value counts: nothing where it is missing. */
export function targetValues(
  { task, columns }: Targets,
  rows: Uint32Array,
  { targetScales, weights }: Pick<TargetScaling, 'targetScales' | 'weights'>,
): Pick<Matrix, 'y' | 'weight'> {
  if (learnsFeatures(task)) return { y: new Float32Array(rows.length), weight: null };
  const size = rows.length * columns.length;
  const y = new Float32Array(size);
  const weight = new Float32Array(size).fill(1);
  let missing = 0;
  columns.forEach(({ values }, t) => {
    const { mean, scale } = targetScales[t];
    rows.forEach((row, i) => {
      const at = i * columns.length + t;
      const value = values[row];
      if (Number.isNaN(value)) {
        weight[at] = 0;
        missing++;
      } else {
        y[at] = (value - mean) / scale;
        if (weights) weight[at] = weights[t][value];
      }
    });
  });
  return { y, weight: weights || missing > 0 ? weight : null };
}

/** The raw values of the given rows as a serving graph takes them, in the order of `inputs`. */
export function rawBatch(columns: Column[], inputs: InputField[], rows: Uint32Array): InputBatch['columns'] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return inputs.map(({ name }) => {
    const column = byName.get(name)!;
    if (column.kind === 'number') return Float64Array.from(rows, (row) => column.values[row]);
    return Array.from(rows, (row) => column.levels[column.codes[row]] ?? '');
  });
}
