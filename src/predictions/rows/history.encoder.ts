import type { RowBlock } from '../../compute';
import { lastRows, type Column, type HistoryCard, type ModelCard } from '../../engine';
import { PraxisError, step } from '../../kernel';
import type { Row } from './row.cells';
import { RowEncoder } from './row.encoder';

/** The rows of some entities, those of one behind those of another. */
export interface EntityHistories {
  rows: Row[];
  /** How many rows each entity has, at least one. */
  counts: Uint32Array;
  /** Where one of the rows stands in the request. */
  path(row: number): string;
}

export interface EncodedHistories {
  /** A row for each entity. */
  block: RowBlock;
  /** Of each entity, which of the rows is predicted. */
  lastRows: Uint32Array;
  /** What the steps made for each entity, by the name of the input; null is missing. */
  computed: ReadonlyMap<string, (number | string | null)[]>;
}

/** Turns the rows of entities into what a model reads of the last of them. Compiled once per model version. */
export class HistoryEncoder {
  private readonly rows: RowEncoder;
  private readonly inputs: ReadonlySet<string>;

  constructor(
    private readonly card: ModelCard,
    private readonly history: HistoryCard,
  ) {
    this.rows = new RowEncoder({ ...card, inputs: history.inputs });
    this.inputs = new Set(card.inputs.map(({ name }) => name));
  }

  /** Throws VALIDATION_FAILED that lists at most 20 faults. */
  encode({ rows, counts, path }: EntityHistories): EncodedHistories {
    const columns = columnsOf(this.rows.encode(rows, path), this.history);
    this.checkOrder(columns, path);
    const last = lastRows(this.history, this.inputs, { columns, counts });
    const values = new Map(columns.map((column) => [column.name, Array.from(last.rows, reader(column))]));
    const computed = new Map(
      last.computed.map((column) => [column.name, Array.from(counts, (_, i) => reader(column)(i))]),
    );
    for (const [name, list] of computed) values.set(name, list);
    return { block: this.blockOf(values, counts.length), lastRows: last.rows, computed };
  }

  private checkOrder(columns: readonly Column[], path: EntityHistories['path']): void {
    const { order } = this.history;
    const { values } = columns.find(({ name }) => name === order) as Column & { kind: 'number' };
    if (!values.some(Number.isNaN)) return;
    const missing = [...values.keys()].filter((row) => Number.isNaN(values[row]));
    throw PraxisError.invalid(
      missing.map((row) => ({
        ...{ path: `${path(row)}${step(order)}`, message: 'is missing, and says where the row is in the history' },
        hint: 'give each row of an entity its value',
      })),
    );
  }

  private blockOf(values: ReadonlyMap<string, (number | string | null)[]>, rowCount: number): RowBlock {
    const { inputs } = this.card;
    const of = (wanted: 'number' | 'category') =>
      inputs.filter(({ type }) => type === wanted).map(({ name }) => values.get(name)!);
    const numbers = of('number').flatMap((list) => list.map((value) => (value === null ? NaN : (value as number))));
    const texts = of('category').map((list) => list.map((value) => (value ?? '') as string));
    return { rowCount, numbers: Float64Array.from(numbers), texts };
  }
}

const reader =
  (column: Column) =>
  (row: number): number | string | null => {
    if (column.kind === 'category') return column.levels[column.codes[row]] ?? null;
    return Number.isNaN(column.values[row]) ? null : column.values[row];
  };

/** As a training has them: texts by their levels. */
function columnsOf({ rowCount, numbers, texts }: RowBlock, { inputs }: HistoryCard): Column[] {
  const slots = { number: 0, category: 0 };
  return inputs.map(({ name, type }): Column => {
    const slot = slots[type]++;
    if (type === 'category') return { name, kind: type, ...coded(texts[slot]) };
    return { name, kind: type, values: numbers.subarray(slot * rowCount, (slot + 1) * rowCount) };
  });
}

function coded(texts: string[]): { codes: Int32Array; levels: string[] } {
  const known = new Map([['', -1]]);
  const codes = Int32Array.from(texts, (text) => {
    const code = known.get(text) ?? known.size - 1;
    known.set(text, code);
    return code;
  });
  return { codes, levels: [...known.keys()].slice(1) };
}
