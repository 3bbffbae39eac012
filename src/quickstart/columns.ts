/** What is said of columns on the command line, and how findings ask for it. */
import { escaped } from '../formats';
import { didYouMean, type Issue } from '../kernel';
import type { ColumnType, DatasetVersion, UploadColumnInput } from '../sdk';

export const COLUMN_TYPES = Object.keys({
  INTEGER: true,
  NUMBER: true,
  BOOLEAN: true,
  DATE: true,
  TIMESTAMP: true,
  TIME: true,
  DURATION: true,
  CATEGORY: true,
  TEXT: true,
} satisfies Record<ColumnType, true>) as ColumnType[];

/** `NAME: TYPE` or `NAME: TYPE, FORMAT`. The last type behind a colon counts, as names may hold colons. */
const PATTERN = new RegExp(`^(.+)[:=]\\s*(${COLUMN_TYPES.join('|')})\\b(?:[\\s,:]+(.*))?$`, 'is');
const FORM = `such as --column "price: NUMBER, decimal comma"; the types are ${COLUMN_TYPES.join(', ')}`;

export function readColumn(text: string): UploadColumnInput | Issue {
  const [match, name, type, format = ''] = PATTERN.exec(text) ?? [];
  if (!match) return fault(text);
  const column = { name: nameIn(name.trim()), type: type.toUpperCase() as ColumnType };
  return format.trim() === '' ? column : { ...column, format: format.trim() };
}

function fault(text: string): Issue {
  const word = /[:=]\s*(\w+)[^:=]*$/.exec(text)?.[1];
  if (word === undefined) return { path: '--column', message: 'is NAME: TYPE or NAME: TYPE, FORMAT', hint: FORM };
  const hint = `${didYouMean(word.toUpperCase(), COLUMN_TYPES)} It is written ${FORM}.`;
  return { path: '--column', message: `names no type of a column: ${escaped(word)}`, hint };
}

/** In quotes as JSON has it, so that a name with characters that nobody can type can be written. */
function nameIn(text: string): string {
  try {
    const name: unknown = JSON.parse(text);
    return typeof name === 'string' ? name : text;
  } catch {
    return text;
  }
}

type Finding = DatasetVersion['findings'][number];

/** A finding with what to do about it: here, to start again and say how the cells are meant. */
export const sentencesOf = (finding: Finding): string => `${finding.message} ${adviceOf(finding)}`;

/** A text of the API that repeats findings, which may be cut within one. */
export const asTold = (text: string, findings: Finding[]): string =>
  findings.reduce((told, finding) => {
    const { message, fix } = finding;
    const at = told.indexOf(message);
    if (at < 0) return told;
    const whole = `${message} ${fix}`;
    const rest = told.startsWith(whole, at) ? told.slice(at + whole.length) : '';
    return told.slice(0, at) + sentencesOf(finding) + rest;
  }, text);

function adviceOf({ column, fix, readings }: Finding): string {
  if (column === null || !readings?.length) return fix;
  const options = readings.map(({ type, format }) => `--column ${inShell(`${nameOf(column)}: ${type}, ${format}`)}`);
  if (options.length === 1) return `If it is wrong, start again with ${options[0]}.`;
  return `Say which is meant: start again with ${options.join(' or ')}.`;
}

/** As `readColumn` reads it back. */
function nameOf(column: string): string {
  const quoted = escaped(column);
  const isPlain = quoted === `"${column}"` && nameIn(column) === column && column.trim() === column;
  return isPlain ? column : quoted;
}

const inShell = (text: string): string => (/["$`\\!]/.test(text) ? `'${text.replaceAll("'", `'\\''`)}'` : `"${text}"`);
