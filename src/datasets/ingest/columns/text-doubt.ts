import {
  amountSql,
  currenciesOf,
  formatSql,
  looksLikeTimes,
  looksLikeTimeSql,
  unknownUnit,
  valueText,
  type Format,
  type SampledText,
} from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, info, shown, warning, type Finding } from '../finding';
import type { RawColumn } from './infer';
import { RAW_TABLE } from '../raw';
import { isPresentSql } from '../profile/tally';

/** What texts in no form that is known may be all the same: numbers with a strange unit, or dates. They are kept as text. */
export async function textDoubt(
  duck: Duck,
  column: RawColumn,
  sample: readonly SampledText[],
): Promise<Finding | null> {
  const format = unknownUnit(sample);
  if (format) return strangeNumbers(duck, column, format);
  return looksLikeTimes(sample) ? strangeTimes(duck, column) : null;
}

async function strangeNumbers(duck: Duck, { index, name }: RawColumn, format: Format): Promise<Finding> {
  const { count, row, cell } = await firstOf(duck, `c${index}`, `${formatSql(format, `c${index}`)} IS NOT NULL`);
  const say = `columns: [{ name: ${shown(name)}, type: NUMBER, format: ${shown(format.name)} }]`;
  return info('NUMBER_FORMAT', {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row} may be numbers (${format.name}; this one ${valueText('NUMBER', format, cell)}), but what stands around them is no unit that is known, so the column is text.`,
    readings: [{ type: 'NUMBER', format: format.name }],
    fix: `Nothing to do when these are names. If they are quantities, say so on upload, or with \`reingest\` of this file: ${say}.`,
  });
}

interface First {
  count: number;
  row: number;
  cell: string;
}

/** Amounts in several currencies are no numbers of one scale. */
export async function currencyDoubt(
  duck: Duck,
  { index, name }: RawColumn,
  sample: readonly SampledText[],
): Promise<Finding | null> {
  const c = `c${index}`;
  const [most, ...others] = currenciesOf(sample);
  if (others.length === 0) return null;
  const { count, row, cell } = await firstOf(duck, c, amountSql(c, others));
  const found = [most, ...others].map(shown);
  const named = found.slice(0, CURRENCIES_NAMED).join(', ') + (found.length > CURRENCIES_NAMED ? ', …' : '');
  return warning('NUMBER_FORMAT', {
    ...{ column: name, row, count },
    message: `${shown(name)} holds amounts in ${found.length} currencies (${named}), so the column is kept as text; ${counted(count, 'value')} such as ${shown(cell)} in row ${row} ${count === 1 ? 'is' : 'are'} not in ${shown(most)}.`,
    fix: 'Write all amounts in one currency, or the currency in a column of its own, and send the file as a new version.',
  });
}

const CURRENCIES_NAMED = 5;

async function strangeTimes(duck: Duck, { index, name }: RawColumn): Promise<Finding> {
  const { count, row, cell } = await firstOf(duck, `c${index}`, looksLikeTimeSql(`c${index}`));
  return info('TIME_FORMAT', {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row} may be dates or times, but in no form that is known, so the column is text.`,
    fix: 'Nothing to do when these are names. If they are times, write them as 2024-05-17 or 2024-05-17T10:20:00Z, or in parts, and send a new version.',
  });
}

const firstOf = (duck: Duck, c: string, is: string): Promise<First> =>
  duck.one(
    `SELECT count(*) AS count, min(rowid) + 1 AS row, arg_min(${c}, rowid) AS cell FROM ${RAW_TABLE}
     WHERE ${isPresentSql(c)} AND ${is}`,
  );
