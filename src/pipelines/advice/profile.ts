import type { DatasetVersion } from '../../datasets';
import { COLUMN_TYPES, modelKind } from '../../formats';
import type { Profile } from './target-check';

/** What the profile of a dataset version says to training: times and numbers are read as numbers, all else as text. */
export function profileOf({ rowCount, columns }: Pick<DatasetVersion, 'rowCount' | 'columns'>): Profile {
  return {
    rowCount: Number(rowCount),
    columns: columns.map(({ name, type, role, missingCount, distinctCount, minimum }) => ({
      name,
      isNumber: modelKind(type) === 'number',
      isInteger: COLUMN_TYPES[type].isWhole === true,
      missingCount,
      distinctCount,
      ...(minimum !== null && minimum !== undefined && { minimum }),
      traits: { type, role },
    })),
  };
}
