import type { Duck } from '../../tables/duck';
import { counted, shown, warning, type Finding } from '../finding';
import { DATA_TABLE } from '../profile/profile';
import { RAW_TABLE } from '../raw';

/** How the last line of a report begins, in lower case; a colon may follow. */
const TOTALS = [
  ...['total', 'totals', 'grand total', 'subtotal', 'sum', 'average', 'mean', 'all'],
  ...['summe', 'gesamt', 'gesamtsumme', 'gesamtergebnis', 'insgesamt', 'durchschnitt', 'mittelwert'],
  ...['total g\u00e9n\u00e9ral', 'somme', 'moyenne', 'suma', 'promedio', 'media', 'totale', 'totaal', 'totalt'],
  ...[
    '\u5408\u8ba1',
    '\u603b\u8ba1',
    '\u5408\u8a08',
    '\u7dcf\u8a08',
    '\ud569\uacc4',
    '\u0438\u0442\u043e\u0433\u043e',
    '\u0915\u0941\u0932',
  ],
];
/** How notes below a table begin. */
const NOTE =
  /^(?:sources?|notes?|remarks?|quellen?|anmerkung(?:en)?|hinweis|fuentes?|notas?|remarques?|\u6ce8|\u8cc7\u6599\u4f86\u6e90|\u6765\u6e90|\u51fa\u5178)\s*[:\uff1a]|^(?:\*+|\u00a9)\s*\p{L}|^(?:generated|exported|created|downloaded) (?:on|at|by|from|with)\b/iu;
/** A last row that carries no data of the table, as far as that can be told. It is left in, so that rows keep their numbers. */
export async function strayRows(duck: Duck, names: string[], rowCount: number): Promise<Finding[]> {
  if (names.length < 2) return [];
  const last = await cellsOf(duck, names, rowCount - 1);
  const at = last.findIndex((cell) => cell !== null && isTotal(cell));
  if (at >= 0 && (await isOnce(duck, at, last[at]))) return [stray(rowCount, 'a total', last)];
  return isNote(last) ? [stray(rowCount, 'a note below the table', last)] : [];
}

/** What has told already that rows hold nothing. */
const TOLD: Finding['code'][] = ['STRAY_ROW', 'REPEATED_HEADER'];

/** Rows of the typed table of which no value is known, but for one that has been named as what it is. */
export async function rowsWithoutValue(duck: Duck, names: string[], findings: Finding[]): Promise<Finding[]> {
  if (names.length < 2) return [];
  const { count, first } = await duck.one<{ count: number; first: number | null }>(
    `SELECT count(*) AS count, min(rowid) + 1 AS first FROM ${DATA_TABLE} WHERE ${names.map((_, at) => `c${at} IS NULL`).join(' AND ')}`,
  );
  if (first === null) return [];
  const isTold = (finding: Finding) =>
    TOLD.includes(finding.code) && finding.row === first && (finding.count ?? 1) === count;
  if (findings.some(isTold)) return [];
  const hold = count === 1 ? 'holds' : 'hold';
  const finding = warning('STRAY_ROW', {
    row: first,
    count,
    message: `${counted(count, 'row')} ${hold} no value in any column; the first is row ${first}.`,
    fix: 'Remove them, and send the file as a new version: spreadsheets write them below a table, or between its parts.',
  });
  return [finding];
}

async function cellsOf(duck: Duck, names: string[], rowid: number): Promise<(string | null)[]> {
  const { cells } = await duck.one<{ cells: (string | null)[] }>(
    `SELECT [${names.map((_, at) => `CAST(c${at} AS VARCHAR)`).join(', ')}] AS cells FROM ${RAW_TABLE} WHERE rowid = ${rowid}`,
  );
  return cells;
}

/** A label of many rows is no total of them. */
async function isOnce(duck: Duck, at: number, cell: string | null): Promise<boolean> {
  const { count } = await duck.one<{ count: number }>(
    `SELECT count(*) AS count FROM ${RAW_TABLE} WHERE CAST(c${at} AS VARCHAR) = $1`,
    [cell],
  );
  return count === 1;
}

const isTotal = (cell: string): boolean => TOTALS.includes(cell.toLowerCase().replace(/\s*[:\uff1a]$/, ''));

const isNote = ([first, ...others]: (string | null)[]): boolean =>
  first !== null && others.every((cell) => cell === null) && NOTE.test(first);

const stray = (row: number, what: string, cells: (string | null)[]): Finding =>
  warning('STRAY_ROW', {
    row,
    count: 1,
    message: `Row ${row}, the last, looks like ${what} (${cells
      .filter((cell) => cell !== null)
      .slice(0, 3)
      .map(shown)
      .join(', ')}).`,
    fix: 'If it is no row of the table, remove it, and send the file as a new version.',
  });
