import { isCurrency, isMissingWord, isPercent, isUnit, normalText } from '../../../formats';
import { DELIMITERS, RARE_DELIMITERS } from './csv-dialect';
import {
  COMMENT,
  isColumnOf,
  isMissing,
  isTyped,
  mostFrequent,
  NEARLY_ALL,
  usualWidth,
  type SampleRecord,
} from './csv-sample';
import { splitRecord } from './csv-records';
import type { CsvDialect } from './csv-scan';
import { counted, refuse, shown, warning, type Finding } from '../finding';

/** Fewer rows say nothing about what is usual. */
const ROWS_PROVING = 3;

/** Refuses a file whose header does not stand in its first line, as far as its head tells, and says where it seems to be. */
export function refuseMisplacedHeader(records: SampleRecord[]): void {
  const at = headerAt(records);
  if (at <= 0) return;
  const { line, fields } = records[at];
  const above = records.slice(0, at);
  const isComment = above.every((record) => COMMENT.test(record.fields[0]));
  const lines = line === 2 ? 'Line 1 looks' : `Lines 1 to ${line - 1} look`;
  const what = isComment ? `like ${line === 2 ? 'a comment' : 'comments'}` : 'like a title';
  const there = isHeader(fields)
    ? `the header seems to stand in line ${line} (${fields.slice(0, 3).map(shown).join(', ')}${fields.length > 3 ? ' …' : ''})`
    : `the table seems to begin in line ${line}, without a header`;
  refuse('HEADER_MISPLACED', {
    message: `${lines} ${what} (${shown(above[0].fields.filter((cell) => cell !== '').join(' '))}); ${there}.`,
    fix: `Remove what stands above the header, for example: tail -n +${line} FILE${isHeader(fields) ? '' : '; then put a row of column names at the top'}.${above.some((record) => record.fields.length === fields.length) ? ' If it is the header itself, give every column a name in one row.' : ''}`,
    count: at,
  });
}

/** Where the first record stands that is as wide as the table and has no empty field; -1 where the first one does not look like a title. */
function headerAt(records: SampleRecord[]): number {
  const width = usualWidth(records.slice(1));
  if (records.length < ROWS_PROVING || width < 2) return -1;
  const at = records.findIndex(({ fields }) => fields.length === width && fields.every((cell) => cell !== ''));
  if (at <= 0) return at;
  const rows = records.slice(at + 1);
  const headsNumbers =
    isHeader(records[at].fields) && records[at].fields.some((_, column) => isColumnOf(rows, column, isTyped));
  const isTitle = ({ fields }: SampleRecord) =>
    fields.length === 1 ||
    (fields.length !== width && headsNumbers) ||
    fields.filter((cell) => cell !== '').length <= Math.max(1, width / 2) ||
    /^[#%]/.test(fields[0]);
  if (!records.slice(0, at).every(isTitle)) return -1;
  // Where rows have more fields than a header of several, names are missing: no title.
  return isHeader(records[at].fields) || records[0].fields.length === 1 ? at : -1;
}

const isHeader = (fields: string[]): boolean => fields.every((cell) => cell !== '' && !isTyped(cell));

/** What the head of a file that can be read makes one doubt: whether it was read as its author meant it. */
export function doubtsOf(
  records: SampleRecord[],
  { dialect, isSaid }: { dialect: CsvDialect; isSaid: boolean },
): Finding[] {
  const [header, ...rows] = records;
  if (!header || rows.length === 0) return [];
  const isRare = !isSaid && RARE_DELIMITERS.includes(dialect.delimiter);
  const delimiter = isRare ? rareDelimiter(dialect) : delimiterDoubt(header, rows, dialect);
  const found = [delimiter, headerDoubt(header, rows), ruleLine(header, rows[0]), unitsRow(header, rows)];
  return found.filter((finding) => finding !== null);
}

function delimiterDoubt(header: SampleRecord, rows: SampleRecord[], { delimiter }: CsvDialect): Finding | null {
  const width = header.fields.length;
  if (rows.length < ROWS_PROVING) return null;
  const other = width === 1 ? divisorOfOnlyColumn(header, rows) : divisorOfFields(header, rows, delimiter);
  if (other === null) return null;
  if (other === delimiter) return quotedLines(rows[0]);
  const where = width === 1 ? 'nearly every row of the only column' : 'nearly every field';
  const cell = rows.flatMap(({ fields }) => fields).find((field) => field.includes(other)) ?? '';
  return warning('DELIMITER_DOUBT', {
    message: `${shown(other)} stands in ${where}, such as ${shown(cell)}: the file may be divided by it, and not by ${shown(delimiter)}.`,
    fix: `If so, ${sayDivisor(other)}; then send the file as a new version.`,
  });
}

/** The line above the header names signs of ASCII only. */
function sayDivisor(sign: string): string {
  if (sign > '~') return 'write it with commas in place of them';
  return `put the line sep=${sign === '\t' ? '<tab>' : sign} above the header, or quote fields that hold the delimiter`;
}

const rareDelimiter = ({ delimiter }: CsvDialect): Finding =>
  warning('DELIMITER_DOUBT', {
    message: `${shown(delimiter)} stands as often in nearly every line as in the first, so the file was read as divided by it.`,
    fix: 'Nothing to do if it is. If the file has one column, put the line sep=, above its name and send it as a new version.',
  });

const quotedLines = ({ fields }: SampleRecord): Finding =>
  warning('DELIMITER_DOUBT', {
    message: `Every line stands in quotes as a whole, such as ${shown(fields[0])}, so the file has one column.`,
    fix: 'Remove the quotes around whole lines, and send the file as a new version.',
  });

/** Commas and semicolons of Arabic, Chinese and Japanese. */
const OTHER_COMMAS = ['\u060c', '\u061b', '\uff0c', '\uff1b', '\u3001'];
/** Signs that divide fields in the files of some program. A blank and a colon stand in texts and times, too. */
const DIVISORS = [...DELIMITERS, ...RARE_DELIMITERS, ...OTHER_COMMAS, ':', ' '];
const COMMON_IN_TEXT = [',', ...OTHER_COMMAS, ':', ' '];

/** What divides nearly each row into as many parts: a text of one column would not be. */
function divisorOfOnlyColumn(header: SampleRecord, rows: SampleRecord[]): string | null {
  const texts = rows.map(({ fields }) => fields[0]).filter((text) => !isMissing(text));
  if (texts.length < ROWS_PROVING || texts.every(isTyped)) return null;
  const found = DIVISORS.find((divisor) => {
    const counts = texts.map((text) => divisionsOf(text, divisor));
    const count = mostFrequent(counts);
    const isCommon = COMMON_IN_TEXT.includes(divisor);
    if (count === 0 || shareOf(counts, count) < (isCommon ? 1 : NEARLY_ALL)) return false;
    return !isCommon || divisionsOf(header.fields[0], divisor) === count;
  });
  return found ?? null;
}

/** What stands in the names and the values of nearly all columns; numbers with a decimal comma aside. */
function divisorOfFields(header: SampleRecord, rows: SampleRecord[], delimiter: string): string | null {
  const { fields: names } = header;
  const others = DELIMITERS.filter((other) => other !== delimiter);
  const holds = (divisor: string) => (cell: string) => cell.includes(divisor) && !isTyped(cell);
  const found = others.find((divisor) => {
    const held = names.filter((name, at) => name.includes(divisor) && isColumnOf(rows, at, holds(divisor)));
    const inAll = names.filter((_, at) => isColumnOf(rows, at, holds(divisor)));
    return held.length >= names.length / 2 || (names.length > 2 && inAll.length >= NEARLY_ALL * names.length);
  });
  return found ?? null;
}

const shareOf = (counts: number[], count: number): number =>
  counts.filter((each) => each === count).length / counts.length;

const divisionsOf = (text: string, delimiter: string): number =>
  splitRecord(text, { delimiter, quote: '"' }).length - 1;

/** A name that is a number among numbers is a name only where it counts: years, or the numbers of the columns. */
function headerDoubt({ fields: names }: SampleRecord, rows: SampleRecord[]): Finding | null {
  if (names.every((name) => Number.isFinite(Number(name)))) return null;
  const others = rows.filter(({ fields }) => !fields.every((cell, at) => cell === names[at]));
  const columns = names.map((name, at) => ({ name, cells: others.map(({ fields }) => fields[at] ?? '') }));
  const typed = columns.filter(({ name }, at) => isTyped(name) && isColumnOf(others, at, isTyped));
  const inTyped = columns.filter(({ name }, at) => name !== '' && !isTyped(name) && isColumnOf(others, at, isTyped));
  const repeated = columns.filter(({ name, cells }) => name !== '' && !isTyped(name) && cells.includes(name));
  if (inTyped.length > 0) return null;
  const areValues = repeated.length > 0 && repeated.length + typed.length === names.length;
  const isData = typed.length > 0 ? areValues || !isCounting(typed.map(({ name }) => name)) : areValues;
  if (!isData) return null;
  return warning('HEADER_NUMERIC', {
    message: `The first row (${names.slice(0, 3).map(shown).join(', ')}${names.length > 3 ? ' …' : ''}) looks like data, not like names of columns: the file may have no header.`,
    fix: 'If so, put a row of column names at the top and send the file as a new version; now its first row is lost.',
    count: (typed.length > 0 ? typed : repeated).length,
  });
}

function isCounting(names: string[]): boolean {
  const steps = names.map(Number).map((value, at, all) => (at === 0 ? null : value - all[at - 1]));
  return names.every((name) => /^\d+$/.test(name)) && steps.slice(1).every((step) => step === steps[1] && step !== 0);
}

/** A part of a line that is drawn, as in tables of Markdown. */
const RULE = /^:?[-=_]{2,}:?$/;

function ruleLine({ fields: names }: SampleRecord, { line, fields }: SampleRecord): Finding | null {
  // A delimiter at the end of every line leaves a field without anything.
  const cells = fields.map(normalText).filter((cell) => cell !== '');
  if (cells.length < 2 || !cells.every((cell) => RULE.test(cell))) return null;
  return warning('STRAY_ROW', {
    ...{ row: 1, count: 1 },
    columns: fields.flatMap((cell, at) => (RULE.test(normalText(cell)) ? [normalText(names[at])] : [])),
    message: `Row 1 (line ${line}) is a line drawn below the header, as in Markdown (${cells.slice(0, 3).map(shown).join(', ')}${cells.length > 3 ? ' …' : ''}).`,
    fix: `Remove it, for example: sed ${line}d FILE; then send the file as a new version.`,
  });
}

/** Names of types, as some programs write below the header. */
const TYPES =
  /^(?:float|double|real|decimal|num|numeric|number|int|integer|bigint|long|str|string|text|char|varchar|object|category|factor|bool|boolean|date|datetime|time|timestamp|zahl|text)\d{0,2}$/i;
/** No unit and no name of a column begins so: values that lie beyond what is measured, words for infinity, codes. */
const VALUE = /^[<>\u2264\u2265~]|^[+\-\u2212]?(?:inf|infinity)$|^\p{L}{1,3}[-_]?\d{2,}$|^(?=.*\d)[\da-f]{2,}$/iu;

/** A single letter is a unit only where nothing else stands in its row. */
const isOnlyUnit = (fields: string[], at: number): boolean =>
  isUnitLike(fields[at]) && (fields[at].length > 1 || fields.every((cell, other) => other === at || isNothing(cell)));

/** Whether a cell is a unit that is known, alone or of several, or stands in brackets, or names a type. */
function isUnitLike(cell: string): boolean {
  const inner = /^[[(]\s*(.{1,12}?)\s*[\])]$/.exec(cell)?.[1];
  if (inner) return /[\p{L}\p{Sc}%\u00b0]/u.test(inner);
  if (TYPES.test(cell) || isUnit(cell)) return true;
  const parts = cell.split(/[\s\u00b7*/^]+|[\u00b2\u00b3]|-?\d$/).filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => isUnit(part) || isCurrency(part) || isPercent(part));
}

const isNothing = (cell: string): boolean => isMissing(cell) || isMissingWord(cell);

/**
 * Units, or names in a second language, are texts above columns of numbers. A row of which a text stands in a later row of its
 * column as well is one of the table, and so is one with a slip in a single column.
 */
function unitsRow({ fields: names }: SampleRecord, [first, ...rows]: SampleRecord[]): Finding | null {
  if (rows.length < ROWS_PROVING || first.fields.length !== names.length) return null;
  const numbers = names.flatMap((_, at) => (isColumnOf(rows, at, isTyped) ? [at] : []));
  const texts = numbers.filter((at) => first.fields[at] !== '' && !isTyped(first.fields[at]));
  const telling = texts.filter((at) => !isNothing(first.fields[at]));
  if (texts.length < numbers.length || telling.length === 0) return null;
  if (telling.some((at) => VALUE.test(first.fields[at]) && !isUnitLike(first.fields[at]))) return null;
  if (first.fields.some((cell, at) => !isNothing(cell) && rows.some(({ fields }) => fields[at] === cell))) return null;
  if (telling.length === 1 && !isOnlyUnit(first.fields, telling[0])) return null;
  if (first.fields.some((cell) => isTyped(cell)) || first.fields.every((cell, at) => cell === names[at])) return null;
  const example = first.fields.slice(0, 3).map(shown).join(', ');
  return warning('UNITS_ROW', {
    row: 1,
    count: texts.length,
    columns: texts.map((at) => normalText(names[at])),
    message: `Row 1 (line ${first.line}: ${example}${names.length > 3 ? ' …' : ''}) looks like units or a second header: ${counted(texts.length, 'column')} of numbers ${texts.length === 1 ? 'holds' : 'hold'} text there.`,
    fix: `Remove it, for example: sed ${first.line}d FILE; then send the file as a new version.`,
  });
}
