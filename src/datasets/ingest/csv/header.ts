import { normalText } from '../../../formats';
import type { Duck } from '../../tables/duck';
import {
  counted,
  refusal,
  refuse,
  RefusedFile,
  shown,
  warning,
  info,
  type Finding,
  FINDINGS_LISTED_MAX,
} from '../finding';
import { RAW_TABLE } from '../raw';

export const COLUMNS_MAX = 2_000;

/**
 * Trims column names, in Unicode's composed form, and refuses names that cannot be told apart; positions count from 1. A name
 * may be missing: whether its column carries anything is known once it has been read (leaveOutUnnamed).
 */
export function checkHeader(raw: string[], findings: Finding[]): string[] {
  if (raw.length > COLUMNS_MAX) throw tooManyColumns(raw.length);
  const names = raw.map(normalText);
  if (names.every((name) => name === '')) {
    refuse('EMPTY_HEADER', {
      message: `The first row holds no column name: ${names.length === 1 ? 'it is' : `all ${counted(names.length, 'field')} are`} blank.`,
      fix: 'Put a row of column names at the top, and remove what stands above it.',
      count: names.length,
    });
  }
  const faults = duplicateNames(names);
  if (faults.length > 0) throw new RefusedFile(faults.slice(0, FINDINGS_LISTED_MAX));
  findings.push(...trimmed(names.filter((name, index) => name !== '' && name !== raw[index])));
  if (names.every((name) => Number.isFinite(Number(name)))) findings.push(numericHeader(names));
  return names;
}

/**
 * Drops the columns of the raw table that have neither a name nor a value, as a delimiter at the end of every row leaves
 * one, and refuses those that have values. Gives the names that are left.
 */
export async function leaveOutUnnamed(duck: Duck, names: string[], findings: Finding[]): Promise<string[]> {
  const unnamed = names.flatMap((name, index) => (name === '' ? [index] : []));
  if (unnamed.length === 0) return names;
  const firsts = await duck.one<{ rows: (number | null)[] }>(
    `SELECT [${unnamed.map((at) => `CAST(min(rowid) FILTER (c${at} IS NOT NULL) + 1 AS DOUBLE)`).join(', ')}] AS rows FROM ${RAW_TABLE}`,
  );
  const filled = unnamed.flatMap((at, i) => (firsts.rows[i] === null ? [] : [{ at, row: firsts.rows[i] }]));
  if (filled.length > 0) throw nameless(filled, names.length);
  findings.push(unnamedColumns(unnamed, names.length));
  for (const at of unnamed) await duck.run(`ALTER TABLE ${RAW_TABLE} DROP COLUMN c${at}`);
  const kept = names.flatMap((name, index) => (name === '' ? [] : [index]));
  for (const [to, from] of kept.entries()) {
    if (from !== to) await duck.run(`ALTER TABLE ${RAW_TABLE} RENAME COLUMN c${from} TO c${to}`);
  }
  return kept.map((index) => names[index]);
}

export const tooManyColumns = (count: number): RefusedFile =>
  new RefusedFile([
    refusal('TOO_MANY_COLUMNS', {
      message: `The file has ${counted(count, 'column')}; at most ${COLUMNS_MAX.toLocaleString('en-US')} are accepted.`,
      fix: 'Leave out columns that no model needs. If the file is one long row, check its line ends.',
      count,
    }),
  ]);

/**
 * Rows that hold the names of the columns. They are left in, so that rows keep their numbers, without their cells. In a
 * table of one column, such a row may be a value.
 */
export async function repeatedHeader(duck: Duck, names: string[]): Promise<Finding[]> {
  const isHeader = names.map((_, index) => `c${index} = $${index + 1}`).join(' AND ');
  const { count, first } = await duck.one<{ count: number; first: number | null }>(
    `SELECT count(*) AS count, min(rowid) + 1 AS first FROM ${RAW_TABLE} WHERE ${isHeader}`,
    names,
  );
  if (first === null) return [];
  const isMissing = names.length > 1;
  const cleared = names.map((_, index) => `c${index} = NULL`).join(', ');
  if (isMissing) await duck.run(`UPDATE ${RAW_TABLE} SET ${cleared} WHERE ${isHeader}`, names);
  const effect = isMissing ? '; their cells are missing' : '';
  const finding = warning('REPEATED_HEADER', {
    row: first,
    count,
    message: `${counted(count, 'row')} repeat${count === 1 ? 's' : ''} the header; the first is row ${first}${effect}.`,
    fix: 'Remove them: they turn up where files with headers are joined. Then send the file as a new version.',
  });
  return [finding];
}

const LISTED_MAX = 5;

function listed(positions: number[]): string {
  const shownOnes = positions.slice(0, LISTED_MAX).map((at) => at + 1);
  const noun = positions.length === 1 ? 'Column' : 'Columns';
  return `${noun} ${shownOnes.join(', ')}${positions.length > LISTED_MAX ? ` and ${positions.length - LISTED_MAX} more` : ''}`;
}

function nameless(columns: { at: number; row: number }[], count: number): RefusedFile {
  const is = columns.length === 1 ? 'has no name, but a value' : 'have no name, but values';
  const finding = refusal('EMPTY_HEADER', {
    row: columns[0].row,
    message: `${listed(columns.map(({ at }) => at))} of ${count} ${is} in row ${columns[0].row}.`,
    fix: 'Name the column (in JSON: its key, which is ""), or remove it. From pandas, write with index=False.',
    count: columns.length,
  });
  return new RefusedFile([finding]);
}

export const unnamedColumns = (positions: number[], count: number): Finding =>
  info('UNNAMED_COLUMN', {
    message: `${listed(positions)} of ${count} ${positions.length === 1 ? 'has' : 'have'} neither a name nor a value and ${positions.length === 1 ? 'is' : 'are'} left out.`,
    fix: 'Nothing to do. In CSV, a delimiter at the end of every row leaves such a column.',
    count: positions.length,
  });

function duplicateNames(names: string[]): Finding[] {
  const positions = new Map<string, number[]>();
  names.forEach((name, index) => {
    if (name !== '') positions.set(name, [...(positions.get(name) ?? []), index + 1]);
  });
  return [...positions]
    .filter(([, at]) => at.length > 1)
    .map(([name, at]) =>
      refusal('DUPLICATE_HEADER', {
        column: name,
        message: `The name ${shown(name)} stands at columns ${at.join(' and ')}.`,
        fix: 'Give every column a name of its own.',
        count: at.length,
      }),
    );
}

const trimmed = (names: string[]): Finding[] =>
  names.length === 0
    ? []
    : [
        info('HEADER_TRIMMED', {
          column: names[0],
          message: `Blanks or invisible characters around ${counted(names.length, 'column name')} were removed: ${names.slice(0, LISTED_MAX).map(shown).join(', ')}${names.length > LISTED_MAX ? ' …' : ''}.`,
          fix:
            names.length === 1
              ? 'Nothing to do; use the name without them.'
              : 'Nothing to do; use the names without them.',
          count: names.length,
        }),
      ];

const numericHeader = (names: string[]): Finding =>
  warning('HEADER_NUMERIC', {
    message: `Every column name is a number (${names.slice(0, 3).map(shown).join(', ')} …): the first row may be data.`,
    fix: 'If so, put a row of column names at the top and send the file as a new version.',
    count: names.length,
  });
