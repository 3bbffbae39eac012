import { COLUMN_TYPES, maybeGarbledSql, REPLACEMENT, ungarbled } from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, shown, warning, type Finding } from '../finding';
import type { TypedColumn } from '../columns/infer';
import { DATA_TABLE } from './profile';

const EXAMPLES = 3;
/** Different texts that are looked at, as far as their head goes; of more, the rest is not counted. */
const TEXTS_MAX = 10_000;
const TEXT_LENGTH_MAX = 400;

interface Garbled {
  text: string;
  /** What it seems to have been; null where letters are lost. */
  before: string | null;
  count: number;
  row: number;
}

/** Texts of a column that were read in a wrong encoding before they were sent, and texts that have lost letters. */
export async function garbledTexts(duck: Duck, { index, name, type }: TypedColumn): Promise<Finding[]> {
  if (!COLUMN_TYPES[type].isText) return [];
  const c = `c${index}`;
  const rows = await duck.rows<{ text: string; count: number; row: number }>(
    `SELECT left(${c}, ${TEXT_LENGTH_MAX}) AS text, count(*) AS count, min(rowid) + 1 AS row FROM ${DATA_TABLE} WHERE ${maybeGarbledSql(c)}
     GROUP BY text ORDER BY row LIMIT ${TEXTS_MAX}`,
  );
  const found = rows.flatMap(({ text, ...place }) => {
    const before = ungarbled(text);
    const isLost = (before ?? text).includes(REPLACEMENT);
    return isLost || before !== null ? [{ text, before: isLost ? null : before, ...place }] : [];
  });
  const [lost, garbled] = [true, false].map((is) => found.filter(({ before }) => (before === null) === is));
  const isAll = rows.length < TEXTS_MAX;
  return [
    ...(garbled.length > 0 ? [wronglyRead(name, garbled, isAll)] : []),
    ...(lost.length > 0 ? [lostLetters(name, lost, isAll)] : []),
  ];
}

const WRITE_AGAIN =
  'Export the table again as UTF-8, and open it as UTF-8 wherever it passes; then send it as a new version.';

function wronglyRead(name: string, found: Garbled[], isAll: boolean): Finding {
  const examples = found
    .slice(0, EXAMPLES)
    .map(({ row, text, before }) => `row ${row} ${shown(text)}, probably ${shown(before ?? '')}`);
  return warning('GARBLED_TEXT', {
    ...placeOf(name, found),
    message: `${shown(name)}: ${quantityOf(found, isAll)} read in a wrong encoding before the file was sent: ${examples.join('; ')}.`,
    fix: WRITE_AGAIN,
  });
}

function lostLetters(name: string, found: Garbled[], isAll: boolean): Finding {
  const examples = found.slice(0, EXAMPLES).map(({ row, text }) => `row ${row} ${shown(text)}`);
  return warning('GARBLED_TEXT', {
    ...placeOf(name, found),
    message: `${shown(name)}: ${quantityOf(found, isAll)} written with U+FFFD in place of letters that were lost before the file was sent: ${examples.join('; ')}.`,
    fix: `The letters cannot be got back from this file. ${WRITE_AGAIN}`,
  });
}

const countOf = (found: Garbled[]): number => found.reduce((sum, { count }) => sum + count, 0);

const placeOf = (column: string, found: Garbled[]) => ({ column, row: found[0].row, count: countOf(found) });

function quantityOf(found: Garbled[], isAll: boolean): string {
  const count = countOf(found);
  return `${isAll ? '' : 'at least '}${counted(count, 'text')} ${count === 1 ? 'was' : 'were'}`;
}

/** The same of the names of columns. */
export function garbledNames(names: readonly string[]): Finding[] {
  const found = names.flatMap((name) => {
    const before = ungarbled(name);
    return before !== null || name.includes(REPLACEMENT) ? [{ name, before }] : [];
  });
  if (found.length === 0) return [];
  const examples = found
    .slice(0, EXAMPLES)
    .map(({ name, before }) => (before === null ? shown(name) : `${shown(name)}, probably ${shown(before)}`));
  return [
    warning('GARBLED_TEXT', {
      ...(found.length === 1 && { column: found[0].name }),
      count: found.length,
      message: `${counted(found.length, 'name')} of columns ${found.length === 1 ? 'was' : 'were'} read in a wrong encoding before the file was sent, or ${found.length === 1 ? 'has' : 'have'} lost letters: ${examples.join('; ')}.`,
      fix: WRITE_AGAIN,
    }),
  ];
}
