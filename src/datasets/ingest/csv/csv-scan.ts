export interface CsvDialect {
  delimiter: string;
  quote: string;
}

/** Rows with one and the same number of fields, another than the header has. */
export interface RaggedRows {
  fields: number;
  count: number;
  /** Of these the last field is empty: a delimiter ends the row. */
  endEmpty: number;
  /** The first few. */
  places: { row: number; line: number }[];
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
export const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
export const RECORD_BYTES_MAX = 2_000_000;
const PLACES_MAX = 3;
const RAGGED_KINDS_MAX = 20;
/** Blank lines below the header that are read over; of a few millions DuckDB takes the first for the end of the file. */
export const BLANK_LINES_MAX = 100_000;

/** Where the machine stands inside a record (RFC 4180; blanks around a quoted field are allowed, as DuckDB does). */
const enum At {
  FieldStart,
  Bare,
  Quoted,
  QuoteInQuoted,
}

/** By byte: 1 for those that change nothing inside a field, 0 for these. */
function othersThan(...bytes: number[]): Uint8Array {
  const others = new Uint8Array(256).fill(1);
  for (const byte of bytes) others[byte] = 0;
  return others;
}

/** Where a byte stands next; asked for places that do not go back, all of a chunk is looked through once. */
class NextPlace {
  private place = -1;

  constructor(
    private readonly chunk: Uint8Array,
    private readonly byte: number,
  ) {}

  /** Infinity where there is none. */
  from(index: number): number {
    if (this.place >= index) return this.place;
    const found = this.chunk.indexOf(this.byte, index);
    return (this.place = found < 0 ? Infinity : found);
  }
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
  /** Blank and skipped ones above the header. */
  linesAbove = 0;
  /** Below the header. */
  blankLines = 0;
  quotedFields = 0;
  /** By their number of fields; of very many numbers, the first. */
  readonly ragged = new Map<number, RaggedRows>();
  raggedCount = 0;
  fault: CsvFault | null = null;
  lineEnds = { lf: 0, crlf: 0, cr: 0 };
  /** Offsets in the stream of the header and of the first byte after it; -1 before it ends. */
  headerStart = 0;
  headerEnd = -1;

  private readonly passed: { bare: Uint8Array; quoted: Uint8Array };
  private at: At = At.FieldStart;
  private blank = true;
  private recordLine = 1;
  private recordStart = 0;
  private offset = 0;
  private afterCr = false;
  /** Bytes of a byte order mark that have come at the beginning of this record. */
  private marked = 0;
  /** At the beginning of records. */
  private marks = 0;
  private beginsMarked = false;
  private readonly delimiter: number;
  private readonly quote: number;

  private readonly readsOn: boolean;
  private skipped: number;
  /** The record being read has a fault that was read over. */
  private isSpoiled = false;

  /** `skipped` records stand above the header. With `readsOn`, records whose quoting breaks count as ragged. */
  constructor(dialect: CsvDialect, { skipped = 0, readsOn = false } = {}) {
    this.skipped = skipped;
    this.readsOn = readsOn;
    this.delimiter = dialect.delimiter.charCodeAt(0);
    this.quote = dialect.quote.charCodeAt(0);
    this.passed = { bare: othersThan(this.delimiter, this.quote, LF, CR), quoted: othersThan(this.quote, LF) };
  }

  /** Byte order marks but for the one that files begin with. */
  get innerMarks(): number {
    return this.marks - (this.beginsMarked ? 1 : 0);
  }

  /** The data row being read, 1 is the first after the header; 0 is the header. */
  get row(): number {
    return this.headerEnd < 0 ? 0 : this.rows + 1;
  }

  feed(chunk: Uint8Array): void {
    const { delimiter, quote } = this;
    const { bare, quoted } = this.passed;
    const places = { lf: new NextPlace(chunk, LF), cr: new NextPlace(chunk, CR), quote: new NextPlace(chunk, quote) };
    for (let index = 0; index < chunk.length && !this.fault; index++) {
      if (this.isAtRow) index = this.passPlainRows(chunk, index, places);
      if (index >= chunk.length) break;
      const passed = this.at === At.Bare ? bare : this.at === At.Quoted ? quoted : null;
      if (passed) while (index < chunk.length && passed[chunk[index]]) index++;
      if (index >= chunk.length) break;
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
        else if (byte === LF) this.onQuotedLine();
      } else if (byte === delimiter) this.nextField();
      else if (byte === LF || byte === CR) this.endLine(byte, this.offset + index + 1);
      else if (byte === quote) this.onQuote();
      else if (byte !== SPACE) this.onByte(byte);
      else this.blank = false;
    }
    this.offset += chunk.length;
    if (this.offset - this.recordStart > RECORD_BYTES_MAX) this.fail('LONG_RECORD');
  }

  /** Nothing of a data row has come yet. */
  private get isAtRow(): boolean {
    return this.headerEnd >= 0 && this.blank && this.marked === 0 && !this.afterCr;
  }

  /** Counts whole rows of as many fields as the header has and without a quote, for speed. Gives the place of the next row. */
  private passPlainRows(chunk: Uint8Array, from: number, places: Record<'lf' | 'cr' | 'quote', NextPlace>): number {
    const { delimiter, columns, lineEnds } = this;
    let [start, rows] = [from, 0];
    for (;;) {
      const end = places.lf.from(start);
      const isCrLf = places.cr.from(start) === end - 1;
      if (end === Infinity || places.quote.from(start) < end || places.cr.from(start) < end - 1) break;
      if (end - start < (isCrLf ? 2 : 1) || end - start >= RECORD_BYTES_MAX || chunk[start] === BYTE_ORDER_MARK[0])
        break;
      let fields = 1;
      for (let at = start; at < end; at++) fields += chunk[at] === delimiter ? 1 : 0;
      if (fields !== columns) break;
      if (isCrLf) lineEnds.crlf++;
      else lineEnds.lf++;
      rows++;
      start = end + 1;
    }
    this.rows += rows;
    this.line += rows;
    this.recordLine = this.line;
    this.recordStart = this.offset + start;
    return start;
  }

  end(): void {
    if (this.fault) return;
    if (this.at === At.Quoted) this.onOpenEnd();
    else if (!this.blank) this.endRecord(this.offset);
  }

  private onQuote(): void {
    this.blank = false;
    if (this.at === At.FieldStart) {
      this.at = At.Quoted;
      this.quotedFields++;
    } else if (this.at === At.QuoteInQuoted) this.at = At.Quoted;
  }

  /** DuckDB takes the first line end for that of the file, also inside of a name. */
  private onQuotedLine(): void {
    this.line++;
    if (this.headerEnd < 0) this.lineEnds.lf++;
  }

  private onByte(byte: number): void {
    if (this.blank && this.marked >= 0 && byte === BYTE_ORDER_MARK[this.marked]) return this.onMark();
    this.blank = false;
    if (this.at === At.FieldStart) this.at = At.Bare;
    else if (this.at === At.QuoteInQuoted) this.onTextBehindQuote();
  }

  private onTextBehindQuote(): void {
    if (!this.readsOn) return this.fail('MALFORMED_QUOTE');
    this.isSpoiled = true;
    this.at = At.Bare;
  }

  /** Each line that an open quote has swallowed may have been a row. */
  private onOpenEnd(): void {
    if (!this.readsOn || this.headerEnd < 0) return this.fail('UNTERMINATED_QUOTE');
    const swallowed = this.line - this.recordLine + 1;
    this.rows += swallowed;
    this.raggedCount += swallowed;
  }

  private onMark(): void {
    this.marked++;
    if (this.marked < BYTE_ORDER_MARK.length) return;
    this.marks++;
    this.marked = -1;
    if (this.recordStart === 0) this.beginsMarked = true;
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
    if (next - this.recordStart > RECORD_BYTES_MAX) return this.fail('LONG_RECORD');
    if (this.headerEnd < 0) this.endHeader(fields, next);
    else if (!this.blank || this.columns === 1) this.endRow(fields);
    else if (++this.blankLines > BLANK_LINES_MAX) this.fail('BLANK_LINES');
    this.field = 0;
    this.at = At.FieldStart;
    this.blank = true;
    this.isSpoiled = false;
    this.marked = 0;
    this.recordLine = this.line;
    this.recordStart = next;
  }

  private endHeader(fields: number, next: number): void {
    if (this.blank || this.skipped > 0) {
      if (!this.blank) this.skipped--;
      this.linesAbove++;
      this.headerStart = next;
      return;
    }
    this.columns = fields;
    this.headerEnd = next;
  }

  private endRow(actual: number): void {
    this.rows++;
    if (actual === this.columns && !this.isSpoiled) return;
    this.raggedCount++;
    const rows = this.ragged.get(actual) ?? { fields: actual, count: 0, endEmpty: 0, places: [] };
    rows.count++;
    if (this.at === At.FieldStart) rows.endEmpty++;
    if (rows.places.length < PLACES_MAX) rows.places.push({ row: this.rows, line: this.recordLine });
    if (this.ragged.size < RAGGED_KINDS_MAX) this.ragged.set(actual, rows);
  }

  private fail(code: CsvFault['code']): void {
    this.fault ??= { code, row: this.row, line: this.recordLine, field: this.field };
  }
}
