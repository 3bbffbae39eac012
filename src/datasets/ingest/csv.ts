import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PRIVATE_FILE } from '../../kernel';
import type { Duck } from '../duck';
import { sniffDialect } from './csv-dialect';
import { BLANK_LINES_MAX, CsvScan, hasByteOrderMark, RECORD_BYTES_MAX, splitRecord, UTF8_BOM_BYTES } from './csv-scan';
import type { CsvDialect, CsvFault, RaggedRow } from './csv-scan';
import { head } from './file-kind';
import { counted, refusal, refuse, RefusedFile, shown, type Finding } from './finding';
import { checkHeader, COLUMNS_MAX } from './header';
import { trimmedText, RAW_TABLE } from './raw';
import { checkCells, type SizeLimits } from './size-limits';
import { Utf8Check } from './utf8-check';

const SAMPLE_BYTES = 262_144;
const CHUNK_BYTES = 1_048_576;

export interface CsvShape {
  dialect: CsvDialect;
  names: string[];
  rowCount: number;
  /** Blank lines and the header. */
  skippedRows: number;
  mixedLineEnds: boolean;
}

/** Reads the whole file once and answers its shape, or refuses it with findings that name rows and columns. */
export async function checkCsv(
  path: string,
  findings: Finding[],
  { limits, onBytes }: { limits: SizeLimits; onBytes: (share: number) => void },
): Promise<CsvShape> {
  const byteCount = (await stat(path)).size;
  const sample = await head(path, SAMPLE_BYTES);
  const dialect = sniffDialect(sample);
  const scan = new CsvScan(dialect);
  const utf8 = new Utf8Check();
  const refusedByte = async (byte: number, offset: number) => {
    const place = { offset, scan, header: await headerOf(path, scan, dialect) };
    return new RefusedFile([wrongByte(byte, sample.includes(0), place)]);
  };
  let read = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const bytes = chunk as Buffer;
    const wrong = utf8.feed(bytes);
    scan.feed(wrong < 0 ? bytes : bytes.subarray(0, wrong));
    if (wrong >= 0) throw await refusedByte(bytes[wrong], read + wrong);
    // What comes behind cannot change the answer.
    if (scan.fault || scan.columns > COLUMNS_MAX) break;
    checkCells(limits, scan.rows, scan.columns);
    read += bytes.length;
    onBytes(read / byteCount);
  }
  const cut = utf8.unfinished;
  if (cut.length > 0 && read === byteCount) throw await refusedByte(cut[0], read - cut.length);
  scan.end();
  const header = await headerOf(path, scan, dialect);
  checkScan(scan, header);
  const names = checkHeader(header, findings);
  checkRows(scan);
  checkCells(limits, scan.rows, scan.columns);
  return { dialect, names, rowCount: scan.rows, skippedRows: scan.blankLeading + 1, mixedLineEnds: isMixed(scan) };
}

/** Loads the checked file into the raw table, every value as trimmed text, blanks as missing. */
export async function loadCsv(duck: Duck, path: string, scratch: string, shape: CsvShape): Promise<void> {
  const source = shape.mixedLineEnds ? await withOneLineEnd(path, join(scratch, 'lines')) : path;
  const columns = shape.names.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  const values = shape.names.map((_, index) => `${trimmedText(`c${index}`)} AS c${index}`).join(', ');
  await duck.run(
    `CREATE TABLE ${RAW_TABLE} AS SELECT ${values} FROM read_csv($1, auto_detect=false, header=false,
       skip=${shape.skippedRows}, delim=$2, quote=$3, escape=$3, columns={${columns}}, strict_mode=true,
       max_line_size=${RECORD_BYTES_MAX})`,
    [source, shape.dialect.delimiter, shape.dialect.quote],
  );
}

function checkScan(scan: CsvScan, header: string[]): void {
  if (scan.fault) throw new RefusedFile([broken(scan.fault, header)]);
  if (scan.headerEnd < 0) {
    refuse('EMPTY_FILE', { message: 'The file holds blank lines only.', fix: 'Check the export, then send it again.' });
  }
}

function checkRows(scan: CsvScan): void {
  if (scan.raggedCount > 0) throw new RefusedFile(scan.ragged.map((row) => ragged(row, scan.raggedCount)));
  if (scan.rows > 0) return;
  refuse('NO_ROWS', {
    message: `The file has a header with ${counted(scan.columns, 'column')} but no row of data.`,
    fix: 'Check the filter of the export, then send the file again.',
  });
}

function ragged(row: RaggedRow, count: number): Finding {
  return refusal('RAGGED_ROW', {
    row: row.row,
    count,
    message: `Row ${row.row} (line ${row.line}) has ${counted(row.actual, 'field')}, the header has ${row.expected}.`,
    fix: 'Put fields that contain the delimiter or a line break in double quotes, and fill missing fields with nothing between delimiters.',
  });
}

const BROKEN: Record<CsvFault['code'], { what: string; fix: string }> = {
  MALFORMED_QUOTE: {
    what: 'has text after a closing quote',
    fix: 'Double the quotes inside a quoted field ("" for each ").',
  },
  UNTERMINATED_QUOTE: {
    what: 'opens a quote that never closes',
    fix: 'Close the quote, or double a quote that is part of the text.',
  },
  LONG_RECORD: {
    what: `is longer than ${RECORD_BYTES_MAX.toLocaleString('en-US')} bytes`,
    fix: 'Check for a missing line break or an unclosed quote; shorten very long texts.',
  },
  BLANK_LINES: {
    what: `comes after more than ${BLANK_LINES_MAX.toLocaleString('en-US')} blank lines`,
    fix: "Remove the blank lines, for example: grep -v '^\\s*$' FILE.",
  },
};

function broken(fault: CsvFault, header: string[]): Finding {
  const { what, fix } = BROKEN[fault.code];
  const isOfColumn = fault.code === 'MALFORMED_QUOTE' || fault.code === 'UNTERMINATED_QUOTE';
  const column = isOfColumn ? (header[fault.field]?.trim() ?? null) : null;
  const where = fault.row === 0 ? `The header (line ${fault.line})` : `Row ${fault.row} (line ${fault.line})`;
  const at = column ? `, column ${shown(column)},` : '';
  return refusal(fault.code, { column, row: fault.row || null, message: `${where}${at} ${what}.`, fix });
}

/** No text holds NUL, in no encoding but UTF-16 and UTF-32: where one stands, converting would not help. */
function wrongByte(
  byte: number,
  isBinary: boolean,
  { offset, scan, header }: { offset: number; scan: CsvScan; header: string[] },
): Finding {
  const column = header[scan.field]?.trim() ?? null;
  const at =
    scan.row === 0 ? 'the header' : `row ${scan.row} (line ${scan.line})${column ? `, column ${shown(column)}` : ''}`;
  const hex = `0x${byte.toString(16).padStart(2, '0')}`;
  const where = { column, row: scan.row || null };
  if (byte === 0 || isBinary) {
    const what = byte === 0 ? 'a NUL byte' : `the byte ${hex}`;
    const message = `The file holds ${what} at offset ${offset}, in ${at}: it is binary, or UTF-16 without a mark.`;
    return refusal('BINARY_FILE', { ...where, message, fix: 'Send text in UTF-8; in Excel, save as "CSV UTF-8".' });
  }
  return refusal('WRONG_ENCODING', {
    ...where,
    message: `The file is not UTF-8: byte ${hex} at offset ${offset}, in ${at}.`,
    fix: 'Save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 FILE (Western) or iconv -f GB18030 -t UTF-8 FILE (Chinese).',
  });
}

/** The column names as written, as far as the header has been read; empty before its end. */
async function headerOf(path: string, scan: CsvScan, dialect: CsvDialect): Promise<string[]> {
  if (scan.headerEnd < 0) return [];
  const bytes = await head(path, scan.headerEnd);
  const start = hasByteOrderMark(bytes) ? UTF8_BOM_BYTES : 0;
  const text = bytes
    .subarray(start)
    .toString('utf8')
    .replace(/^[\r\n]+/, '')
    .replace(/[\r\n]+$/, '');
  return splitRecord(text, dialect);
}

const isMixed = ({ lineEnds }: CsvScan): boolean => Object.values(lineEnds).filter((count) => count > 0).length > 1;

/** DuckDB wants one kind of line end, so files pasted together from several get a copy. */
async function withOneLineEnd(from: string, to: string): Promise<string> {
  let afterCr = false;
  const mend = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = chunk.toString('latin1');
      const joined = afterCr && text.startsWith('\n') ? text.slice(1) : text;
      afterCr = text.endsWith('\r');
      done(null, Buffer.from(joined.replace(/\r\n?/g, '\n'), 'latin1'));
    },
  });
  await pipeline(createReadStream(from), mend, createWriteStream(to, PRIVATE_FILE));
  return to;
}
