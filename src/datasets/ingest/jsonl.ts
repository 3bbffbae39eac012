import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Duck } from '../duck';
import { listOf } from '../duck';
import { refusal, refuse, RefusedFile, shown, FINDINGS_LISTED_MAX, type Finding } from './finding';
import { checkHeader, COLUMNS_MAX } from './header';
import { RAW_TABLE, trimmedText } from './raw';
import { checkCells, type SizeLimits } from './size-limits';
import { Utf8Check } from './utf8-check';

const LINE_BYTES_MAX = 2_000_000;
const LF = 10;
const CR = 13;

export interface JsonlShape {
  /** Keys as written, in order of first appearance. */
  keys: string[];
  names: string[];
  rowCount: number;
}

/** Reads every line once: each must be a flat JSON object. Refuses with findings that name row and key. */
export async function checkJsonl(
  path: string,
  findings: Finding[],
  { limits, onBytes }: { limits: SizeLimits; onBytes: (share: number) => void },
): Promise<JsonlShape> {
  const byteCount = (await stat(path)).size;
  const lines = new LineCheck();
  let read = 0;
  let carry: Buffer = Buffer.alloc(0);
  const utf8 = new Utf8Check();
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    const wrong = utf8.feed(chunk as Buffer);
    carry = lines.feed(Buffer.concat([carry, wrong < 0 ? (chunk as Buffer) : (chunk as Buffer).subarray(0, wrong)]));
    if (wrong >= 0) lines.wrongByte(read + wrong);
    checkCells(limits, lines.row, lines.keys.size);
    read += (chunk as Buffer).length;
    onBytes(read / byteCount);
  }
  lines.check(carry);
  checkCells(limits, lines.row, lines.keys.size);
  if (lines.faults.length > 0) throw new RefusedFile(lines.faults);
  if (lines.row === 0) {
    refuse('NO_ROWS', { message: 'The file holds no JSON object.', fix: 'Write one JSON object per line.' });
  }
  const keys = [...lines.keys];
  return { keys, names: checkHeader(keys, findings), rowCount: lines.row };
}

/** Loads the checked file into the raw table; every value as text. */
export async function loadJsonl(duck: Duck, path: string, shape: JsonlShape): Promise<void> {
  const pointers = shape.keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  const values = pointers.map((_, index) => `${trimmedText(`v[${index + 1}]`)} AS c${index}`).join(', ');
  await duck.run(
    `CREATE TABLE ${RAW_TABLE} AS SELECT ${values} FROM (
       SELECT json_extract_string(json, ${listOf(pointers)}) AS v FROM read_ndjson_objects($1))`,
    [path],
  );
}

class LineCheck {
  row = 0;
  readonly keys = new Set<string>();
  readonly faults: Finding[] = [];

  /** Checks whole lines and returns the unfinished rest. */
  feed(bytes: Buffer): Buffer {
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      this.check(bytes.subarray(start, end));
      start = end + 1;
    }
    const rest = bytes.subarray(start);
    if (rest.length > LINE_BYTES_MAX) this.fail('LONG_RECORD', `is longer than ${LINE_BYTES_MAX} bytes`, 'Shorten it.');
    return rest;
  }

  check(line: Buffer): void {
    if (line.every(isBlank)) return;
    const text = line.toString('utf8');
    const value = parse(text);
    if (value === undefined)
      this.fail('INVALID_JSON', `is not a JSON object: ${shown(text)}`, 'Write one JSON object per line.');
    else if (text.includes('\\u') && Object.entries(value).flat().some(isHalfPair))
      this.fail('INVALID_JSON', 'holds half of a surrogate pair, which is no text', 'Write characters as UTF-8.');
    else this.checkObject(value);
    this.row++;
  }

  wrongByte(offset: number): never {
    return this.stop('WRONG_ENCODING', `is not UTF-8 (byte offset ${offset})`, 'Save the file as UTF-8.');
  }

  private checkObject(value: Record<string, unknown>): void {
    for (const key in value) {
      this.keys.add(key);
      const item = value[key];
      if (typeof item === 'object' && item !== null) this.nested(key, Array.isArray(item) ? 'a list' : 'an object');
    }
    if (this.keys.size > COLUMNS_MAX) checkHeader([...this.keys], []);
  }

  private nested(column: string, what: string): void {
    this.add(
      refusal('NESTED_VALUE', {
        column,
        row: this.row + 1,
        message: `Row ${this.row + 1}, ${shown(column)}: the value is ${what}.`,
        fix: 'Flatten it: one key per plain value.',
      }),
    );
  }

  private fail(code: 'LONG_RECORD' | 'INVALID_JSON', what: string, fix: string): void {
    this.add(refusal(code, { row: this.row + 1, message: `Row ${this.row + 1} ${what}.`, fix }));
    if (code === 'LONG_RECORD') throw new RefusedFile(this.faults);
  }

  private stop(code: 'WRONG_ENCODING', what: string, fix: string): never {
    throw new RefusedFile([refusal(code, { row: this.row + 1, message: `Row ${this.row + 1} ${what}.`, fix })]);
  }

  private add(finding: Finding): void {
    this.faults.push(finding);
    if (this.faults.length >= FINDINGS_LISTED_MAX) throw new RefusedFile(this.faults);
  }
}

/** What JSON takes for blank, and no more: DuckDB refuses any other. */
const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === CR || byte === LF;

/** The one thing that JSON.parse reads and DuckDB refuses. */
const isHalfPair = (value: unknown): boolean => typeof value === 'string' && /\p{Cs}/u.test(value);

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
