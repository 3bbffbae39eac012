import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duck } from '../../tables/duck';
import { DELIMITERS, separatorLine, sniffDialect } from './csv-dialect';
import { doubtsOf, refuseMisplacedHeader } from './csv-doubts';
import { broken, otherLineEnds, ragged, wrongByte } from './csv-refusals';
import { sampleRecords, type SampleRecord } from './csv-sample';
import { splitRecord } from './csv-records';
import { CsvScan, RECORD_BYTES_MAX, type CsvDialect } from './csv-scan';
import { head } from '../files/file-kind';
import { counted, refuse, RefusedFile, type Finding } from '../finding';
import { checkHeader, COLUMNS_MAX, unnamedColumns } from './header';
import { endOfData, skipped, withoutBlemishes, type Blemishes } from './mended-copy';
import { checkLoaded, expectedTypes, loadedSql, type LoadTypes, type PlainColumn } from '../columns/plain-column';
import { RAW_TABLE } from '../raw';
import { checkCells, type SizeLimits } from '../files/size-limits';
import { Utf8Check } from './utf8-check';

const SAMPLE_BYTES = 262_144;
const CHUNK_BYTES = 1_048_576;

export interface CsvShape {
  dialect: CsvDialect;
  names: string[];
  rowCount: number;
  /** Lines above the header, and the header. */
  skippedRows: number;
  blemishes: Blemishes;
  /** The first data rows. */
  rows: SampleRecord[];
}

/** Reads the whole file once and answers its shape, or refuses it with findings that name rows and columns. */
export async function checkCsv(
  path: string,
  findings: Finding[],
  { limits, onBytes }: { limits: SizeLimits; onBytes: (share: number) => void },
): Promise<CsvShape> {
  const byteCount = (await stat(path)).size;
  // What stands behind a Ctrl-Z, and it, would be text behind the closing quote of the last field.
  const marked = await endOfData(path, byteCount, '');
  const sample = (await head(path, SAMPLE_BYTES)).subarray(0, marked);
  const separator = separatorLine(sample);
  const text = separator?.rest ?? sample;
  const isWhole = byteCount <= SAMPLE_BYTES;
  const dialect = sniffDialect(text, { delimiters: separator ? [separator.delimiter] : DELIMITERS, isWhole });
  const records = sampleRecords(text.toString('utf8'), dialect, isWhole);
  const blanks = dialect.delimiter === '\t' ? ' ' : ' \t';
  const end = await endOfData(path, byteCount, (records[0]?.fields.length ?? 0) > 1 ? blanks : '');
  const scan = new CsvScan(dialect, { skipped: separator ? 1 : 0 });
  const utf8 = new Utf8Check();
  const refusedByte = async (byte: number, offset: number) => {
    const place = { offset, scan, header: await headerOf(path, scan, dialect) };
    return new RefusedFile([wrongByte(byte, sample.includes(0), place)]);
  };
  let read = 0;
  const source = end > 0 ? createReadStream(path, { end: end - 1, highWaterMark: CHUNK_BYTES }) : [];
  for await (const chunk of source) {
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
  if (cut.length > 0 && read === end) throw await refusedByte(cut[0], read - cut.length);
  scan.end();
  const unbroken = scan.rows === 0 ? otherLineEnds(text.toString('utf8'), [dialect.delimiter, ...DELIMITERS]) : null;
  if (unbroken) throw new RefusedFile([unbroken]);
  const header = await headerOf(path, scan, dialect);
  checkScan(scan, header);
  if (scan.columns <= COLUMNS_MAX) refuseMisplacedHeader(records);
  const names = checkHeader(settleWidth(scan, header, findings), findings);
  checkRows(scan, records);
  checkCells(limits, scan.rows, names.length);
  const blemishes = {
    end,
    byteCount,
    marks: scan.innerMarks > 0 || beginsQuoted(sample),
    mixedLineEnds: isMixed(scan),
  };
  findings.push(...skipped({ separator: separator !== null, marks: scan.innerMarks, tail: end < byteCount }));
  findings.push(...doubtsOf(records, { dialect, isSaid: separator !== null }));
  return { dialect, names, rowCount: scan.rows, skippedRows: scan.linesAbove + 1, blemishes, rows: records.slice(1) };
}

/**
 * Loads the checked file into the raw table: columns that turn out to be plain ones with their types, all others as trimmed
 * text, blanks as missing.
 */
export async function loadCsv(
  duck: Duck,
  shape: CsvShape,
  { path, scratch, keptAsText }: { path: string; scratch: string; keptAsText: ReadonlySet<string> },
): Promise<(PlainColumn | null)[]> {
  const source = await withoutBlemishes(path, join(scratch, 'lines'), shape.blemishes);
  let types = expectedTypes(shape.names, shape.rows, keptAsText);
  for (;;) {
    await loadAs(duck, source, shape, types);
    const checked = await checkLoaded(duck, types);
    if (!checked.again) return checked.columns;
    types = checked.again;
    await duck.run(`DROP TABLE ${RAW_TABLE}`);
  }
}

async function loadAs(duck: Duck, source: string, shape: CsvShape, types: LoadTypes): Promise<void> {
  const columns = types.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  const values = types.map(loadedSql).join(', ');
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

/**
 * The names of as many columns as all rows have. A delimiter at the end of every row but not of the header, or of the header
 * but not of the rows, makes no difference; any other is left for checkRows to refuse.
 */
function settleWidth(scan: CsvScan, header: string[], findings: Finding[]): string[] {
  const [only] = scan.ragged.values();
  if (scan.ragged.size !== 1 || only.count !== scan.rows) return header;
  const isAtRows = only.fields === scan.columns + 1 && only.endEmpty === only.count;
  const isAtHeader = only.fields === scan.columns - 1 && header[only.fields].trim() === '';
  if (!isAtRows && !isAtHeader) return header;
  scan.ragged.clear();
  scan.raggedCount = 0;
  if (isAtRows) return [...header, ''];
  findings.push(unnamedColumns([only.fields], header.length));
  return header.slice(0, -1);
}

function checkRows(scan: CsvScan, records: SampleRecord[]): void {
  if (scan.raggedCount > 0) throw new RefusedFile([...scan.ragged.values()].map((rows) => ragged(rows, scan, records)));
  if (scan.rows > 0) return;
  refuse('NO_ROWS', {
    message: `The file has a header with ${counted(scan.columns, 'column')} but no row of data.`,
    fix: 'Check the filter of the export, then send the file again.',
  });
}

/** The column names as written, as far as the header has been read; empty before its end. */
async function headerOf(path: string, scan: CsvScan, dialect: CsvDialect): Promise<string[]> {
  if (scan.headerEnd < 0) return [];
  const text = (await head(path, scan.headerEnd))
    .subarray(scan.headerStart)
    .toString('utf8')
    .replace(/^[\r\n\ufeff]+/, '')
    .replace(/[\r\n]+$/, '');
  return splitRecord(text, dialect);
}

/** DuckDB does not see that a quote opens the first field when a byte order mark stands before it. */
const beginsQuoted = (sample: Buffer): boolean => /^\xef\xbb\xbf\s*["']/.test(sample.toString('latin1', 0, 100));

const isMixed = ({ lineEnds }: CsvScan): boolean => Object.values(lineEnds).filter((count) => count > 0).length > 1;
