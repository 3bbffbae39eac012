import { BOOLEAN_FORMATS, type Format, formatSql, ISO_TIME, isMissingWordSql, PLAIN_NUMBER } from '../../formats';
import type { Duck } from '../duck';
import { counted, refusal, refuse, RefusedFile, shown, warning, type Finding } from './finding';
import type { ColumnType, RawColumn, TypedColumn } from './infer';
import { RAW_TABLE } from './raw';
import { remarksOn } from './remarks';

/** Recognised as it was said. Whole numbers are numbers; of text that was asked for nothing is remarked. */
export const fitsAsSaid = ({ type: found }: TypedColumn, type: ColumnType): boolean =>
  type !== 'TEXT' && (found === type || (found === 'INTEGER' && type === 'NUMBER'));

/** How texts of a type are read that is said of a column and not recognised; null for text, which is kept as it is. */
const FORMATS: Record<ColumnType, Format | null> = {
  ...{ TEXT: null, NUMBER: PLAIN_NUMBER, INTEGER: PLAIN_NUMBER },
  ...{ BOOLEAN: BOOLEAN_FORMATS[0], TIMESTAMP: ISO_TIME },
};

interface Said {
  column: RawColumn;
  inferred: TypedColumn;
  type: ColumnType;
}

/**
 * The column as its sender says it is: exactly that, or the file is refused with the first row that does not fit. Text is
 * kept as it was written; words that stand for missing values are missing in the other types.
 */
export async function readAsSaid(
  duck: Duck,
  { column, inferred, type }: Said,
): Promise<{ column: TypedColumn; findings: Finding[] }> {
  const { index, name, physical } = column;
  const c = `c${index}`;
  const format = FORMATS[type];
  if (physical !== 'VARCHAR') {
    if (!(physical === 'DOUBLE' && type === 'INTEGER')) throw ofAnotherType(inferred, type);
    await refuseMisfits(duck, { column, type, fits: wholeSql(c) });
    return { column: { ...inferred, type }, findings: [] };
  }
  if (!format) return { column: { index, name, type, expression: c, format }, findings: [] };
  const value = formatSql(format, c);
  await refuseMisfits(duck, { column, type, fits: type === 'INTEGER' ? wholeSql(value) : `${value} IS NOT NULL` });
  const read = { index, name, type, expression: value, format };
  const remarks = await remarksOn(duck, { column, type, reading: { format, odd: 0, first: null } });
  return { column: read, findings: [...remarks, ...digitsLost(column, type)] };
}

const wholeSql = (number: string): string => `(trunc(${number}) = ${number} AND abs(${number}) <= 9007199254740992)`;

interface Claim {
  column: RawColumn;
  type: ColumnType;
  /** Of a present value. */
  fits: string;
}

async function refuseMisfits(duck: Duck, { column: { index, name }, type, fits }: Claim): Promise<void> {
  const text = `CAST(c${index} AS VARCHAR)`;
  const misfit = `${text} IS NOT NULL AND NOT ${isMissingWordSql(text)} AND (${fits}) IS NOT TRUE`;
  const { count, at, value } = await duck.one<{ count: number; at: number | null; value: string }>(
    `SELECT count(*) AS count, min(rowid) + 1 AS at, arg_min(${text}, rowid) AS value FROM ${RAW_TABLE} WHERE ${misfit}`,
  );
  if (at === null) return;
  refuse('COLUMN_MISMATCH', {
    ...{ column: name, row: at, count },
    message: `${shown(name)} was said to be ${type}, but row ${at} holds ${shown(value)}; ${counted(count, 'value')} ${count === 1 ? 'does' : 'do'} not fit.`,
    fix: 'Correct the values, or say another type of the column.',
  });
}

const ofAnotherType = ({ name, type: found }: TypedColumn, type: ColumnType): RefusedFile =>
  new RefusedFile([
    refusal('COLUMN_MISMATCH', {
      column: name,
      message: `${shown(name)} was said to be ${type}, but the file itself holds it as ${found}.`,
      fix: 'Say its own type, or nothing, of a column that the file has typed.',
    }),
  ]);

/** Whoever asks for a number gets the nearest one, and is told. */
const digitsLost = ({ name, tally: { large } }: RawColumn, type: ColumnType): Finding[] =>
  type !== 'NUMBER' || large === 0
    ? []
    : [
        warning('LARGE_INTEGER', {
          column: name,
          count: large,
          message: `${shown(name)}: ${counted(large, 'whole number')} beyond 2^53 lose digits, as the column was said to be NUMBER.`,
          fix: 'Say TEXT where these are names.',
        }),
      ];
