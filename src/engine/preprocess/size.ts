/** How large an encoded table is, judged by its profile. */
import type { SequenceLayout } from '../families/family';
import type { PreprocessOptions } from '../types';
import { affordableBins, BINS_DEFAULT } from './fit';

export interface ProfiledColumn {
  name: string;
  kind: 'number' | 'category';
  /** Different values. */
  distinct: number;
}

interface Reading {
  /** Left out: what most pipelines have. */
  preprocess?: Pick<PreprocessOptions, 'bins' | 'levelsMax' | 'missingIndicator'>;
  /** Null: columns are features; otherwise they are steps of a sequence. */
  layout: SequenceLayout | null;
}

const USUAL: Pick<PreprocessOptions, 'bins' | 'levelsMax' | 'missingIndicator'> = {
  levelsMax: 50,
  missingIndicator: false,
};

/** Bytes of the features, at most. */
export function encodedBytes(columns: ProfiledColumn[], rowCount: number, reading: Reading): number {
  return 4 * rowCount * encodedFeatures(columns, rowCount, reading).reduce((sum, count) => sum + count, 0);
}

/** Features of each column, at most. */
export function encodedFeatures(
  columns: ProfiledColumn[],
  rowCount: number,
  { preprocess = USUAL, layout }: Reading,
): number[] {
  if (layout) return columns.map(() => 1);
  const numbers = columns.filter(({ kind }) => kind === 'number').length;
  const bins = affordableBins(numbers, rowCount, preprocess.bins ?? BINS_DEFAULT);
  const ofNumber = 1 + bins + Number(preprocess.missingIndicator);
  const ofCategory = (distinct: number) => Math.min(distinct, preprocess.levelsMax) + 2;
  return columns.map(({ kind, distinct }) => (kind === 'number' ? ofNumber : ofCategory(distinct)));
}
