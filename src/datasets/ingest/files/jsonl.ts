import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duck } from '../../tables/duck';
import { listOf } from '../../tables/duck';
import { counted, refusal, refuse, RefusedFile, shown, FINDINGS_LISTED_MAX, type Finding } from '../finding';
import { checkHeader, COLUMNS_MAX } from '../csv/header';
import { parseLine } from './json-line';
import { endOfData, skipped, withoutBlemishes, type Blemishes } from '../csv/mended-copy';
import { RAW_TABLE, trimmedText } from '../raw';
import { checkCells, type SizeLimits } from './size-limits';
import { Utf8Check } from '../csv/utf8-check';

const LINE_BYTES_MAX = 2_000_000;
/** Faults that are counted before the rest of a file is left unread. */
const FAULTS_MAX = 10_000;
const LF = 10;
const CR = 13;
const BYTE_ORDER_MARK = '\ufeff';

export interface JsonlShape {
  /** Keys as written, in order of first appearance in the text. */
  keys: string[];
  names: string[];
  /** Of each column: every value is a JSON string. */
  isText: boolean[];
  /** NaN or an infinity stands in the file. */
  hasNotFinite: boolean;
  rowCount: number;
  blemishes: Blemishes;
}

/** Reads every line once: each must be a flat JSON object. Refuses with findings that name row and key. */
export async function checkJsonl(
  path: string,
  findings: Finding[],
  { limits, onBytes }: { limits: SizeLimits; onBytes: (share: number) => void },
): Promise<JsonlShape> {
  const byteCount = (await stat(path)).size;
  const end = await endOfData(path, byteCount, '');
  const lines = new LineCheck();
  let read = 0;
  let carry: Buffer = Buffer.alloc(0);
  const utf8 = new Utf8Check();
  const source = end > 0 ? createReadStream(path, { end: end - 1, highWaterMark: 1_048_576 }) : [];
  for await (const chunk of source) {
    const wrong = utf8.feed(chunk as Buffer);
    carry = lines.feed(Buffer.concat([carry, wrong < 0 ? (chunk as Buffer) : (chunk as Buffer).subarray(0, wrong)]));
    if (wrong >= 0) lines.wrongByte(read + wrong);
    checkCells(limits, lines.row, lines.columns.size);
    read += (chunk as Buffer).length;
    onBytes(read / byteCount);
  }
  lines.check(carry);
  checkCells(limits, lines.row, lines.columns.size);
  lines.refuseFaults();
  if (lines.row === 0) {
    refuse('NO_ROWS', { message: 'The file holds no JSON object.', fix: 'Write one JSON object per line.' });
  }
  const keys = [...lines.columns.keys()];
  findings.push(
    ...skipped({ separator: false, marks: lines.marks - (lines.beginsMarked ? 1 : 0), tail: end < byteCount }),
  );
  return {
    keys,
    names: checkHeader(keys, findings),
    isText: [...lines.columns.values()].map((kind) => kind === 'text'),
    hasNotFinite: lines.hasNotFinite,
    rowCount: lines.row,
    blemishes: { end, byteCount, marks: lines.marks > 0, mixedLineEnds: false },
  };
}

/** Loads the checked file into the raw table; every value as text. */
export async function loadJsonl(duck: Duck, path: string, scratch: string, shape: JsonlShape): Promise<void> {
  const source = await withoutBlemishes(path, join(scratch, 'lines'), shape.blemishes);
  const pointers = shape.keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  const values = shape.isText.map((isText, index) => {
    const value = `v[${index + 1}]`;
    // Of a text "NaN" and the number only the second is written without quotes.
    const isNumber = `CAST(j[${index + 1}] AS VARCHAR) IN ('NaN', 'Infinity', '-Infinity')`;
    return `${trimmedText(isText && shape.hasNotFinite ? `CASE WHEN NOT ${isNumber} THEN ${value} END` : value)} AS c${index}`;
  });
  const paths = listOf(pointers);
  const parsed = shape.hasNotFinite ? `, json_extract(json, ${paths}) AS j` : '';
  await duck.run(
    `CREATE TABLE ${RAW_TABLE} AS SELECT ${values.join(', ')} FROM (
       SELECT json_extract_string(json, ${paths}) AS v${parsed} FROM read_ndjson_objects($1))`,
    [source],
  );
}

/** What the values of a key have been so far; null has no kind. */
type ValueKind = 'none' | 'text' | 'mixed';

type FaultCode = 'LONG_RECORD' | 'INVALID_JSON' | 'NESTED_VALUE' | 'DUPLICATE_HEADER';

interface Fault {
  code: FaultCode;
  column: string | null;
  row: number;
  /** Behind "Row n", or "Row n, "key"". */
  what: string;
  fix: string;
  count: number;
}

class LineCheck {
  row = 0;
  /** By their keys, in order of first appearance. */
  readonly columns = new Map<string, ValueKind>();
  hasNotFinite = false;
  marks = 0;
  beginsMarked = false;
  /** One for each cause. */
  private readonly faults = new Map<string, Fault>();
  private faultCount = 0;

  /** Checks whole lines and returns the unfinished rest. */
  feed(bytes: Buffer): Buffer {
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      this.check(bytes.subarray(start, end));
      start = end + 1;
    }
    const rest = bytes.subarray(start);
    if (rest.length > LINE_BYTES_MAX) {
      this.row++;
      this.tooLong();
      this.refuseFaults();
    }
    return rest;
  }

  private tooLong(): void {
    const what = `is longer than ${LINE_BYTES_MAX.toLocaleString('en-US')} bytes`;
    this.fail('LONG_RECORD', null, { what, fix: 'Shorten it.' });
  }

  check(line: Buffer): void {
    const text = this.unmarked(line.toString('utf8'));
    if (text === '' || line.every(isBlank)) return;
    this.row++;
    if (line.length > LINE_BYTES_MAX) return this.tooLong();
    const parsed = parseLine(text);
    if (!parsed) return this.fail('INVALID_JSON', null, notAnObject(text));
    this.hasNotFinite ||= parsed.hasNotFinite;
    this.checkObject(parsed.value, parsed.keys);
    if (text.includes('\\u')) this.checkEscapes(parsed.value);
  }

  wrongByte(offset: number): never {
    const row = this.row + 1;
    const message = `Row ${row} is not UTF-8 (byte offset ${offset}).`;
    throw new RefusedFile([refusal('WRONG_ENCODING', { row, message, fix: 'Save the file as UTF-8.' })]);
  }

  refuseFaults(): void {
    if (this.faults.size === 0) return;
    const isAll = this.faultCount < FAULTS_MAX;
    throw new RefusedFile([...this.faults.values()].map((fault) => told(fault, isAll)));
  }

  private unmarked(text: string): string {
    if (!text.startsWith(BYTE_ORDER_MARK)) return text;
    this.marks++;
    if (this.row === 0) this.beginsMarked = true;
    return text.slice(1).trim();
  }

  private checkObject(value: Record<string, unknown>, keys: string[]): void {
    for (const key of keys) {
      const item = value[key];
      const known = this.columns.get(key);
      if (known === undefined || known !== 'mixed') this.columns.set(key, kindOf(item, known ?? 'none'));
      if (typeof item === 'object' && item !== null) {
        const what = `: the value is ${Array.isArray(item) ? 'a list' : 'an object'}`;
        this.fail('NESTED_VALUE', key, { what, fix: 'Flatten it: one key per plain value.' });
      }
    }
    const twice = new Set(keys).size < keys.length && keys.find((key, at) => keys.indexOf(key) < at);
    if (twice !== false && twice !== undefined) {
      const what = ': the key stands twice in one object, and readers differ in which value they take';
      this.fail('DUPLICATE_HEADER', twice, { what, fix: 'Write each key once.' });
    }
    if (this.columns.size > COLUMNS_MAX) checkHeader([...this.columns.keys()], []);
  }

  /** What JSON can write and no text is: DuckDB refuses half a pair, PostgreSQL a NUL. */
  private checkEscapes(value: Record<string, unknown>): void {
    for (const [key, item] of Object.entries(value)) {
      if (isHalfPair(key) || isHalfPair(item)) {
        const what = ': half of a surrogate pair, which is no text';
        this.fail('INVALID_JSON', key, { what, fix: 'Write characters as UTF-8, or both halves (\\ud83d\\ude00).' });
      } else if (hasNul(key) || hasNul(item)) {
        const what = ': a NUL character (\\u0000), which is no text';
        this.fail('INVALID_JSON', key, { what, fix: 'Remove it, or write null where nothing is known.' });
      }
    }
  }

  private fail(code: FaultCode, column: string | null, { what, fix }: { what: string; fix: string }): void {
    const cause = JSON.stringify([code, column, fix]);
    const known = this.faults.get(cause);
    if (known) known.count++;
    else if (this.faults.size < FINDINGS_LISTED_MAX)
      this.faults.set(cause, { code, column, row: this.row, what, fix, count: 1 });
    if (++this.faultCount >= FAULTS_MAX) this.refuseFaults();
  }
}

function told({ code, column, row, what, fix, count }: Fault, isAll: boolean): Finding {
  const more = count > 1 ? ` (${isAll ? '' : 'at least '}${counted(count, 'row')} like it)` : '';
  const key = column === null ? ' ' : `, ${shown(column)}`;
  return refusal(code, { column, row, count, message: `Row ${row}${key}${what}${more}.`, fix });
}

function notAnObject(text: string): { what: string; fix: string } {
  const what = `is not a JSON object: ${shown(text)}`;
  if (/^\s*\{.*'\w+'\s*:/.test(text))
    return { what, fix: 'Names and texts stand in double quotes: in Python, json.dumps(row).' };
  if (/\}\s*[\u2028\u2029\u0085\v\f\x1e]\s*\{/.test(text))
    return {
      what,
      fix: 'The objects are divided by a sign that is no line break (shown as \\u…): write \\n in its place.',
    };
  return { what, fix: 'Write one JSON object per line.' };
}

function kindOf(value: unknown, before: ValueKind): ValueKind {
  if (value === null) return before;
  return typeof value === 'string' ? 'text' : 'mixed';
}

/** What JSON takes for blank, and no more: DuckDB refuses any other. */
const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === CR || byte === LF;

const hasNul = (value: unknown): boolean => typeof value === 'string' && value.includes('\0');

const isHalfPair = (value: unknown): boolean => typeof value === 'string' && /\p{Cs}/u.test(value);
