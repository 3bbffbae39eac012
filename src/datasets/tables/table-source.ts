import type { Column, Table, TableSample, TableSource } from '../../engine';
import { Duck, type Chunk } from './duck';
import { placedData, ROW_NUMBER } from '../ingest/files/file-columns';
import { asNumber } from '../ingest/profile/profile';
import { READ_MEMORY_MB, readParquetTable, type StoredColumn } from '../ingest/table';

/** Values of one part of a scan. */
const PART_CELLS = 2 ** 18;
const PART_ROWS_MAX = 2 ** 14;

/** A Parquet file of ours as the engine reads it in parts; values are those of `readParquetTable`. */
export class ParquetSource implements TableSource {
  readonly columns: string[];

  constructor(
    private readonly path: string,
    private readonly stored: StoredColumn[],
    readonly rowCount: number,
  ) {
    this.columns = stored.map(({ name }) => name);
  }

  read(columns: string[]): Promise<Table> {
    return readParquetTable(this.path, this.storedOf(columns));
  }

  /** One row of each run of equally many, the place in it drawn by a hash. */
  async sample(rows: number, seed: number): Promise<TableSample> {
    const run = Math.max(1, Math.floor(this.rowCount / Math.max(1, rows)));
    const drawn = `hash(${ROW_NUMBER} // ${run}, ${seed}) % ${run}`;
    const parts: Table[] = [];
    const rowNumbers: number[] = [];
    const where = `${ROW_NUMBER} % ${run} = ${drawn}`;
    for await (const { chunk, table } of this.parts(this.stored, { where, numbered: true })) {
      parts.push(table);
      const numbers = chunk.column(this.stored.length);
      for (let row = 0; row < table.rowCount; row++) rowNumbers.push(numbers.getItem(row) as number);
    }
    return { ...joined(parts, this.stored), rowNumbers: Uint32Array.from(rowNumbers) };
  }

  async *scan(columns: string[]): AsyncGenerator<Table> {
    const stored = this.storedOf(columns);
    const rows = Math.min(PART_ROWS_MAX, Math.ceil(PART_CELLS / Math.max(1, stored.length)));
    let waiting: Table[] = [];
    for await (const { table } of this.parts(stored, { where: 'true', numbered: false })) {
      waiting.push(table);
      if (waiting.reduce((sum, { rowCount }) => sum + rowCount, 0) < rows) continue;
      yield joined(waiting, stored);
      waiting = [];
    }
    if (waiting.length > 0) yield joined(waiting, stored);
  }

  private storedOf(columns: string[]): StoredColumn[] {
    return columns.map((name) => this.stored.find((column) => column.name === name)!);
  }

  private async *parts(
    stored: StoredColumn[],
    { where, numbered }: { where: string; numbered: boolean },
  ): AsyncGenerator<{ chunk: Chunk; table: Table }> {
    const duck = await Duck.open({ scratch: null, readable: [this.path], memoryMb: READ_MEMORY_MB });
    try {
      const selected = [...stored.map(expressionOf), ...(numbered ? [`CAST(${ROW_NUMBER} AS DOUBLE)`] : [])];
      const data = await placedData(duck, this.path, { numbered: true });
      const sql = `SELECT ${selected.join(', ') || '0'} FROM ${data} WHERE ${where}`;
      for await (const chunk of duck.chunks(sql)) yield { chunk, table: tableOf(chunk, stored) };
    } finally {
      duck.close();
    }
  }
}

/** Numbers as DOUBLE with NaN for missing, booleans as the texts false and true, text as it is. */
function expressionOf(stored: StoredColumn): string {
  const number = asNumber(stored);
  if (number) return `coalesce(${number} + 0.0::DOUBLE, 'NaN'::DOUBLE)`;
  return `CAST(c${stored.index} AS VARCHAR)`;
}

function tableOf({ rowCount, column }: Chunk, stored: StoredColumn[]): Table {
  const columns = stored.map((field, index): Column => {
    const vector = column(index);
    const { name } = field;
    if (asNumber(field)) {
      const values = new Float64Array(rowCount);
      for (let row = 0; row < rowCount; row++) values[row] = vector.getItem(row) as number;
      return { name, kind: 'number', values };
    }
    const coding = new Coding();
    const codes = new Int32Array(rowCount);
    for (let row = 0; row < rowCount; row++) codes[row] = coding.codeOf(vector.getItem(row) as string | null);
    return { name, kind: 'category', codes, levels: coding.levels };
  });
  return { rowCount, columns };
}

/** Numbers texts in the order in which they come. */
class Coding {
  readonly levels: string[] = [];
  private readonly codes = new Map<string, number>();

  /** -1 for what is missing. */
  codeOf(text: string | null): number {
    if (text === null) return -1;
    const known = this.codes.get(text);
    if (known !== undefined) return known;
    this.codes.set(text, this.levels.length);
    return this.levels.push(text) - 1;
  }
}

/** Parts of one table as one. */
function joined(parts: Table[], stored: StoredColumn[]): Table {
  const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0);
  const columns = stored.map((field, index): Column => {
    const pieces = parts.map((part) => part.columns[index]);
    if (asNumber(field)) return { name: field.name, kind: 'number', values: joinNumbers(pieces, rowCount) };
    return { name: field.name, kind: 'category', ...joinCodes(pieces, rowCount) };
  });
  return { rowCount, columns };
}

function joinNumbers(pieces: Column[], rowCount: number): Float64Array {
  const values = new Float64Array(rowCount);
  let at = 0;
  for (const piece of pieces) {
    if (piece.kind !== 'number') continue;
    values.set(piece.values, at);
    at += piece.values.length;
  }
  return values;
}

function joinCodes(pieces: Column[], rowCount: number): { codes: Int32Array; levels: string[] } {
  const codes = new Int32Array(rowCount);
  const coding = new Coding();
  let at = 0;
  for (const piece of pieces) {
    if (piece.kind !== 'category') continue;
    const newCodes = piece.levels.map((level) => coding.codeOf(level));
    for (const code of piece.codes) codes[at++] = code < 0 ? -1 : newCodes[code];
  }
  return { codes, levels: coding.levels };
}
