import { didYouMean } from '../../kernel';
import { FINDINGS_LISTED_MAX, refusal, RefusedFile, shown, type Finding } from './finding';
import type { ColumnType } from './infer';

/** What the sender says of a column. Of the others everything is recognised from their values. */
export interface StatedColumn {
  name: string;
  type: ColumnType;
}

/** Types by name. Refuses what is said of columns that the file does not have. */
export function statedTypes(names: readonly string[], columns: readonly StatedColumn[]): Map<string, ColumnType> {
  const known = new Set(names);
  const unknown = columns.filter(({ name }) => !known.has(name));
  if (unknown.length > 0)
    throw new RefusedFile(unknown.slice(0, FINDINGS_LISTED_MAX).map(absent(names, unknown.length)));
  return new Map(columns.map(({ name, type }) => [name, type]));
}

const absent =
  (names: readonly string[], count: number) =>
  ({ name, type }: StatedColumn): Finding =>
    refusal('COLUMN_MISMATCH', {
      column: name,
      count,
      message: `The file has no column ${shown(name)}, which was said to be ${type}.`,
      fix: `Name columns as the file does. ${didYouMean(name, names)}`,
    });
