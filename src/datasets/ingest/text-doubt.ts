import { formatSql, looksLikeTimes, looksLikeTimeSql, unknownUnit, type Format } from '../../formats';
import type { Duck } from '../duck';
import { counted, info, shown, type Finding } from './finding';
import type { RawColumn } from './infer';
import { RAW_TABLE } from './raw';
import { sampleOf } from './readings';
import { isPresentSql } from './tally';

/** What texts in no form that is known may be all the same: numbers with a strange unit, or dates. They are kept as text. */
export async function textDoubt(duck: Duck, column: RawColumn): Promise<Finding | null> {
  const sample = await sampleOf(duck, `c${column.index}`);
  const format = unknownUnit(sample);
  if (format) return strangeNumbers(duck, column, format);
  return looksLikeTimes(sample) ? strangeTimes(duck, column) : null;
}

async function strangeNumbers(duck: Duck, { index, name }: RawColumn, format: Format): Promise<Finding> {
  const { count, row, cell } = await firstOf(duck, `c${index}`, `${formatSql(format, `c${index}`)} IS NOT NULL`);
  const say = `columns: [{ name: ${shown(name)}, type: NUMBER, format: ${shown(format.name)} }]`;
  return info('NUMBER_FORMAT', {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row} may be numbers (${format.name}), but what stands around them is no unit that is known, so the column is text.`,
    readings: [{ type: 'NUMBER', format: format.name }],
    fix: `Nothing to do when these are names. If they are quantities, say so on upload, or with \`reingest\` of this file: ${say}.`,
  });
}

async function strangeTimes(duck: Duck, { index, name }: RawColumn): Promise<Finding> {
  const { count, row, cell } = await firstOf(duck, `c${index}`, looksLikeTimeSql(`c${index}`));
  return info('TIME_FORMAT', {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row} may be dates or times, but in no form that is known, so the column is text.`,
    fix: 'Nothing to do when these are names. If they are times, write them as 2024-05-17 or 2024-05-17T10:20:00Z, or in parts, and send a new version.',
  });
}

const firstOf = (duck: Duck, c: string, is: string): Promise<{ count: number; row: number; cell: string }> =>
  duck.one(
    `SELECT count(*) AS count, min(rowid) + 1 AS row, arg_min(${c}, rowid) AS cell FROM ${RAW_TABLE}
     WHERE ${isPresentSql(c)} AND ${is}`,
  );
