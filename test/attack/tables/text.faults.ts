/** Whole files that are none of the format, whatever table they should hold. */
import { gzipSync } from 'node:zlib';
import type { DatasetFormat } from '../../../src/datasets';
import type { FindingCode } from '../../../src/datasets/ingest/finding';
import { zip } from '../../support/zip';
import type { Fault } from './fault';
import type { SmallTable } from './small-table';
import { WRITINGS } from './writings';

type Write = (table: SmallTable, bytes: Buffer) => Buffer | string;

const rowsOf = ({ columns, rowCount }: SmallTable): unknown[][] =>
  Array.from({ length: rowCount }, (_, row) => columns.map(({ cells }) => cells[row]));
const asObjects = (table: SmallTable): object[] =>
  rowsOf(table).map((row) => Object.fromEntries(row.map((value, at) => [`k${at}`, value])));
const padded = (cell: unknown): string => String(cell).padEnd(12);
const tagged = (table: SmallTable): string =>
  rowsOf(table)
    .map((row) => `<r><c>${row[0]}</c></r>`)
    .join('\n');

/** Texts and archives that people send in place of a table. */
const OTHERS: Record<string, [FindingCode[], Write]> = {
  'a pointer of Git LFS': [
    ['NOT_A_TABLE'],
    () => `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`,
  ],
  'an HTML page': [
    ['NOT_A_TABLE'],
    (table) => `<!doctype html>\n<html><body><table>${tagged(table)}</table></body></html>`,
  ],
  'an XML document': [['NOT_A_TABLE'], (table) => `<?xml version="1.0"?>\n<rows>\n${tagged(table)}\n</rows>\n`],
  'a list of JSON': [['NOT_A_TABLE'], (table) => JSON.stringify(asObjects(table))],
  'a list of JSON over lines': [['NOT_A_TABLE'], (table) => JSON.stringify(asObjects(table), null, 2)],
  'an object of JSON over lines': [['NOT_A_TABLE'], (table) => JSON.stringify({ rows: asObjects(table) }, null, 2)],
  LIBSVM: [
    ['NOT_A_TABLE'],
    ({ rowCount }) => Array.from({ length: rowCount }, (_, row) => `${row % 2} 1:${row}.5 7:0.25`).join('\n'),
  ],
  'columns of fixed width': [
    ['NOT_A_TABLE'],
    ({ rowCount }) =>
      [['name', 'age', 'size'], ...Array.from({ length: rowCount }, (_, row) => [`n${row}`, row, row * 1.5])]
        .map((row) => row.map(padded).join(''))
        .join('\n'),
  ],
  'a form': [
    ['NOT_A_TABLE'],
    (_table, bytes) =>
      Buffer.concat([
        Buffer.from('--b0undary\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'),
        bytes,
        Buffer.from('\r\n--b0undary--\r\n'),
      ]),
  ],
  'a dump of PostgreSQL': [
    ['NOT_A_TABLE'],
    (table) =>
      `--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n\nCOPY public.t (a, b) FROM stdin;\n${rowsOf(
        table,
      )
        .map((row) => row.join('\t'))
        .join('\n')}\n\\.\n`,
  ],
  'a dump of MySQL': [
    ['NOT_A_TABLE'],
    (table) =>
      `-- MySQL dump 10.13\n--\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS \`t\`;\nINSERT INTO \`t\` VALUES ${rowsOf(
        table,
      )
        .map((row) => `(${row.map((cell) => JSON.stringify(cell)).join(',')})`)
        .join(',')};\n`,
  ],
  'an archive of ZIP': [['BINARY_FILE'], (_table, bytes) => zip({ 'table.csv': bytes })],
  'gzip twice': [['BINARY_FILE', 'UNREADABLE'], (_table, bytes) => gzipSync(gzipSync(bytes))],
  'gzip that is cut off': [['UNREADABLE'], (_table, bytes) => gzipSync(bytes).subarray(0, -12)],
  'gzip of a ZIP archive': [['BINARY_FILE'], (_table, bytes) => gzipSync(zip({ 'table.csv': bytes }))],
  'an archive of tar': [
    ['BINARY_FILE'],
    (_table, bytes) => Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar\x0000'), Buffer.alloc(248), bytes]),
  ],
  'a database of SQLite': [['BINARY_FILE'], () => Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(200)])],
  'an array of NumPy': [
    ['BINARY_FILE'],
    () => Buffer.concat([Buffer.from('\x93NUMPY\x01\0', 'latin1'), Buffer.alloc(200)]),
  ],
  'a pickle': [['BINARY_FILE'], () => Buffer.from('\x80\x04\x95\x1a\0\0\0\0\0\0\0}\x94', 'latin1')],
  'a PDF document': [['BINARY_FILE'], () => '%PDF-1.7\n1 0 obj\n'],
  nothing: [['EMPTY_FILE', 'NO_ROWS'], () => ''],
  'a byte order mark alone': [['EMPTY_FILE', 'NO_ROWS'], () => '\ufeff'],
  'blank lines': [['EMPTY_FILE', 'NO_ROWS', 'EMPTY_HEADER'], () => '\n\n  \r\n\n'],
  'a file of Parquet': [
    ['FORMAT_MISMATCH'],
    () => Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(200), Buffer.from('PAR1')]),
  ],
};

/** A table in the other text format. */
const MISTAKEN: Partial<Record<DatasetFormat, [DatasetFormat, FindingCode[]]>> = {
  CSV: ['JSONL', ['FORMAT_MISMATCH']],
  JSONL: ['CSV', ['INVALID_JSON', 'FORMAT_MISMATCH', 'NOT_A_TABLE']],
};

export function textFaults(format: DatasetFormat): Fault[] {
  const others = Object.entries(OTHERS).map(([name, [codes, write]]): Fault => ({
    name,
    needs: [],
    make: (table, random) => {
      const content = WRITINGS[format](table, random);
      const bytes = Buffer.from(write(table, 'bytes' in content ? content.bytes : Buffer.alloc(0)));
      return { bytes, place: { codes, refused: true } };
    },
  }));
  const [other, codes] = MISTAKEN[format] ?? [];
  if (!other || !codes) return others;
  const mistaken: Fault = {
    name: `a file of ${other}`,
    needs: [],
    make: (table, random) => ({ ...WRITINGS[other](table, random), place: { codes, refused: true } }),
  };
  return [...others, mistaken];
}
