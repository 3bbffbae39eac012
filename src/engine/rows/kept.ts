/** Some rows of a table as a table of their own, in memory or read in parts. */
import type { Column, Table, TableSample, TableSource } from '../types';
import { MemorySource } from './memory';
import { scanRows } from './scan';

/** @param rows ascending. Levels of a category are those of these rows, in the order in which they come. */
export function takeRows(table: Table, rows: Uint32Array): Table {
  return { rowCount: rows.length, columns: table.columns.map((column) => take(column, rows)) };
}

function take(column: Column, rows: Uint32Array): Column {
  if (column.kind === 'number') return { ...column, values: Float64Array.from(rows, (row) => column.values[row]) };
  const codes = new Map<number, number>([[-1, -1]]);
  const levels: string[] = [];
  const newCodes = Int32Array.from(rows, (row) => {
    const code = column.codes[row];
    let known = codes.get(code);
    if (known === undefined) codes.set(code, (known = levels.push(column.levels[code]) - 1));
    return known;
  });
  return { ...column, codes: newCodes, levels };
}

/** The same, knowing where its rows were. */
function keepRows(table: Table, rows: Uint32Array): Table {
  const { origins } = table;
  return { ...takeRows(table, rows), origins: origins ? rows.map((row) => origins[row]) : rows };
}

/** Where a list has numbers that another has as well. Both ascend. */
export function placesIn(list: Uint32Array, others: Uint32Array): Uint32Array {
  let at = 0;
  return rowsOf(
    Uint8Array.from(list, (number) => {
      while (at < others.length && others[at] < number) at++;
      return Number(others[at] === number);
    }),
  );
}

/** The numbers of the rows that a mask keeps. */
export function rowsOf(mask: Uint8Array): Uint32Array {
  const rows = new Uint32Array(mask.reduce((sum, kept) => sum + kept, 0));
  let at = 0;
  mask.forEach((kept, row) => {
    if (kept) rows[at++] = row;
  });
  return rows;
}

/** @param rows ascending, at least one */
export const keptSource = (source: TableSource, rows: Uint32Array): TableSource =>
  source instanceof MemorySource ? new MemorySource(keepRows(source.table, rows)) : new KeptSource(source, rows);

class KeptSource implements TableSource {
  readonly columns: string[];
  readonly rowCount: number;

  constructor(
    private readonly source: TableSource,
    private readonly rows: Uint32Array,
  ) {
    this.columns = source.columns;
    this.rowCount = rows.length;
  }

  async read(columns: string[]): Promise<Table> {
    return keepRows(await this.source.read(columns), this.rows);
  }

  async sample(rows: number, seed: number): Promise<TableSample> {
    const wanted = Math.min(this.source.rowCount, Math.ceil((rows * this.source.rowCount) / this.rowCount));
    const sample = await this.source.sample(wanted, seed);
    const kept = placesIn(sample.rowNumbers, this.rows);
    return { ...takeRows(sample, kept), rowNumbers: placesIn(this.rows, sample.rowNumbers) };
  }

  async *scan(columns: string[]): AsyncGenerator<Table> {
    for await (const { part, kept } of scanRows(this.source, columns, { kept: this.rows })) {
      if (kept.at.length > 0) yield takeRows(part, kept.at);
    }
  }
}
