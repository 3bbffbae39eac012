/** Many ways to write one table, in each format: what they differ in carries no meaning. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Duck, identifier, literal } from '../../../src/datasets/duck';
import type { Random } from '../../support/random';
import { pick, shuffled, type SmallColumn, type SmallTable, type Value } from './small-table';

const ENCODINGS: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a mark': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16LE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16BE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
};
const ENCODING_NAMES = Object.keys(ENCODINGS);

/** What a text file is like, whatever its format. */
export interface TextStyle {
  encoding: string;
  gzip: boolean;
  lineEnd: string;
  /** Behind the last line. */
  tail: string;
}

export interface CsvStyle extends TextStyle {
  /** The line that names the delimiter, as Excel writes and reads it. */
  separatorLine: boolean;
  /** A delimiter at the end of every line. */
  endsDivided: boolean;
  delimiter: string;
  quote: string;
  quoting: 'needed' | 'always' | 'sometimes';
  decimal: '.' | ',';
  missing: string;
  truth: readonly [string, string];
  time: keyof typeof TIMES;
  /** Blanks around cells that are not quoted. */
  padding: string;
  /** Texts and names as NFD. */
  decomposed: boolean;
}

const textStyle = (random: Random): TextStyle => ({
  encoding: random.next() < 0.6 ? 'UTF-8' : pick(random, ENCODING_NAMES),
  gzip: random.next() < 0.1,
  lineEnd: pick(random, ['\n', '\n', '\r\n']),
  tail: pick(random, ['\n', '\n', '\r\n', '', '', '\n\n\n', '\n\x1a', '\x1a']),
});

/** ISO 8601, as it is written here and there. Whole days may leave out the time. */
const TIMES = {
  'T and Z': (iso: string) => iso,
  'a blank': (iso: string) => iso.replace('T', ' ').replace('Z', ''),
  'no parts of seconds': (iso: string) => iso.replace('.000Z', 'Z').replace('T', ' '),
  days: (iso: string) => iso.replace('T00:00:00.000Z', ''),
  'an offset': (iso: string) => iso.replace('Z', '+00:00'),
};
const TIME_NAMES = Object.keys(TIMES) as (keyof typeof TIMES)[];

export function csvStyle(random: Random): CsvStyle {
  const style = textStyle(random);
  return {
    ...style,
    lineEnd: random.next() < 0.1 ? '\r' : style.lineEnd,
    separatorLine: random.next() < 0.1,
    endsDivided: random.next() < 0.1,
    delimiter: pick(random, [',', ';', '\t', '|']),
    ...pick(random, [
      { quote: '"', quoting: 'needed' as const },
      { quote: '"', quoting: 'always' as const },
      { quote: '"', quoting: 'sometimes' as const },
      { quote: "'", quoting: 'always' as const },
    ]),
    decimal: pick(random, ['.', '.', ',']),
    missing: pick(random, ['', '', 'NA', 'null', 'N/A', 'NaN', '-', '#N/A', '\\N', '?', 'None', 'n.a.']),
    truth: pick(random, [
      ['true', 'false'],
      ['True', 'False'],
      ['TRUE', 'FALSE'],
    ]),
    time: pick(random, TIME_NAMES),
    padding: pick(random, ['', '', '', ' ']),
    decomposed: random.next() < 0.1,
  };
}

/** A file before it is text: what a fault is put into. */
export interface CsvGrid {
  header: string[];
  rows: string[][];
}

export function csvGrid({ columns, rowCount }: SmallTable, style: CsvStyle): CsvGrid {
  const form = (text: string) => (style.decomposed ? text.normalize('NFD') : text);
  return {
    header: columns.map(({ name }) => form(name)),
    rows: Array.from({ length: rowCount }, (_, row) => columns.map((column) => form(csvCell(column, row, style)))),
  };
}

function csvCell({ type, cells }: SmallColumn, row: number, style: CsvStyle): string {
  const value = cells[row];
  if (value === null) return type === 'TEXT' ? '' : style.missing;
  if (type === 'TIMESTAMP') return TIMES[style.time](new Date(value as number).toISOString());
  if (typeof value === 'boolean') return style.truth[value ? 0 : 1];
  return type === 'TEXT' ? String(value) : String(value).replace('.', style.decimal);
}

/** Each line of a file; quoted cells may hold line ends of their own. */
export function csvLines({ header, rows }: CsvGrid, style: CsvStyle): string[] {
  const lines = [header, ...rows].map((cells, line) =>
    cells.map((cell, column) => csvField(cell, style, (line * 7 + column * 3) % 5 === 0)).join(style.delimiter),
  );
  return style.endsDivided ? lines.map((line) => line + style.delimiter) : lines;
}

/** The bytes of a file of such lines. */
export const csvBytes = (lines: string[], style: CsvStyle): Buffer =>
  encoded(style.separatorLine ? [`sep=${style.delimiter}`, ...lines] : lines, style);

function csvField(cell: string, { delimiter, quote, quoting, padding }: CsvStyle, chosen: boolean): string {
  const needs = [delimiter, '"', "'", '\n', '\r', quote].some((sign) => cell.includes(sign));
  if (needs || quoting === 'always' || (quoting === 'sometimes' && chosen))
    return `${quote}${cell.replaceAll(quote, quote + quote)}${quote}`;
  return padding + cell + padding;
}

export function encoded(lines: string[], style: TextStyle): Buffer {
  const bytes = ENCODINGS[style.encoding](lines.join(style.lineEnd) + style.tail);
  return style.gzip ? gzipSync(bytes) : bytes;
}

export interface JsonStyle extends TextStyle {
  blank: string;
  escaped: boolean;
  missing: 'null' | 'absent' | 'NaN';
  time: keyof typeof TIMES;
  exponent: boolean;
  ordered: boolean;
}

export const jsonStyle = (random: Random): JsonStyle => ({
  ...textStyle(random),
  blank: pick(random, ['', ' ', '\t']),
  escaped: random.next() < 0.3,
  missing: pick(random, ['null', 'absent', 'NaN']),
  time: pick(random, TIME_NAMES),
  exponent: random.next() < 0.2,
  ordered: random.next() < 0.5,
});

/** The members of each object, as texts `"key":value`: what a fault is put into. */
export function jsonMembers({ columns, rowCount }: SmallTable, style: JsonStyle, random: Random): string[][] {
  return Array.from({ length: rowCount }, (_, row) => {
    const members = columns.flatMap((column) => {
      const value = jsonValue(column, row, style);
      return value === null ? [] : [`${jsonText(column.name, style)}${style.blank}:${style.blank}${value}`];
    });
    return style.ordered ? members : shuffled(random, members);
  });
}

function jsonValue({ type, cells }: SmallColumn, row: number, style: JsonStyle): string | null {
  const value = cells[row];
  if (value === null) {
    if (style.missing === 'absent') return null;
    return style.missing === 'NaN' && (type === 'NUMBER' || type === 'INTEGER') ? 'NaN' : 'null';
  }
  if (type === 'TIMESTAMP') return jsonText(TIMES[style.time](new Date(value as number).toISOString()), style);
  if (typeof value === 'string') return jsonText(value, style);
  return typeof value === 'number' && style.exponent ? exponential(value) : String(value);
}

const exponential = (value: number): string => (value === 0 ? '0.0' : value.toExponential());

export const jsonText = (text: string, { escaped }: { escaped: boolean }): string =>
  escaped
    ? JSON.stringify(text).replace(/[^\0-~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : JSON.stringify(text);

export const jsonLines = (rows: string[][], { blank }: JsonStyle): string[] =>
  rows.map((members) => `${blank}{${blank}${members.join(`,${blank}`)}${blank}}`);

/** Types of Parquet that hold the values of a type of ours. */
const STORED: Record<string, readonly string[]> = {
  INTEGER: ['BIGINT', 'DOUBLE', 'HUGEINT', 'DECIMAL(18,0)'],
  NUMBER: ['DOUBLE'],
  BOOLEAN: ['BOOLEAN'],
  TIMESTAMP: ['TIMESTAMP', 'TIMESTAMP_MS', 'TIMESTAMPTZ', 'TIMESTAMP_NS'],
  TEXT: ['VARCHAR'],
};

/** Of each column the expression of every cell; another one is a fault. */
export interface ParquetGrid {
  names: string[];
  columns: string[][];
}

export function parquetGrid({ columns }: SmallTable, random: Random): ParquetGrid {
  return {
    names: columns.map(({ name }) => name),
    columns: columns.map(({ type, cells }) => {
      const stored = pick(random, STORED[type]);
      return cells.map((value) => `CAST(${sqlValue(value, type)} AS ${stored})`);
    }),
  };
}

function sqlValue(value: Value, type: string): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return literal(value);
  if (type === 'TIMESTAMP') return `make_timestamp(${value as number}::BIGINT * 1000)`;
  return typeof value === 'number' && type === 'NUMBER' ? `${value}::DOUBLE` : String(value);
}

/** Writes Parquet files into a folder, one after the other. */
export async function parquetBytes(duck: Duck, folder: string, grid: ParquetGrid, random: Random): Promise<Buffer> {
  const path = join(folder, 'written.parquet');
  const codec = pick(random, ['uncompressed', 'snappy', 'zstd', 'gzip']);
  const rows = grid.columns[0].map((_, row) => `(${grid.columns.map((cells) => cells[row]).join(', ')})`);
  const names = grid.names.map(identifier).join(', ');
  await duck.run(
    `COPY (SELECT * FROM (VALUES ${rows.join(', ')}) AS written(${names})) TO ${literal(path)}
     (FORMAT parquet, COMPRESSION ${codec}, PARQUET_VERSION ${pick(random, ['V1', 'V2'])})`,
  );
  return readFile(path);
}
