import { matchesSql } from '../../formats';
import type { Duck } from '../duck';
import { info, shown, type Finding, type FindingCode } from './finding';
import type { RawColumn } from './infer';
import { RAW_TABLE } from './raw';
import { isPresentSql } from './tally';

/** Rows that are looked at. */
const SAMPLE_ROWS = 1_000;

/** What all texts of a column may look like that is known and not read: what they are leaves a doubt. */
interface TextLook {
  pattern: string;
  code: FindingCode;
  /** Behind "values such as …". */
  what: string;
  fix: string;
}

const PART = '[0-9]{1,2}';
const SHORT_YEARS = ['/', '.', '-'].map((sign) => `${PART}[${sign}]${PART}[${sign}][0-9]{2}`).join('|');

const TEXT_LOOKS: readonly TextLook[] = [
  {
    pattern: `(?:${SHORT_YEARS})(?:[ ,t]+${PART}:[0-9]{2}.*)?`,
    code: 'TIME_FORMAT',
    what: 'look like dates with a year of two digits, of which nothing says the century',
    fix: 'If they are dates, write years with four digits, best as 2024-05-17, and send the file as a new version.',
  },
  {
    pattern: '="[^"]*"',
    code: 'TEXT_KEPT',
    what: 'are formulas of a spreadsheet around texts',
    fix: 'Export values in place of formulas, or remove =" and " around them, and send the file as a new version.',
  },
];

/** Says of a column of texts, of which no format reads any, what all of them look like. */
export async function textLook(duck: Duck, { index, name }: RawColumn): Promise<Finding | null> {
  const c = `c${index}`;
  const others = TEXT_LOOKS.map((look) => `CAST(count_if(NOT ${matchesSql(look, c)}) AS DOUBLE)`);
  const seen = await duck.one<{ others: number[]; row: number | null; cell: string }>(
    `SELECT [${others.join(', ')}] AS others, min(place) + 1 AS row, arg_min(${c}, place) AS cell
     FROM (SELECT ${c}, rowid AS place FROM ${RAW_TABLE} LIMIT ${SAMPLE_ROWS}) WHERE ${isPresentSql(c)}`,
  );
  const look = seen.row !== null && TEXT_LOOKS.find((_, at) => seen.others[at] === 0);
  if (!look) return null;
  return info(look.code, {
    ...{ column: name, row: seen.row },
    message: `${shown(name)}: values such as ${shown(seen.cell)} in row ${seen.row} ${look.what}; the column is kept as text.`,
    fix: look.fix,
  });
}
