import { BLANK_LINES_MAX, RECORD_BYTES_MAX, type CsvFault, type CsvScan, type RaggedRows } from './csv-scan';
import { COMMENT, type SampleRecord } from './csv-sample';
import { counted, refusal, shown, type Finding } from '../finding';

/** Rows with one number of fields, as one fault. */
export function ragged(
  { fields, count, endEmpty, places }: RaggedRows,
  { rows, columns }: CsvScan,
  records: SampleRecord[],
): Finding {
  const [first] = places;
  const all = count === rows && count > 1;
  const where =
    count === 1
      ? `Row ${first.row} (line ${first.line}) has`
      : `${all ? `All ${counted(count, 'row')}` : counted(count, 'row')} have`;
  const examples = places.map(({ row, line }) => `row ${row} (line ${line})`).join(', ');
  const list = count === 1 ? '' : `: ${examples}${count > places.length ? ' …' : ''}`;
  return refusal('RAGGED_ROW', {
    row: first.row,
    count,
    message: `${where} ${counted(fields, 'field')}, the header has ${columns}${list}.`,
    fix: isComment(records.find(({ line }) => line === first.line))
      ? 'It looks like a comment: remove lines that are no rows.'
      : raggedFix(fields - columns, { all, endEmpty: endEmpty === count, isLast: count === 1 && first.row === rows }),
  });
}

function raggedFix(more: number, o: { all: boolean; endEmpty: boolean; isLast: boolean }): string {
  if (more === 1 && o.endEmpty) return 'A delimiter ends these rows, and not the others: remove it there.';
  if (more === 1 && o.all) {
    return 'The first column seems to have no name: name it. From R, write with row.names = FALSE (or col.names = NA).';
  }
  if (more < 0 && o.isLast)
    return 'It looks like a note or a sum below the table, or the file was cut off: remove it, or send the whole file.';
  return 'Put fields that contain the delimiter or a line break in double quotes, and fill missing fields with nothing between delimiters.';
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

export function broken(fault: CsvFault, header: string[]): Finding {
  const { what, fix } = BROKEN[fault.code];
  const isOfColumn = fault.code === 'MALFORMED_QUOTE' || fault.code === 'UNTERMINATED_QUOTE';
  const column = isOfColumn ? (header[fault.field]?.trim() ?? null) : null;
  const where = fault.row === 0 ? `The header (line ${fault.line})` : `Row ${fault.row} (line ${fault.line})`;
  const at = column ? `, column ${shown(column)},` : '';
  return refusal(fault.code, { column, row: fault.row || null, message: `${where}${at} ${what}.`, fix });
}

/** No text holds NUL, in no encoding but UTF-16 and UTF-32: where one stands, converting would not help. */
export function wrongByte(
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

/** What ends lines for some programs, and nothing for others. */
const OTHER_LINE_ENDS: readonly { mark: string; name: string; sed: string }[] = [
  { mark: '\u2028', name: 'U+2028 (line separator)', sed: '\\xe2\\x80\\xa8' },
  { mark: '\u2029', name: 'U+2029 (paragraph separator)', sed: '\\xe2\\x80\\xa9' },
  { mark: '\u0085', name: 'U+0085 (next line)', sed: '\\xc2\\x85' },
  { mark: '\v', name: 'a vertical tab (U+000B)', sed: '\\x0b' },
  { mark: '\f', name: 'a form feed (U+000C)', sed: '\\x0c' },
  { mark: '\x1e', name: 'a record separator (U+001E)', sed: '\\x1e' },
  { mark: '\\n', name: 'a backslash and an n', sed: '\\\\n' },
];

/** Of a text without a row: what its lines seem to end with in place of line breaks, and where the first stands; null for nothing. */
export function otherLineEnds(text: string, delimiters: readonly string[]): Finding | null {
  const found = OTHER_LINE_ENDS.find(({ mark }) => areLines(text.split(mark), delimiters));
  if (!found) return null;
  const offset = Buffer.byteLength(text.slice(0, text.indexOf(found.mark)));
  return refusal('NO_ROWS', {
    message: `The file has no row of data: its lines seem to end with ${found.name}, first at byte ${offset.toLocaleString('en-US')}, and not with a line break.`,
    fix: `Write line breaks, for example: sed 's/${found.sed}/\\n/g' FILE; then send it again.`,
  });
}

/** Parts with as many delimiters each, but for the last one, which may be cut. */
function areLines([first, ...others]: string[], delimiters: readonly string[]): boolean {
  const lines = others.slice(0, -1).filter((line) => line.trim() !== '');
  if (lines.length === 0) return false;
  const counts = (line: string) => delimiters.map((delimiter) => line.split(delimiter).length);
  const width = counts(first);
  return width.some((count, at) => lines.every((line) => counts(line)[at] === count));
}

const isComment = (record: SampleRecord | undefined): boolean => record !== undefined && COMMENT.test(record.fields[0]);
