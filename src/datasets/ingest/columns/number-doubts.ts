import { type Format, formatSql, SAID_DATE_FORMATS, valueText } from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, info, shown, type Finding } from '../finding';
import type { RawColumn } from './infer';
import { RAW_TABLE } from '../raw';
import { isPresentSql } from '../profile/tally';

/** Rows that are looked at before all are. */
const SAMPLE_ROWS = 20_000;
/** Codes have few values; measurements have many, and nobody minds how they are spelt. */
export const CODES_MAX = 200;
const EXAMPLES = 3;
/** Days as 20240517, months as 202405. */
const UNSIGNED = SAID_DATE_FORMATS.slice(0, 2);
/** Of this century or the last one. */
const CENTURY = `'(19|20)[0-9]+'`;

/** What numbers as programs write them may be as well: dates, or codes. They are read as numbers all the same. */
export async function numberDoubts(duck: Duck, column: RawColumn): Promise<Finding[]> {
  const { fractions, huge } = column.tally;
  const dates = fractions === 0 && huge === 0 ? await unsignedDates(duck, column) : null;
  if (dates) return [dates];
  // What is loaded as numbers has many, or one spelling of each.
  return column.loaded || isOfNumbers(column.physical) ? [] : spellings(duck, column);
}

const isOfNumbers = (physical: string): boolean => physical === 'DOUBLE';

async function unsignedDates(duck: Duck, column: RawColumn): Promise<Finding | null> {
  for (const format of UNSIGNED) {
    const found = await unsignedDatesOf(duck, column, format);
    if (found) return found;
  }
  return null;
}

async function unsignedDatesOf(
  duck: Duck,
  { index, name: column, loaded, physical }: RawColumn,
  format: Format,
): Promise<Finding | null> {
  const c = loaded || isOfNumbers(physical) ? `CAST(TRY_CAST(c${index} AS BIGINT) AS VARCHAR)` : `c${index}`;
  const others = `count_if(NOT (regexp_full_match(${c}, ${CENTURY}) AND ${formatSql(format, c)} IS NOT NULL))`;
  const look = (source: string) =>
    duck.one<{ others: number; count: number; row: number; cell: string }>(
      `SELECT ${others} AS others, count(*) AS count, min(rowid) + 1 AS row, arg_min(${c}, rowid) AS cell
       FROM (SELECT c${index}, rowid FROM ${source}) WHERE ${isPresentSql(c)}`,
    );
  const first = await look(`${RAW_TABLE} LIMIT 1000`);
  if (first.others > 0) return null;
  const { others: odd, count, row, cell } = await look(RAW_TABLE);
  if (odd > 0 || count === 0) return null;
  return info('TIME_FORMAT', {
    ...{ column, row, count },
    message: `${shown(column)}: ${counted(count, 'value')} such as ${cell} in row ${row} may be read in two ways (whole numbers; ${format.name}), as ${cell} or ${valueText('DATE', format, cell)}; they were read as numbers.`,
    fix: `If they are dates, say so on upload, or with \`reingest\` of this file: columns: [{ name: ${shown(column)}, type: DATE, format: ${shown(format.name)} }].`,
    readings: [{ type: 'DATE', format: format.name }],
  });
}

/** Codes such as 1.1 and 1.10, which are one number. */
async function spellings(duck: Duck, { index, name }: RawColumn): Promise<Finding[]> {
  const c = `c${index}`;
  const cells = (source: string) =>
    `(SELECT ${c} AS v, TRY_CAST(${c} AS DOUBLE) AS d, rowid AS place FROM ${source}) WHERE isfinite(d)`;
  const sample = await duck.one<{ numbers: number }>(
    `SELECT count(DISTINCT d) AS numbers FROM ${cells(`${RAW_TABLE} LIMIT ${SAMPLE_ROWS}`)}`,
  );
  if (sample.numbers > CODES_MAX) return [];
  const groups = await duck.rows<{ texts: string[]; d: number; row: number; total: number }>(
    `WITH spelt AS MATERIALIZED (SELECT v, d, min(place) AS place FROM ${cells(RAW_TABLE)} GROUP BY v, d)
     SELECT list_slice(list(v ORDER BY place), 1, 2) AS texts, d, list(place ORDER BY place)[2] + 1 AS row, count(*) OVER () AS total
     FROM spelt WHERE (SELECT count(DISTINCT d) FROM spelt) <= ${CODES_MAX}
     GROUP BY d HAVING count(*) > 1 ORDER BY row LIMIT ${EXAMPLES}`,
  );
  if (groups.length === 0) return [];
  const shownGroups = groups.map(({ texts: [first, second], d }) => `${shown(first)} and ${shown(second)} are ${d}`);
  const [{ row, total }] = groups;
  return [
    info('SIMILAR_VALUES', {
      ...{ column: name, row, count: total },
      message: `${shown(name)}: ${counted(total, 'number')} written in several ways, which count as one: ${shownGroups.join('; ')}.`,
      fix: `Nothing to do when these are quantities. If they are codes, such as versions, say TEXT in \`columns\`, on upload or with \`reingest\` of this file.`,
    }),
  ];
}
