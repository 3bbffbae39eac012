import { COMMENT, isColumnOf, isTyped, NEARLY_ALL, sampleRecords, type SampleRecord } from './csv-sample';
import { CsvScan, type CsvDialect } from './csv-scan';

/** In the order in which they win a tie: commas stand in names and in numbers as well. */
export const DELIMITERS = [';', '\t', '|', ','];
/** Signs that divide the files of some program and stand in few texts: looked for where none of the others divides. */
export const RARE_DELIMITERS = ['^', '~', '\x01', '\x1f'];
const QUOTES = ['"', "'"];
/** Where fewer rows agree with the first line, it may be no header. */
const MOSTLY = 0.5;
const RFC_4180: CsvDialect = { delimiter: ',', quote: '"' };

interface Score {
  dialect: CsvDialect;
  rows: number;
  /** Share of sampled rows that are whole and have as many fields as the header; 0 when the header has one field only. */
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
 * Guesses delimiter and quote from the head of a file: the pair under which most rows have as many fields as the header.
 * Where nearly all have, the others may be faults of the file, so that this is a tie. Ties go to more typed columns, then to
 * more such rows, then to fewer strays in texts, then to more columns, then to the earlier candidate; a file of a single
 * column gets the standard dialect, unless a line above its header hides the others.
 */
export function sniffDialect(sample: Buffer, { delimiters = DELIMITERS, isWhole = false } = {}): CsvDialect {
  const head: Head = { sample, text: sample.toString('utf8'), isWhole };
  const best = bestOf(delimiters, head);
  if (best.agreement > MOSTLY || delimiters.length === 1) return best.dialect;
  const rare = bestOf(RARE_DELIMITERS, head);
  if (rare.agreement >= NEARLY_ALL) return rare.dialect;
  return belowTitle(head)?.dialect ?? (best.agreement > 0 ? best.dialect : RFC_4180);
}

/** The head of a file. */
interface Head {
  sample: Buffer;
  text: string;
  /** Nothing follows it. */
  isWhole: boolean;
}

function bestOf(delimiters: string[], head: Head, titles = 0): Score {
  const dialects = QUOTES.flatMap((quote) => delimiters.map((delimiter) => ({ delimiter, quote })));
  const scores = dialects.map((dialect) => score(dialect, head, titles));
  const quoted = scores.filter(quotesNearlyAll);
  const usable = scores.filter(({ dialect, quotedFields }) => dialect.quote === '"' || quotedFields > 0);
  return (quoted.length > 0 ? quoted : usable).reduce((left, right) => (isBetter(right, left) ? right : left));
}

/** What stands around nearly all fields is their quote, also where another would leave more rows of one width. */
const quotesNearlyAll = ({ columns, rows, quotedFields }: Score): boolean =>
  columns > 1 && quotedFields >= NEARLY_ALL * (rows + 1) * columns;

/** `titles` records stand above the header. */
function score(dialect: CsvDialect, { sample, text, isWhole }: Head, titles: number): Score {
  const scan = new CsvScan(dialect, { skipped: titles, readsOn: true });
  scan.feed(sample);
  if (isWhole) scan.end();
  const agreeing = scan.rows - scan.raggedCount;
  const { columns, quotedFields, rows } = scan;
  if (scan.fault || columns < 2) return { dialect, rows, agreement: 0, columns, quotedFields, typed: 0, stray: 0 };
  const [header, ...records] = sampleRecords(text, dialect, isWhole).slice(titles);
  return {
    dialect,
    rows,
    agreement: (agreeing + 1) / (rows + 1),
    columns,
    quotedFields,
    typed: Array.from({ length: columns }).filter((_, at) => isColumnOf(records, at, isTyped)).length / columns,
    stray: strayShare(header ? [header, ...records] : records, dialect),
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
  const isTie = Math.min(right.agreement, left.agreement) >= NEARLY_ALL;
  if (!isTie && right.agreement !== left.agreement) return right.agreement > left.agreement;
  if (right.typed !== left.typed) return right.typed > left.typed;
  if (right.agreement !== left.agreement) return right.agreement > left.agreement;
  if (right.stray !== left.stray) return right.stray < left.stray;
  if (right.columns !== left.columns) return right.columns > left.columns;
  return right.dialect.quote === "'" && left.dialect.quote === '"' && right.quotedFields > 0 && left.quotedFields === 0;
}

const TITLES_MAX = 5;
const ROWS_PROVING = 2;

/** The first records may be a title of one field: the pair under which nearly all others have several, as a table has. */
function belowTitle(head: Head): Score | null {
  for (let titles = 1; titles <= TITLES_MAX; titles++) {
    const best = bestOf(DELIMITERS, head, titles);
    const isTable = best.typed > 0 || best.quotedFields > 0 || beginsWithComments(head.text, titles);
    if (best.agreement >= NEARLY_ALL && best.rows >= ROWS_PROVING && isTable) return best;
  }
  return null;
}

const beginsWithComments = (text: string, lines: number): boolean =>
  text.split(/\r\n?|\n/, lines).every((line) => COMMENT.test(line));
