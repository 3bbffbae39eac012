import { formatNames, formatsNamed } from '../../../formats';
import { didYouMean } from '../../../kernel';
import { FINDINGS_LISTED_MAX, refusal, RefusedFile, shown, type Finding } from '../finding';
import type { ColumnType } from './infer';

/** What the sender says of a column. Of the others everything is recognised from their values. */
export interface StatedColumn {
  name: string;
  type: ColumnType;
  /** How its cells are written, by the name of the format; left out where that is recognised. */
  format?: string | null;
}

/** By their names. Refuses what is said of columns that the file does not have, and formats that are not known. */
export function statedColumns(
  names: readonly string[],
  columns: readonly StatedColumn[],
): ReadonlyMap<string, StatedColumn> {
  const known = new Set(names);
  const faults = [
    ...columns.filter(({ name }) => !known.has(name)).map(absent(names)),
    ...columns.flatMap((column) => unknownFormat(column) ?? []),
  ];
  if (faults.length > 0)
    throw new RefusedFile(faults.slice(0, FINDINGS_LISTED_MAX).map((fault) => ({ ...fault, count: faults.length })));
  return new Map(columns.map((column) => [column.name, column]));
}

const absent =
  (names: readonly string[]) =>
  ({ name, type }: StatedColumn): Finding =>
    refusal('COLUMN_MISMATCH', {
      column: name,
      message: `The file has no column ${shown(name)}, which was said to be ${type}.`,
      fix: `Name columns as the file does. ${didYouMean(name, names)}`,
    });

/** Formats that were known when they were said may have other names in a later release. */
function unknownFormat({ name, type, format }: StatedColumn): Finding | null {
  const fault = format ? formatFault(type, format) : null;
  if (!fault) return null;
  return refusal('COLUMN_MISMATCH', {
    column: name,
    message: `${shown(name)}: the format ${fault.what}.`,
    fix: fault.hint,
  });
}

/** Why a name is no format of a type, with the nearest ones that are; null where it is one. */
export function formatFault(type: ColumnType, format: string): { what: string; hint: string } | null {
  const known = formatNames(type);
  if (known.length === 0) return { what: `is said of ${type}, which has none`, hint: 'Leave it out.' };
  if (formatsNamed(format, type).length > 0) return null;
  const what = `${shown(format)} is none of ${type}`;
  return { what, hint: didYouMean(format.replace(AFFIXES, ''), known) };
}

const AFFIXES = /(?:, [^,]{0,80} (?:before|behind) it)*(?:, [\p{L}-]+ digits)?$/u;
