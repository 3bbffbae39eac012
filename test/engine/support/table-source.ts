/** A table in memory behind the interface of one that memory does not hold. */
import { Random } from '../../../src/engine/random';
import type { Column, Table, TableSample, TableSource } from '../../../src/engine/types';

export function sourceOf(table: Table, partRows = 97): TableSource {
  const pick = (names: string[], rows: Uint32Array): Table => ({
    rowCount: rows.length,
    columns: names.map((name) =>
      cut(
        table.columns.find((column) => column.name === name)!,
        rows,
      ),
    ),
  });
  const columns = table.columns.map(({ name }) => name);
  const all = Uint32Array.from({ length: table.rowCount }, (_, row) => row);
  return {
    rowCount: table.rowCount,
    columns,
    read: async (names) => pick(names, all),
    sample: async (rows, seed): Promise<TableSample> => {
      const random = new Random(seed);
      const rowNumbers = all.filter(() => random.below(table.rowCount) < rows);
      return { ...pick(columns, rowNumbers), rowNumbers };
    },
    scan: async function* (names) {
      for (let from = 0; from < table.rowCount; from += partRows) {
        yield pick(names, all.subarray(from, from + partRows));
      }
    },
  };
}

/** Levels of a category are those of the rows alone, in an order of their own. */
function cut(column: Column, rows: Uint32Array): Column {
  if (column.kind === 'number') return { ...column, values: Float64Array.from(rows, (row) => column.values[row]) };
  const texts = Array.from(rows, (row) => column.levels[column.codes[row]] ?? null);
  const levels = [...new Set(texts.filter((text) => text !== null))].reverse();
  return { ...column, levels, codes: Int32Array.from(texts, (text) => (text === null ? -1 : levels.indexOf(text))) };
}
