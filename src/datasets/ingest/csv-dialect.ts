import { isColumnOf, isTyped, NEARLY_ALL, sampleRecords, usualWidth, type SampleRecord } from './csv-sample';
import { CsvScan, type CsvDialect } from './csv-scan';

/** In the order in which they win a tie: commas stand in names and in numbers as well. */
export const DELIMITERS = [';', '\t', '|', ','];
const QUOTES = ['"', "'"];
/** Where fewer rows agree with the first line, it may be no header. */
const MOSTLY = 0.5;
const RFC_4180: CsvDialect = { delimiter: ',', quote: '"' };

interface Score {
  dialect: CsvDialect;
  /** Share of sampled rows with as many fields as the header; 0 when the header has one field only. */
  agreement: number;
  columns: number;
  quotedFields: number;
  /** Share of the columns that hold numbers, times or booleans. */
  typed: number;
  /** Fields of text in which another candidate stands, as a share of all. */
  stray: number;
}

/** How a file says that its fields are divided: the head without the line that says it, which Excel writes and reads. */
export interface SeparatorLine {
  delimiter: string;
  rest: Buffer;
}

/** Any sign that is no letter, digit, quote or end of line may divide fields. */
const SEPARATOR_LINE = /^(\xef\xbb\xbf)?[\r\n]*"?sep=([\t\x20-\x7e])\2*"?[ \t]*(\r\n?|\n)/i;

export function separatorLine(sample: Buffer): SeparatorLine | null {
  const found = SEPARATOR_LINE.exec(sample.toString('latin1', 0, 200));
  if (!found || /[\w"'\\]/.test(found[2])) return null;
  return { delimiter: found[2], rest: sample.subarray(found[0].length) };
}

/**
 * Guesses delimiter and quote from the head of a file: the pair under which most rows have as many fields as the
 * header. Ties go to more typed columns, then to fewer strays in texts, then to more columns, then to the earlier
 * candidate; a file of a single column gets the standard dialect, unless a line above its header hides the others.
 */
export function sniffDialect(sample: Buffer, { delimiters = DELIMITERS, isWhole = false } = {}): CsvDialect {
  const dialects = QUOTES.flatMap((quote) => delimiters.map((delimiter) => ({ delimiter, quote })));
  const scores = dialects.map((dialect) => score(dialect, sample, isWhole));
  const usable = scores.filter((entry) => entry.dialect.quote === '"' || entry.quotedFields > 0);
  const best = usable.reduce((left, right) => (isBetter(right, left) ? right : left));
  if (best.agreement > MOSTLY || delimiters.length === 1) return best.dialect;
  return belowTitle(sample, isWhole) ?? (best.agreement > 0 ? best.dialect : RFC_4180);
}

function score(dialect: CsvDialect, sample: Buffer, isWhole: boolean): Score {
  const scan = new CsvScan(dialect);
  scan.feed(sample);
  if (isWhole) scan.end();
  const agreeing = scan.rows - scan.raggedCount;
  const { columns, quotedFields } = scan;
  if (scan.fault || columns < 2) return { dialect, agreement: 0, columns, quotedFields, typed: 0, stray: 0 };
  const [header, ...rows] = sampleRecords(sample.toString('utf8'), dialect, isWhole);
  return {
    dialect,
    agreement: (agreeing + 1) / (scan.rows + 1),
    columns,
    quotedFields,
    typed: Array.from({ length: columns }).filter((_, at) => isColumnOf(rows, at, isTyped)).length / columns,
    stray: strayShare(header ? [header, ...rows] : rows, dialect),
  };
}

function strayShare(records: SampleRecord[], { delimiter }: CsvDialect): number {
  const others = DELIMITERS.filter((other) => other !== delimiter);
  const fields = records.flatMap((record) => record.fields);
  const stray = fields.filter((cell) => others.some((other) => cell.includes(other)) && !isTyped(cell));
  return stray.length / Math.max(1, fields.length);
}

/** Single quotes win a tie only when they quote fields and double quotes do not: apostrophes are common in text. */
function isBetter(right: Score, left: Score): boolean {
  if (right.agreement !== left.agreement) return right.agreement > left.agreement;
  if (right.typed !== left.typed) return right.typed > left.typed;
  if (right.stray !== left.stray) return right.stray < left.stray;
  if (right.columns !== left.columns) return right.columns > left.columns;
  return right.dialect.quote === "'" && left.dialect.quote === '"' && right.quotedFields > 0 && left.quotedFields === 0;
}

/** The first record may be a title of one field: the dialect under which nearly all others have several, some of them typed. */
function belowTitle(sample: Buffer, isWhole: boolean): CsvDialect | null {
  for (const delimiter of DELIMITERS) {
    const dialect = { delimiter, quote: '"' };
    const [, ...records] = sampleRecords(sample.toString('utf8'), dialect, isWhole);
    const width = usualWidth(records);
    const alike = records.filter(({ fields }) => fields.length === width);
    if (width < 2 || alike.length < 3 || alike.length < NEARLY_ALL * (records.length - 2)) continue;
    const [, ...rows] = alike;
    if (Array.from({ length: width }).some((_, at) => isColumnOf(rows, at, isTyped))) return dialect;
  }
  return null;
}
