import type { Duck } from '../duck';
import { counted, info, shown, warning, type Finding } from './finding';
import { RAW_TABLE } from './raw';

/** A decimal comma, perhaps with points between thousands, as most of Europe writes numbers. */
const DECIMAL_COMMA = '[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+),[0-9]+';
/** Commas between thousands, as English writes them. */
const THOUSANDS_COMMA = '[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?';
/** Both at once: "1,234" may be one or one thousand. */
const EITHER = '[+-]?[1-9][0-9]{0,2},[0-9]{3}';

const is = (pattern: string): string => `regexp_full_match(v, '${pattern}')`;

export interface CommaNumbers {
  finding: Finding;
  /** Over the raw table: the numbers; null when it is not sure how they are meant, so that they stay text. */
  expression: string | null;
}

/**
 * What a text column is whose values are all numbers, some of them written with a comma; null for any other. `plain`
 * says how many values are no text: numbers, infinities and marks for missing ones.
 */
export async function readCommaNumbers(
  duck: Duck,
  { index, name }: { index: number; name: string },
  { present, plain }: { present: number; plain: number },
): Promise<CommaNumbers | null> {
  if (plain === present) return null;
  const column = `c${index}`;
  const comma = `(${is(DECIMAL_COMMA)} OR ${is(THOUSANDS_COMMA)})`;
  const found = await duck.one<{ commas: number; unsure: number; sure: number; first: number; example: string }>(
    `SELECT count_if(${comma}) AS commas, count_if(${is(DECIMAL_COMMA)} AND NOT ${is(EITHER)}) AS sure,
       count_if(${comma} AND NOT ${is(DECIMAL_COMMA)} OR contains(v, '.') AND TRY_CAST(v AS DOUBLE) IS NOT NULL) AS unsure,
       min(row) FILTER (WHERE ${comma}) AS first, arg_min(v, row) FILTER (WHERE ${comma}) AS example
     FROM (SELECT ${column} AS v, rowid + 1 AS row FROM ${RAW_TABLE})`,
  );
  const { commas, unsure, sure, first, example } = found;
  if (commas === 0 || plain + commas < present) return null;
  const at = { column: name, row: first, count: commas };
  const what = `${shown(name)}: ${counted(commas, 'number')} with a comma, such as ${shown(example)} in row ${first},`;
  if (unsure > 0 || sure === 0) {
    const message = `${what} may have decimals or thousands behind it, so the column is kept as text.`;
    const fix = 'Write a decimal point, and nothing between thousands; then send the file as a new version.';
    return { finding: warning('COMMA_NUMBERS', { ...at, message, fix }), expression: null };
  }
  const finding = info('COMMA_NUMBERS', {
    ...at,
    message: `${what} read as decimals.`,
    fix: 'Nothing to do. In `predict`, send plain JSON numbers.',
  });
  const point = `replace(replace(${column}, '.', ''), ',', '.')`;
  return { finding, expression: `CASE WHEN contains(${column}, ',') THEN ${point} ELSE ${column} END` };
}
