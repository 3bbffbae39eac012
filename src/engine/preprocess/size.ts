/** How large an encoded table is, judged by its profile. */
import type { KnownColumn } from '../columns/definition';
import { knownColumns } from '../columns/known';
import { planColumns } from '../columns/plan';
import { withHistory } from '../history/plan';
import type { SequenceLayout } from '../families/family';
import type { PreprocessOptions, TrainRequest } from '../types';
import { affordableBins, BINS_DEFAULT } from './fit';

export interface ProfiledColumn extends KnownColumn {
  /** Different values. */
  distinct: number;
}

type Widths = Pick<PreprocessOptions, 'bins' | 'levelsMax' | 'missingIndicator'>;

interface Reading {
  /** Left out: what most pipelines have. */
  preprocess?: Widths & { of?: ReadonlyMap<string, Partial<Widths>> };
  /** Null: columns are features; otherwise they are steps of a sequence. */
  layout: SequenceLayout | null;
  /** Columns are read as they are. */
  plain?: boolean;
}

/** Of a number as it is; a text takes less. */
const PLAIN_BYTES = 8;

const USUAL: Widths = { levelsMax: 50, missingIndicator: false };

type Use = Pick<TrainRequest, 'target' | 'drop' | 'split' | 'steps' | 'preprocess'>;

/** Bytes of the features, at most, with what the steps make. @param columns of the table, targets and all */
export function encodedBytes(
  columns: readonly ProfiledColumn[],
  rowCount: number,
  { use, layout, plain = false }: { use: Use; layout: SequenceLayout | null; plain?: boolean },
): number {
  const planned = planColumns(use.steps ?? [], knownColumns(withHistory(use.steps ?? [], columns), use)).columns;
  if (plain) return PLAIN_BYTES * rowCount * planned.length;
  const distinct = new Map(columns.map((column) => [column.name, column.distinct]));
  const features = planned.map(({ slot: { name, kind } }) => ({
    name,
    kind,
    distinct: distinct.get(name) ?? Infinity,
  }));
  const of = new Map(planned.map(({ slot, options }) => [slot.name, options]));
  const widths = encodedFeatures(features, rowCount, { preprocess: { ...use.preprocess, of }, layout });
  return 4 * rowCount * widths.reduce((sum, count) => sum + count, 0);
}

/** Features of each column, at most. */
export function encodedFeatures(
  columns: readonly ProfiledColumn[],
  rowCount: number,
  { preprocess = USUAL, layout, plain = false }: Reading,
): number[] {
  if (layout || plain) return columns.map(() => 1);
  const numbers = columns.filter(({ kind }) => kind === 'number').length;
  return columns.map(({ name, kind, distinct }) => {
    const { bins = BINS_DEFAULT, levelsMax, missingIndicator } = { ...preprocess, ...preprocess.of?.get(name) };
    if (kind === 'category') return Math.min(distinct, levelsMax) + 2;
    return 1 + affordableBins(numbers, rowCount, bins) + Number(missingIndicator);
  });
}
