import { formatSql, matchesSql, SHORT_YEAR_FORMATS, typeOfKind, type ColumnType, type Format } from '../../formats';
import type { Duck } from '../duck';
import { shown, warning, type Finding, type FindingCode } from './finding';
import type { RawColumn } from './infer';
import { RAW_TABLE } from './raw';
import { isPresentSql, NO_TALLY } from './tally';

/** Rows that are looked at. */
const SAMPLE_ROWS = 1_000;

/** What all texts of a column may look like that is known and not read: what they are leaves a doubt. */
interface TextLook {
  pattern: string;
  code: FindingCode;
  /** Behind "values such as …". */
  what: string;
  /** In which of these they may be written is for the sender to say. */
  formats: readonly Format[];
  fix: string;
}

const PART = '[0-9]{1,2}';
const PARTS = { '/': PART, '.': PART, '-': '[0-9]{2}' };
/** With hyphens and single digits they are codes more often. */
const SHORT_YEARS = Object.entries(PARTS)
  .map(([sign, part]) => `${part}[${sign}]${part}[${sign}][0-9]{2}`)
  .join('|');

const TEXT_LOOKS: readonly TextLook[] = [
  {
    pattern: `(?:${SHORT_YEARS})(?:[ ,t]+${PART}:[0-9]{2}.*)?`,
    code: 'TIME_FORMAT',
    what: 'look like dates with a year of two digits, of which nothing says the century',
    formats: SHORT_YEAR_FORMATS,
    fix: 'Years 69 to 99 are then those of the last century, 00 to 68 of this one. Or write years with four digits, best as 2024-05-17.',
  },
];

/** Says of a column of texts, of which no format reads any, what all of them look like. */
export async function textLook(duck: Duck, { index, name }: RawColumn): Promise<Finding | null> {
  const c = `c${index}`;
  const unlike = TEXT_LOOKS.map((look) => `CAST(count_if(NOT ${matchesSql(look, c)}) AS DOUBLE)`);
  const seen = await duck.one<{ others: number[]; row: number | null; cell: string }>(
    `SELECT [${unlike.join(', ')}] AS others, min(place) + 1 AS row, arg_min(${c}, place) AS cell
     FROM (SELECT ${c}, rowid AS place FROM ${RAW_TABLE} LIMIT ${SAMPLE_ROWS}) WHERE ${isPresentSql(c)}`,
  );
  const look = seen.row !== null && TEXT_LOOKS.find((_, at) => seen.others[at] === 0);
  if (!look) return null;
  const { names, type } = await sayable(duck, c, look.formats);
  if (names.length === 0) return null;
  const [said, ...others] = names.map(shown);
  const either = others.length > 0 ? ` (or ${others.join(', ')})` : '';
  return warning(look.code, {
    ...{ column: name, row: seen.row },
    readings: names.map((format) => ({ type, format })),
    message: `${shown(name)}: values such as ${shown(seen.cell)} in row ${seen.row} ${look.what}; the column is kept as text.`,
    fix: `Say how they are written, on upload or with \`reingest\` of this file: columns: [{ name: ${shown(name)}, type: ${type}, format: ${said} }]${either}. ${look.fix}`,
  });
}

/** The names of the formats that read all of the texts that are looked at. */
async function sayable(
  duck: Duck,
  c: string,
  formats: readonly Format[],
): Promise<{ names: string[]; type: ColumnType }> {
  const unread = formats.map((format) => `CAST(count_if(${dateSql(format, c)} IS NULL) AS DOUBLE)`);
  const { counts, clocks } = await duck.one<{ counts: number[]; clocks: boolean }>(
    `SELECT [${unread.join(', ')}] AS counts, bool_or(contains(${c}, ':')) AS clocks FROM (SELECT ${c} FROM ${RAW_TABLE} LIMIT ${SAMPLE_ROWS}) WHERE ${isPresentSql(c)}`,
  );
  const names = [...new Set(formats.filter((_, at) => counts[at] === 0).map(({ name }) => name))];
  return { names, type: typeOfKind(clocks ? 'time' : 'date', NO_TALLY) };
}

/** A time of day may stand behind a date. */
const dateSql = (format: Format, c: string): string => formatSql(format, `regexp_extract(${c}, '^[0-9./-]+')`);
