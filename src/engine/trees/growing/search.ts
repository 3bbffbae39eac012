/**
 * The best splits of two nodes, children of one: of the smaller one by the sums of its rows, of the other one by what is left
 * of the parent's sums. Each thread has some of the columns.
 */
import { rangeOf } from '../rows/node-rows';
import type { ShareMemory, TaskMemory } from '../rows/task-memory';
import { addRows, columnRange, histogramSize, SLOTS, type ColumnRange } from './histogram';
import {
  binsOf,
  directionOf,
  isText,
  readNode,
  readPacking,
  readRules,
  writeFound,
  type SearchMemory,
} from './search-memory';
import { NodeSearch } from './split';

export interface Searched {
  /** Slots of the histograms of the nodes; −1: there is none. */
  small: number;
  large: number;
  isSmallSearched: boolean;
  isLargeSearched: boolean;
  /** The smaller node, whose rows are still to be summed; −1: threads have done so. */
  unsummed: number;
  /** How many histograms of threads there are then. */
  partials: number;
}

/** What search() is asked for, as numbers. */
export const searchArguments = (
  { small, large, isSmallSearched, isLargeSearched, unsummed, partials }: Searched,
  columns: number,
): number[] => [columns, small, large, Number(isSmallSearched), Number(isLargeSearched), unsummed, partials];

export function search({ search: memory, parts, shares, rows, ...task }: TaskMemory, thread: number): void {
  const [count, small, large, isSmallSearched, isLargeSearched, unsummed, partials] = task.arguments;
  const range = columnRange(rows.binned.columns, thread, shares.length);
  const size = histogramSize(rows.binned);
  const ofSmall = slotOf(memory, small, size);
  const ofLarge = large < 0 ? null : slotOf(memory, large, size);
  if (unsummed < 0) joinParts(ofSmall, parts.slice(0, partials), range);
  else sumNode(ofSmall, { rows, parts }, unsummed, range);
  const [units, rules] = [readPacking(memory), readRules(memory)];
  const inSmall = isSmallSearched === 1 ? new NodeSearch(ofSmall, readNode(memory, 0), units, rules) : null;
  const inLarge = isLargeSearched === 1 ? new NodeSearch(ofLarge!, readNode(memory, 1), units, rules) : null;
  for (let k = 0; k < count; k++) {
    const column = memory.chosen[k];
    if (column < range.from || column >= range.to) continue;
    if (ofLarge) subtractColumn(ofLarge, ofSmall, column * SLOTS, binsOf(memory, column));
    if (inSmall) searchColumn(inSmall, memory, column);
    if (inLarge) searchColumn(inLarge, memory, column);
  }
  writeFound(memory.found[thread], 0, inSmall?.best ?? null);
  writeFound(memory.found[thread], 1, inLarge?.best ?? null);
}

function searchColumn(search: NodeSearch, memory: SearchMemory, column: number): void {
  const bins = binsOf(memory, column);
  if (isText(memory, column)) search.text(column, bins);
  else search.number(column, bins, directionOf(memory, column));
}

/** Of rows that threads have summed. */
function joinParts(sums: Float64Array, parts: readonly ShareMemory[], { from, to }: ColumnRange): void {
  const [first, last] = [from * SLOTS, to * SLOTS];
  sums.set(parts[0].histogram.subarray(first, last), first);
  for (const { histogram } of parts.slice(1)) for (let i = first; i < last; i++) sums[i] += histogram[i];
}

/** All rows of a node, of all threads. */
function sumNode(
  sums: Float64Array,
  { rows: { binned, order, packed }, parts }: Pick<TaskMemory, 'rows' | 'parts'>,
  node: number,
  columns: ColumnRange,
): void {
  sums.fill(0, columns.from * SLOTS, columns.to * SLOTS);
  for (const { ranges } of parts) {
    const [from, to] = rangeOf(ranges, node);
    addRows(sums, binned, { order, values: packed, from, to }, columns);
  }
}

export const slotOf = ({ histograms }: SearchMemory, slot: number, size: number): Float64Array =>
  histograms.subarray(slot * size, (slot + 1) * size);

function subtractColumn(all: Float64Array, part: Float64Array, from: number, count: number): void {
  for (let i = from; i < from + count; i++) all[i] -= part[i];
}
