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
} from './finding';

export const COLUMNS_MAX = 2_000;

/** Trims column names and refuses names that cannot be told apart; positions count from 1. */
export function checkHeader(raw: string[], findings: Finding[]): string[] {
  if (raw.length > COLUMNS_MAX) throw tooManyColumns(raw.length);
  const names = raw.map((name) => name.trim());
  if (names.every((name) => name === '')) {
    refuse('EMPTY_HEADER', {
      message: `The first row holds no column name: ${names.length === 1 ? 'it is' : `all ${counted(names.length, 'field')} are`} blank.`,
      fix: 'Put a row of column names at the top, and remove what stands above it.',
      count: names.length,
    });
  }
  const faults = [...emptyNames(names), ...duplicateNames(names)];
  if (faults.length > 0) throw new RefusedFile(faults.slice(0, FINDINGS_LISTED_MAX));
  names.forEach((name, index) => {
    if (name !== raw[index]) findings.push(trimmed(name));
  });
  if (names.every((name) => Number.isFinite(Number(name)))) findings.push(numericHeader(names));
  return names;
}

export const tooManyColumns = (count: number): RefusedFile =>
  new RefusedFile([
    refusal('TOO_MANY_COLUMNS', {
      message: `The file has ${counted(count, 'column')}; at most ${COLUMNS_MAX.toLocaleString('en-US')} are accepted.`,
      fix: 'Leave out columns that no model needs. If the file is one long row, check its line ends.',
      count,
    }),
  ]);

function emptyNames(names: string[]): Finding[] {
  const positions = names.flatMap((name, index) => (name === '' ? [index + 1] : []));
  return positions.map((position) =>
    refusal('EMPTY_HEADER', {
      message: `Column ${position} of ${names.length} has no name.`,
      fix: 'Name the column in the first row, or remove it. From pandas, write with index=False.',
    }),
  );
}

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

const trimmed = (name: string): Finding =>
  info('HEADER_TRIMMED', {
    column: name,
    message: `Blanks around the column name ${shown(name)} were removed.`,
    fix: 'Nothing to do; use the name without blanks.',
  });

const numericHeader = (names: string[]): Finding =>
  warning('HEADER_NUMERIC', {
    message: `Every column name is a number (${names.slice(0, 3).map(shown).join(', ')} …): the first row may be data.`,
    fix: 'If so, put a row of column names at the top and send the file as a new version.',
    count: names.length,
  });
