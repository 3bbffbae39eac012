/** How the columns of a table become features: what the steps say, fitted to training rows, then the encoding. */
import { fitColumns } from '../../columns/fit';
import { isChanged, type FittedColumns } from '../../columns/fitted';
import { inputFields } from '../../columns/input-fields';
import { knownColumns, knownOf } from '../../columns/known';
import { liveOf, type LivePlan } from '../../columns/live';
import { checkPlan, planColumns } from '../../columns/plan';
import type { readerFor } from '../../families/registry';
import type { FittedPreprocess } from '../../preprocess/fit';
import { groupColumns, IdCounter } from '../../preprocess/ids/ids';
import { copyOfAny, type Selection, type SelectionRequest } from '../../preprocess/select';
import { emptyOrConstant } from '../../preprocess/suspicion';
import { scanRows } from '../../rows/scan';
import { learnsFeatures } from '../../tasks/registry';
import type { Targets } from '../../tasks/targets/shape';
import type { Column, PreprocessOptions, Table, TableSource, Task, TrainRequest } from '../../types';
import { shown } from '../../../formats';

export interface Reading extends FittedPreprocess {
  columns: FittedColumns;
  /** Of all rows of the table that it was fitted to. */
  features: Column[];
  /** What the steps make of a part of the source. */
  featuresOf(part: Table): Promise<Column[]>;
  /** What a person should know about the steps. */
  notes: string[];
}

export interface ReadingFit extends ReturnType<typeof readerFor> {
  /** Whether the table that it is fitted to is all of the source, and no sample. */
  isWhole: boolean;
  /** Of the table, those of the train part. */
  rows: Uint32Array;
  /** Of the source. */
  train: Uint32Array;
  /** The targets in the rows of the table. */
  seen: Targets;
}

type ReadingRequest = SelectionRequest &
  Pick<TrainRequest, 'steps' | 'traits' | 'preprocess'> & { source: TableSource };

/** The caller releases `columns`. Throws EngineError for steps that do not fit the columns. */
export async function fitReading(request: ReadingRequest, selection: Selection, fit: ReadingFit): Promise<Reading> {
  const { table } = request;
  const { reader, layout, rows, train, isWhole } = fit;
  const known = table.columns.map((column) => knownOf(column, request.traits));
  const plan = planColumns(request.steps ?? [], knownColumns(known, request), { encoded: !reader.columns });
  checkPlan(plan);
  const live = liveOf(plan, selection.features);
  const columns = await fitColumns(live, table.columns, rows);
  const features = await columns.apply(table.columns, table.rowCount);
  const of = new Map(columns.features.map(({ name, options }) => [name, options]));
  const options = preprocessOf({ preprocess: { ...request.preprocess, of } }, selection.target.task);
  const featuresOf = async (part: Table) =>
    isWhole && part.rowCount === table.rowCount ? features : columns.apply(part.columns, part.rowCount);
  const ids = await countIds(request.source, { columns, featuresOf }, fit);
  const encoded = reader.fit(features, rows, { layout, options, rowCount: train.length, ids });
  const notes = [...plan.notes, ...columns.notes, ...notesOn(live, selection), ...notesOnMade(columns, features, fit)];
  const inputs = inputFields(encoded.inputs, columns, { columns: table.columns, features, rows });
  return { ...encoded, inputs, columns, features, featuresOf, notes };
}

/** A vocabulary is that of all rows to train on. */
async function countIds(
  source: TableSource,
  { columns, featuresOf }: Pick<Reading, 'columns' | 'featuresOf'>,
  { layout, train }: ReadingFit,
): Promise<IdCounter[]> {
  const { ids = [] } = layout ?? {};
  const counters = ids.map((group) => new IdCounter(group));
  if (counters.length === 0) return [];
  for await (const { part, trained } of scanRows(source, [...columns.inputs], { trained: train })) {
    groupColumns(await featuresOf(part), ids).forEach((group, i) => {
      for (const column of group) counters[i].add(column, trained.at);
    });
  }
  return counters;
}

/** A column may be left out for what it holds and be of use to a step all the same. */
function notesOn({ inputs }: LivePlan, { leftOut }: Selection): string[] {
  return leftOut
    .filter(({ column }) => inputs.has(column))
    .map(({ column, reason }) => `Steps read ${shown(column)}, which is no feature itself: ${reason}`);
}

/** A column of the table would be left out for such a reason; one that somebody has steps for is theirs. */
function notesOnMade(columns: FittedColumns, features: Column[], { layout, rows, seen }: ReadingFit): string[] {
  return features.flatMap((feature, i) => {
    if (!isChanged(columns.features[i])) return [];
    const reason = emptyOrConstant(feature, rows) ?? (layout ? null : copyOfAny(feature, seen));
    return reason === null
      ? []
      : [`Column ${shown(feature.name)}, as steps make it: ${reason} Check what they compute.`];
  });
}

/** Bins help a network to read numbers; one that writes them would count each number as many times. */
function preprocessOf({ preprocess }: Pick<TrainRequest, 'preprocess'>, task: Task): PreprocessOptions {
  return learnsFeatures(task) ? { ...preprocess, bins: preprocess.bins ?? 0 } : preprocess;
}
