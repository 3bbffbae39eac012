/** What steps of the columns stage do with numbers alike. */
import type { GraphBuilder } from '../../onnx/graph';
import type { Column, NumberColumn } from '../../types';

/** Of columns that were chosen as numbers. */
export const asNumbers = (columns: Column[]): NumberColumn[] =>
  columns.map((column) => {
    if (column.kind !== 'number') throw new Error(`Column ${column.name} holds texts.`);
    return column;
  });

export const finiteSorted = ({ values }: NumberColumn): Float64Array => values.filter(Number.isFinite).sort();

/** A constant for each column of a tensor [batch, columns]. */
export const row = (graph: GraphBuilder, values: readonly number[]): string =>
  graph.doubles([...values], [1, values.length]);
