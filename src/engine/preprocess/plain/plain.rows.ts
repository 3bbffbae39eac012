/** Rows of a table as learners of plain columns read them. */
import type { Blocks, ColumnRows, Matrix, PlainColumn } from '../../learning/fit';
import type { CategoryColumn, Column, NumberColumn } from '../../types';
import type { PlainColumns } from '../encoding';
import { placesOf } from './plain.graph';

/** Numbers are those of the table itself, not a copy. */
export function plainColumns(features: Column[], { numbers, texts }: PlainColumns): PlainColumn[] {
  const byName = new Map(features.map((column) => [column.name, column]));
  return [
    ...numbers.map((name): PlainColumn => {
      const { values } = byName.get(name) as NumberColumn;
      return { kind: 'number', name, values };
    }),
    ...texts.map((text): PlainColumn => {
      const { codes, levels } = byName.get(text.column) as CategoryColumn;
      const placeOfLevel = levels.map(placesOf(text));
      const places = Uint16Array.from(codes, (code) => (code < 0 ? 0 : placeOfLevel[code]));
      return { kind: 'category', name: text.column, places, count: 1 + Math.max(text.levels.length, text.other) };
    }),
  ];
}

const BLOCK_ROWS = 8192;

/** The rows as the serving graph has them, row-major: numbers, then the places of texts. */
export function plainBlocks({ rows, columns, at, y, weight }: ColumnRows): Blocks<Float64Array> {
  const width = columns.length;
  const targets = rows === 0 ? 1 : y.length / rows;
  const bounds = Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, (_, i) => [
    i * BLOCK_ROWS,
    Math.min(rows, (i + 1) * BLOCK_ROWS),
  ]);
  const block = ([from, to]: number[]): Matrix<Float64Array> => {
    const x = new Float64Array((to - from) * width);
    columns.forEach((column, c) => {
      for (let i = from; i < to; i++) x[(i - from) * width + c] = cellOf(column, at[i]);
    });
    const cut = (values: Float32Array) => values.subarray(from * targets, to * targets);
    return { rows: to - from, width, x, y: cut(y), weight: weight && cut(weight) };
  };
  return {
    ...{ rows, width, groups: bounds.map(([from, to]) => [{ rows: to - from, width }]) },
    load: (group) => Promise.resolve([block(bounds[group])]),
  };
}

function cellOf(column: PlainColumn, row: number): number {
  if (column.kind === 'category') return column.places[row];
  const value = column.values[row];
  return Number.isFinite(value) ? value : NaN;
}
