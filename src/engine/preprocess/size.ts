/** How much memory an encoded table takes, judged by its profile. */
import type { SequenceLayout } from '../families/family';
import type { PreprocessOptions } from '../types';
import { affordableBins, BINS_DEFAULT } from './fit';

export interface ProfiledColumn {
  name: string;
  kind: 'number' | 'category';
  /** Different values. */
  distinct: number;
}

/** Bytes of the features, at most. `layout`: the columns are steps of a sequence. */
export function encodedBytes(
  columns: ProfiledColumn[],
  rowCount: number,
  { preprocess, layout }: { preprocess: PreprocessOptions; layout: SequenceLayout | null },
): number {
  const numbers = columns.filter(({ kind }) => kind === 'number').length;
  if (layout) return 4 * rowCount * columns.length;
  const bins = affordableBins(numbers, rowCount, preprocess.bins ?? BINS_DEFAULT);
  const ofNumber = 1 + bins + Number(preprocess.missingIndicator);
  const ofCategory = (distinct: number) => Math.min(distinct, preprocess.levelsMax) + 2;
  const width = columns.reduce(
    (sum, { kind, distinct }) => sum + (kind === 'number' ? ofNumber : ofCategory(distinct)),
    0,
  );
  return 4 * rowCount * width;
}
