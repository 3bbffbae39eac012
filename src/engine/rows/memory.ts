/** A table in memory behind the interface of one that is read in parts. */
import type { Column, StreamRequest, Table, TableSample, TableSource, TrainRequest } from '../types';

/** A request as the engine works on it. Without `scratch`, memory holds the table and what it becomes. */
export interface SourceRequest
  extends Omit<TrainRequest, 'table'>, Partial<Pick<StreamRequest, 'bytesMax' | 'scratch'>> {
  source: TableSource;
}

export function withSource(request: TrainRequest | SourceRequest): SourceRequest {
  if ('source' in request) return request;
  const { table, ...rest } = request;
  return { ...rest, source: new MemorySource(table) };
}

/** Its columns are those of the table, not copies. A sample of it is whole, and a scan has one part. */
export class MemorySource implements TableSource {
  readonly rowCount: number;
  readonly columns: string[];

  constructor(readonly table: Table) {
    this.rowCount = table.rowCount;
    this.columns = table.columns.map(({ name }) => name);
  }

  read(columns: string[]): Promise<Table> {
    return Promise.resolve(this.take(columns));
  }

  sample(): Promise<TableSample> {
    const { table } = this;
    // Made when they are asked for, as they rarely are.
    return Promise.resolve({
      ...table,
      get rowNumbers() {
        return new Uint32Array(table.rowCount).map((_, row) => row);
      },
    });
  }

  async *scan(columns: string[]): AsyncGenerator<Table> {
    yield this.take(columns);
  }

  private take(names: string[]): Table {
    const byName = new Map(this.table.columns.map((column): [string, Column] => [column.name, column]));
    return { ...this.table, columns: names.map((name) => byName.get(name)!) };
  }
}
