/** Divides rows into train, validation and test parts; the same seed gives the same parts. */
import { z } from 'zod';
import { shown } from '../../formats';
import type { Unit } from '../history/definition';
import { Random } from '../random';
import { labelsSteps, learnsFeatures } from '../tasks/registry';
import { hasOrder } from '../tasks/targets/groups';
import type { Targets } from '../tasks/targets/shape';
import {
  EngineError,
  rowNumber,
  SPLITS as SPLIT_NAMES,
  type ColumnTraits,
  type SplitOptions,
  type Table,
} from '../types';
import { column } from './column';
import {
  FRACTION_MAX,
  type Division,
  type OptionsOf,
  type Parts,
  type SplitColumn,
  type SplitFault,
  type SplitKind,
} from './definition';
import { group } from './group';
import { random } from './random';
import { time } from './time';

export type { Parts } from './definition';

const SPLITS: { [K in SplitOptions['kind']]: SplitKind<K> } = { random, column, group, time };

/** The parameters of a step that splits. */
export const splitParameters = z.discriminatedUnion('kind', [
  random.parameters,
  column.parameters,
  group.parameters,
  time.parameters,
]) as unknown as z.ZodType<SplitOptions>;

const TRAIN_ROWS_MIN = 10;

/** The column that a split reads; null: it reads none. */
export function splitColumn(options: SplitOptions): (SplitColumn & { name: string }) | null {
  const { column: about } = SPLITS[options.kind] ?? {};
  return about && 'column' in options ? { name: options.column, ...about } : null;
}

/** The column whose groups of rows are never parted; null: there is none. */
export const groupColumn = (options: SplitOptions): string | null =>
  SPLITS[options.kind]?.keepsGroups ? (splitColumn(options)?.name ?? null) : null;

/** No feature that is made of a history tells of rows of a later part. */
export const keepsHistories = (options: SplitOptions, unit: Unit): boolean =>
  (SPLITS[options.kind] as SplitKind).keepsHistories?.(options, unit) ?? false;

/** What is wrong with the options of a split, by what the dataset says of its column. */
export const splitFaults = (options: SplitOptions, traits: ColumnTraits): SplitFault[] =>
  (SPLITS[options.kind] as SplitKind).faults?.(options, traits) ?? [];

/** Gives the parts of a table, of which it has the columns that the split reads. */
export type Divide = (table: Divided, target: Targets) => Parts;
export type Divided = Pick<Table, 'columns' | 'origins'>;

export const divider =
  ({ split, seed }: { split: SplitOptions; seed: number }): Divide =>
  (table, target) =>
    splitRows(table, target, split, seed);

/** Rows of `target` that are in no part lie in the gap of a split by time. */
export function splitRows(table: Divided, target: Targets, options: SplitOptions, seed: number): Parts {
  const kind = SPLITS[options.kind] as SplitKind;
  checkFractions(options);
  const parts = kind.divide(divisionOf(table, target, options, new Random(seed, 0x5b117)));
  return checkParts(parts, target);
}

function divisionOf(
  table: Divided,
  target: Targets,
  options: SplitOptions,
  random: Random,
): Division<OptionsOf<typeof options.kind>> {
  const read = splitColumn(options);
  return {
    options: options as OptionsOf<typeof options.kind>,
    target,
    column: (read && table.columns.find(({ name }) => name === read.name)) ?? null,
    numberOf: (row) => rowNumber(table, row),
    random,
  };
}

/** Of a model: the rows that it is trained on, and those that judge it. */
export type FoldRows = Pick<Parts, 'train' | 'validation'>;

const FOLD_ROWS_MIN = 10;

/**
 * Divides the rows that are in no test part so that each judges once; fewer times where there are few rows or groups. Null where the split
 * says itself which rows judge, and where some part would have nothing to learn, or to judge by.
 */
export function foldRows(
  table: Divided,
  target: Targets,
  { split, parts, seed, count }: { split: SplitOptions; parts: Parts; seed: number; count: number },
): FoldRows[] | null {
  const rows = Uint32Array.from([...parts.train, ...parts.validation]).sort();
  const most = Math.min(count, Math.floor(rows.length / FOLD_ROWS_MIN));
  const { folds } = SPLITS[split.kind] as SplitKind;
  const random = new Random(seed, 0xf01d5);
  const dealt = most < 2 ? null : (folds?.(divisionOf(table, target, split, random), rows, most) ?? null);
  if (dealt === null || dealt.length < 2) return null;
  const found = dealt.map((validation) => {
    const held = new Set(validation);
    return { train: rows.filter((row) => !held.has(row)), validation };
  });
  return found.some((fold) => partFault({ ...fold, test: parts.test }, target)) ? null : found;
}

function checkFractions(options: SplitOptions): void {
  for (const name of ['testFraction', 'validationFraction'] as const) {
    const fraction = (options as Partial<Record<typeof name, number>>)[name];
    if (fraction === undefined || (fraction > 0 && fraction <= FRACTION_MAX)) continue;
    throw new EngineError(
      `The fraction ${fraction} is out of range.`,
      `split.${name}`,
      `Use a number above 0, at most ${FRACTION_MAX}.`,
    );
  }
}

function checkParts(parts: Parts, target: Targets): Parts {
  const fault = partFault(parts, target);
  if (fault) throw new EngineError(fault.message, 'split', fault.hint);
  return parts;
}

/** Why nothing can be learnt from such parts; null: it can. */
export function partFault(parts: Parts, target: Targets): { message: string; hint: string } | null {
  for (const name of SPLIT_NAMES) {
    const minimum = name === 'train' ? TRAIN_ROWS_MIN : 1;
    if (parts[name].length >= minimum) continue;
    return {
      message: `The ${name} part has ${parts[name].length} rows; it needs at least ${minimum}.`,
      hint: `Add rows, or put more of them into the ${name} part.`,
    };
  }
  return varietyFault(parts.train, target) ?? orderFault(parts, target);
}

/** Of groups: each part needs one in which there is an order to learn, or to score. */
function orderFault(parts: Parts, { groups, columns: [target] }: Targets): ReturnType<typeof partFault> {
  const without = groups && SPLIT_NAMES.find((name) => !hasOrder(target.values, groups, parts[name]));
  if (without === undefined) return null;
  return {
    message: `The ${without} part has no group whose rows have different grades.`,
    hint: 'Add groups with rows of different grades, or put more of them into this part.',
  };
}

/** A step of a sequence may have one label throughout; all together may not. */
function varietyFault(train: Uint32Array, { task, columns }: Targets): ReturnType<typeof partFault> {
  if (learnsFeatures(task)) return null;
  const varies = columns.map(({ values }) => {
    const known = train.filter((row) => !Number.isNaN(values[row]));
    return known.some((row) => values[row] !== values[known[0]]);
  });
  const enough = labelsSteps(task) ? varies.includes(true) : !varies.includes(false);
  if (enough) return null;
  const { name, labels } = columns[varies.indexOf(false)];
  const what = labels === null ? 'target value' : 'class';
  return {
    message: `The train part holds a single ${what}${columns.length > 1 ? ` for ${shown(name)}` : ''}.`,
    hint: 'Split at random, or mix the parts better.',
  };
}
