/** A table with columns that were made beside it. */
import type { Column, Table, TableSample, TableSource } from '../types';
import { takeRows } from './kept';
import { MemorySource } from './memory';

export function widerSource(source: TableSource, added: readonly Column[]): TableSource {
  if (!(source instanceof MemorySource)) return new WiderSource(source, added);
  return new MemorySource({ ...source.table, columns: [...source.table.columns, ...added] });
}

class WiderSource implements TableSource {
  readonly columns: string[];
  readonly rowCount: number;
  private readonly added: ReadonlyMap<string, Column>;

  constructor(
    private readonly source: TableSource,
    added: readonly Column[],
  ) {
    this.added = new Map(added.map((column) => [column.name, column]));
    this.columns = [...source.columns, ...this.added.keys()];
    this.rowCount = source.rowCount;
  }

  async read(columns: string[]): Promise<Table> {
    const table = await this.source.read(this.stored(columns));
    return { ...table, columns: this.inOrder(columns, table, null) };
  }

  async sample(rows: number, seed: number): Promise<TableSample> {
    const sample = await this.source.sample(rows, seed);
    return { ...sample, columns: this.inOrder(this.columns, sample, sample.rowNumbers) };
  }

  async *scan(columns: string[]): AsyncGenerator<Table> {
    let first = 0;
    for await (const part of this.source.scan(this.stored(columns))) {
      const rows = Uint32Array.from({ length: part.rowCount }, (_, row) => first + row);
      yield { ...part, columns: this.inOrder(columns, part, rows) };
      first += part.rowCount;
    }
  }

  private stored(columns: string[]): string[] {
    return columns.filter((name) => !this.added.has(name));
  }

  /** @param rows of the made columns; null: all */
  private inOrder(names: string[], { columns }: Table, rows: Uint32Array | null): Column[] {
    const added = names.flatMap((name) => this.added.get(name) ?? []);
    const taken = rows ? takeRows({ rowCount: this.rowCount, columns: added }, rows).columns : added;
    const byName = new Map([...columns, ...taken].map((column) => [column.name, column]));
    return names.map((name) => byName.get(name)!);
  }
}
