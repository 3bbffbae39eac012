/**
 * From a request to rows as the learner reads them: select, split, fit the encoding on training rows, then pass over the table
 * once, encoding. The same for a table in memory and for one that is read in parts: they differ in where rows go (sinks.ts).
 */
import type { FittedColumns } from '../../columns/fitted';
import type { LearnedRows, Matrix } from '../../learning/fit';
import type { NetworkFile } from '../../network/network-file';
import type { Encoding } from '../../preprocess/encoding';
import { widenRanges } from '../../preprocess/ranges/range';
import { LevelCounter } from '../../preprocess/ranges/rare-levels';
import type { Selection } from '../../preprocess/select';
import { withSource, type SourceRequest } from '../../rows/memory';
import { scanRows } from '../../rows/scan';
import { divider, type Divide, type Parts } from '../../splits';
import type { TargetScale } from '../../tasks/score/score';
import type { Column, InputBatch, InputField, ModelWarning, TableSource, TrainRequest } from '../../types';
import type { EventLog } from '../event-log';
import { fitToRows, type Fitted } from './fit-rows';
import { HELD_OUT, logData, logSelection, logWarnings, UnknownIds, warnOfDigits } from './notes';
import { LEARNT, sinkFor, type Sink } from './sinks';
import { scaleTargets } from './targets';

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

/**
 * Rows as the learner of the family reads them. Throws EngineError for a request that cannot be trained. `proceed` is asked
 * between two parts of the table and throws to stop.
 */
export async function prepare<R extends LearnedRows = Matrix>(
  trainRequest: TrainRequest | SourceRequest,
  log: EventLog,
  proceed: () => void = () => undefined,
  divide: Divide = divider(trainRequest),
): Promise<Prepared<R>> {
  const request = withSource(trainRequest);
  const fitted = await fitToRows(request, divide);
  try {
    return (await encoded(request, fitted, log, proceed)) as Prepared<R>;
  } finally {
    await fitted.columns.release();
  }
}

async function encoded(request: SourceRequest, fitted: Fitted, log: EventLog, proceed: () => void): Promise<Prepared> {
  const { selection, parts, columns, encoding, inputs, network } = fitted;
  logSelection(selection, log);
  logWarnings(fitted.notes, log);
  const scaling = scaleTargets(request, selection.target, parts.train);
  logWarnings(fitted.warnings, log);
  const warnings = warnOfDigits([...fitted.lostDigits, ...scaling.lostDigits], log);
  const sink = sinkFor(request, fitted, scaling);
  logWarnings(await deal(request.source, fitted, sink, proceed), log);
  const { train, validation, note } = sink.finish();
  logData({ parts, inputs, train }, log);
  if (note !== undefined) log.log(note);
  const { targetScales } = scaling;
  return {
    ...{ selection, parts, columns, encoding, inputs, targetScales, warnings, network, train, validation },
    test: testRows(request.source, inputs, parts.test),
  };
}

/** Passes over the table; returns what there is to say of ids. */
async function deal(source: TableSource, fitted: Fitted, sink: Sink, proceed: () => void): Promise<string[]> {
  const { inputs, parts, encoding } = fitted;
  const unknown = new UnknownIds(encoding);
  const seen = fitted.isWhole ? null : new LevelCounter(inputs);
  const names = inputs.map(({ name }) => name);
  for await (const { part, ...of } of scanRows(source, names, parts)) {
    proceed();
    const features = await fitted.featuresOf(part);
    if (seen) {
      widenRanges(inputs, part.columns, of.train.at);
      seen.add(part.columns, of.train.at);
    }
    for (const name of HELD_OUT) unknown.add(name, features, of[name].at);
    for (const name of LEARNT) if (of[name].rows.length > 0) sink.add(name, features, of[name]);
  }
  seen?.finish();
  return unknown.messages();
}

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
