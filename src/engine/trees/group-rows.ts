/** Rows in the order of their groups. */
import type { ColumnRows } from '../learning/fit';

/** `starts`: where each group begins, and the end. */
export type GroupedRows = ColumnRows & { starts?: Uint32Array };

/** The rows of a group side by side, in their order. Rows that have no groups stay as they are. */
export function byGroup(rows: ColumnRows): GroupedRows {
  const { groups, at, y, weight } = rows;
  if (!groups) return rows;
  const order = Uint32Array.from(groups.keys()).sort((a, b) => groups[a] - groups[b] || a - b);
  const sorted = order.map((row) => groups[row]);
  const begins = Array.from(sorted.keys()).filter((i) => i === 0 || sorted[i] !== sorted[i - 1]);
  const taken = (values: Float32Array): Float32Array => Float32Array.from(order, (row) => values[row]);
  return {
    ...{ ...rows, groups: sorted, at: order.map((row) => at[row]) },
    ...{ y: taken(y), weight: weight && taken(weight), starts: Uint32Array.from([...begins, order.length]) },
  };
}
