import {
  formatSql,
  matchesSql,
  SHORT_NAMED,
  SHORT_YEAR_FORMATS,
  typeOfKind,
  type ColumnType,
  type Format,
} from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, shown, warning, type Finding, type FindingCode } from '../finding';
import type { RawColumn } from '../columns/infer';
import { RAW_TABLE } from '../raw';
import { ODD_SHARE } from '../columns/readings';
import { isPresentSql, NO_TALLY } from '../profile/tally';

/** Rows that are looked at before all are. */
const SAMPLE_ROWS = 1_000;
/** A column looks so when this share of its texts does. */
const NEARLY_ALL = 0.9;

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
    pattern: `(?:${SHORT_YEARS}|${SHORT_NAMED})(?:[ ,t:]+${PART}[:.][0-9]{2}.*)?`,
    code: 'TIME_FORMAT',
    what: 'look like dates with a year of two digits, of which nothing says the century',
    formats: SHORT_YEAR_FORMATS,
    fix: 'Years 69 to 99 are then those of the last century, 00 to 68 of this one. Or write years with four digits, best as 2024-05-17.',
  },
];

/** Says of a column of texts, of which no format reads any, what nearly all of them look like. */
export async function textLook(duck: Duck, { index, name }: RawColumn): Promise<Finding | null> {
  const c = `c${index}`;
  for (const look of TEXT_LOOKS) {
    const some = await seenOf(duck, c, look, `${RAW_TABLE} LIMIT ${SAMPLE_ROWS}`);
    if (!isAlike(some)) continue;
    const all = await seenOf(duck, c, look, RAW_TABLE);
    if (isAlike(all)) return told(duck, { c, name, look, seen: all });
  }
  return null;
}

/** The texts that look so, and the others. */
interface Seen {
  count: number;
  row: number;
  cell: string;
  others: number;
  otherRow: number | null;
  other: string | null;
}

const isAlike = ({ count, others }: Seen): boolean => count > 0 && count >= NEARLY_ALL * (count + others);

const seenOf = (duck: Duck, c: string, look: TextLook, source: string): Promise<Seen> =>
  duck.one<Seen>(
    `SELECT count_if(alike) AS count, min(place) FILTER (alike) + 1 AS row, arg_min(v, place) FILTER (alike) AS cell,
       count_if(NOT alike) AS others, min(place) FILTER (NOT alike) + 1 AS "otherRow", arg_min(v, place) FILTER (NOT alike) AS other
     FROM (SELECT ${c} AS v, place, ${matchesSql(look, c)} AS alike FROM (SELECT ${c}, rowid AS place FROM ${source}) WHERE ${isPresentSql(c)})`,
  );

interface Look {
  c: string;
  name: string;
  look: TextLook;
  seen: Seen;
}

async function told(duck: Duck, { c, name, look, seen }: Look): Promise<Finding | null> {
  const { names, type } = await sayable(duck, c, look);
  if (names.length === 0) return null;
  const { others, otherRow, other } = seen;
  const but = other === null ? '' : ` (but for ${counted(others, 'value')} such as ${shown(other)} in row ${otherRow})`;
  const [likely, ...alternatives] = names.map(shown);
  const either = alternatives.length > 0 ? ` (or ${alternatives.join(', ')})` : '';
  return warning(look.code, {
    ...{ column: name, row: seen.row, count: seen.count },
    readings: names.map((format) => ({ type, format })),
    message: `${shown(name)}: ${counted(seen.count, 'value')} such as ${shown(seen.cell)} in row ${seen.row}${but} ${look.what}; the column is kept as text.`,
    fix: `Say how they are written, on upload or with \`reingest\` of this file: columns: [{ name: ${shown(name)}, type: ${type}, format: ${likely} }]${either}. ${look.fix}`,
  });
}

/** The names of the formats that read all but a few texts of such a look. */
async function sayable(duck: Duck, c: string, look: TextLook): Promise<{ names: string[]; type: ColumnType }> {
  const { formats } = look;
  const unread = formats.map((format) => `CAST(count_if(${formatSql(format, dateSql(c))} IS NULL) AS DOUBLE)`);
  const { counts, clocks, total } = await duck.one<{ counts: number[]; clocks: boolean; total: number }>(
    `SELECT [${unread.join(', ')}] AS counts, bool_or(${dateSql(c)} <> ${c}) AS clocks, count(*) AS total FROM ${RAW_TABLE} WHERE ${isPresentSql(c)} AND ${matchesSql(look, c)}`,
  );
  const names = [...new Set(formats.filter((_, at) => counts[at] <= ODD_SHARE * total).map(({ name }) => name))];
  return { names, type: typeOfKind(clocks ? 'time' : 'date', NO_TALLY) };
}

/** A text without the time of day that may stand behind its date. */
const dateSql = (c: string): string => `regexp_replace(${c}, '(?i:[ ,]+|t|:)${PART}[:.][0-9]{2}.*$', '')`;
