/** From the rows of some entities to what a model reads of the last row of each, by the code of the training. */
import type { Column, HistoryCard } from '../types';
import { historyOf } from './history';
import { makesOf } from './plan';

export interface EntityRows {
  /** The inputs of the card's history: the rows of one entity behind those of another. */
  columns: readonly Column[];
  /** How many rows each entity has, at least one; each has an order. */
  counts: Uint32Array;
}

export interface LastRows {
  /** Of each entity, the row that is last by the order; of several, the one that was given last. */
  rows: Uint32Array;
  /** What the steps make of the histories that end with these rows. */
  computed: Column[];
}

/** @param wanted names of made columns */
export function lastRows(
  { order, steps }: Pick<HistoryCard, 'order' | 'steps'>,
  wanted: ReadonlySet<string>,
  { columns, counts }: EntityRows,
): LastRows {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const codes = new Int32Array(counts.reduce((sum, count) => sum + count, 0));
  const places = new Uint32Array(counts.length);
  let end = 0;
  counts.forEach((count, entity) => {
    codes.fill(entity, end, (end += count));
    places[entity] = end - 1;
  });
  const orders = (byName.get(order) as Column & { kind: 'number' }).values;
  const history = historyOf({ name: '', kind: 'category', codes, levels: [] }, orders);
  const makes = steps.flatMap(makesOf).filter(({ name }) => wanted.has(name));
  return {
    rows: places.map((place) => history.rows[place]),
    computed: makes.map((one) => ({ ...one.compute(history, byName.get(one.reads)!, places), name: one.name })),
  };
}
