export interface CsvDialect {
  delimiter: string;
  quote: string;
}

export interface RaggedRow {
  row: number;
  line: number;
  expected: number;
  actual: number;
}

export interface CsvFault {
  code: 'MALFORMED_QUOTE' | 'UNTERMINATED_QUOTE' | 'LONG_RECORD' | 'BLANK_LINES';
  row: number;
  line: number;
  field: number;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
export const UTF8_BOM_BYTES = 3;
export const RECORD_BYTES_MAX = 2_000_000;
const RAGGED_LISTED_MAX = 20;
/** Blank lines below the header that are read over; of a few millions DuckDB takes the first for the end of the file. */
export const BLANK_LINES_MAX = 100_000;

/** Where the machine stands inside a record (RFC 4180; blanks around a quoted field are allowed, as DuckDB does). */
const enum At {
  FieldStart,
  Bare,
  Quoted,
  QuoteInQuoted,
}

/**
 * Reads CSV byte by byte to say what DuckDB does not: which rows are ragged, and where quoting breaks. Memory is
 * constant. Row 0 is the header; blank lines are no rows when there is more than one column.
 */
export class CsvScan {
  /** Data rows completed, without the header. */
  rows = 0;
  columns = 0;
  field = 0;
  line = 1;
  blankLeading = 0;
  /** Below the header. */
  blankLines = 0;
  quotedFields = 0;
  ragged: RaggedRow[] = [];
  raggedCount = 0;
  fault: CsvFault | null = null;
  lineEnds = { lf: 0, crlf: 0, cr: 0 };
  /** Offset in the stream of the first byte after the header; -1 before it ends. */
  headerEnd = -1;

  private at: At = At.FieldStart;
  private blank = true;
  private recordLine = 1;
  private recordStart = 0;
  private offset = 0;
  private afterCr = false;
  private readonly delimiter: number;
  private readonly quote: number;

  constructor(dialect: CsvDialect) {
    this.delimiter = dialect.delimiter.charCodeAt(0);
    this.quote = dialect.quote.charCodeAt(0);
  }

  /** The data row being read, 1 is the first after the header; 0 is the header. */
  get row(): number {
    return this.headerEnd < 0 ? 0 : this.rows + 1;
  }

  feed(chunk: Uint8Array): void {
    const { delimiter, quote } = this;
    const start = this.offset === 0 && hasByteOrderMark(chunk) ? UTF8_BOM_BYTES : 0;
    for (let index = start; index < chunk.length && !this.fault; index++) {
      const byte = chunk[index];
      if (byte === LF && this.afterCr) {
        this.afterCr = false;
        this.lineEnds.cr--;
        this.lineEnds.crlf++;
        this.recordStart = this.offset + index + 1;
        if (this.headerEnd === this.offset + index) this.headerEnd++;
        continue;
      }
      this.afterCr = false;
      if (this.at === At.Quoted) {
        if (byte === quote) this.at = At.QuoteInQuoted;
        else if (byte === LF) this.line++;
      } else if (byte === delimiter) this.nextField();
      else if (byte === LF || byte === CR) this.endLine(byte, this.offset + index + 1);
      else if (byte === quote) this.onQuote();
      else if (byte !== SPACE) this.onByte();
      else this.blank = false;
    }
    this.offset += chunk.length;
    if (this.offset - this.recordStart > RECORD_BYTES_MAX) this.fail('LONG_RECORD');
  }

  end(): void {
    if (this.fault) return;
    if (this.at === At.Quoted) this.fail('UNTERMINATED_QUOTE');
    else if (!this.blank) this.endRecord(this.offset);
  }

  private onQuote(): void {
    this.blank = false;
    if (this.at === At.FieldStart) {
      this.at = At.Quoted;
      this.quotedFields++;
    } else if (this.at === At.QuoteInQuoted) this.at = At.Quoted;
  }

  private onByte(): void {
    this.blank = false;
    if (this.at === At.FieldStart) this.at = At.Bare;
    else if (this.at === At.QuoteInQuoted) this.fail('MALFORMED_QUOTE');
  }

  private nextField(): void {
    this.blank = false;
    this.field++;
    this.at = At.FieldStart;
  }

  private endLine(byte: number, next: number): void {
    this.afterCr = byte === CR;
    if (this.afterCr) this.lineEnds.cr++;
    else this.lineEnds.lf++;
    this.line++;
    this.endRecord(next);
  }

  private endRecord(next: number): void {
    const fields = this.field + 1;
    if (this.headerEnd < 0) this.endHeader(fields, next);
    else if (!this.blank || this.columns === 1) this.endRow(fields);
    else if (++this.blankLines > BLANK_LINES_MAX) this.fail('BLANK_LINES');
    if (next - this.recordStart > RECORD_BYTES_MAX) this.fail('LONG_RECORD');
    this.field = 0;
    this.at = At.FieldStart;
    this.blank = true;
    this.recordLine = this.line;
    this.recordStart = next;
  }

  private endHeader(fields: number, next: number): void {
    if (this.blank) {
      this.blankLeading++;
      return;
    }
    this.columns = fields;
    this.headerEnd = next;
  }

  private endRow(actual: number): void {
    this.rows++;
    if (actual === this.columns) return;
    this.raggedCount++;
    if (this.ragged.length < RAGGED_LISTED_MAX) {
      this.ragged.push({ row: this.rows, line: this.recordLine, expected: this.columns, actual });
    }
  }

  private fail(code: CsvFault['code']): void {
    this.fault ??= { code, row: this.row, line: this.recordLine, field: this.field };
  }
}

export const hasByteOrderMark = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

/** The fields of one record; `text` holds exactly one. */
export function splitRecord(text: string, dialect: CsvDialect): string[] {
  const { delimiter, quote } = dialect;
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === quote && text[index + 1] === quote) field += text[++index];
    else if (character === quote && (quoted || field.trim() === '')) {
      if (!quoted) field = '';
      quoted = !quoted;
    } else if (character === delimiter && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  return [...fields, field];
}
