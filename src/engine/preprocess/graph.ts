/**
 * Appends an encoding to a serving graph: one raw input per column, [batch, 1], one feature tensor [batch, width] out.
 * The node count does not grow with the number of columns, because at one row each node costs more than its arithmetic.
 */
import type { ColumnTensors } from '../columns/definition';
import { GraphColumns } from '../columns/tensors';
import type { GraphBuilder } from '../onnx/graph';
import type { InputField } from '../types';
import { FLOAT32_MAX } from '../magnitude';
import {
  scaledFills,
  servedParts,
  slotOf,
  type CategoryEncoding,
  type Encoding,
  type NumberEncoding,
} from './encoding';
import { appendIds } from './ids/ids.graph';

/** Columns that share one vocabulary; bounds the columns × vocabulary table of `appendCategories`. */
const CATEGORIES_PER_BLOCK = 32;

/** Declares the inputs. Call it before anything else names a value, so that no column's name is taken. */
export function declareInputs(graph: GraphBuilder, inputs: InputField[]): void {
  for (const { name, type, elementType } of inputs) {
    graph.input(name, type === 'number' ? (elementType ?? 'float32') : 'string', ['batch', 1]);
  }
}

/** Returns the name of the features [batch, width], float, of plain columns float64. @param columns those that it reads; left out: the inputs */
export function appendEncoding(
  graph: GraphBuilder,
  encoding: Encoding,
  columns: ColumnTensors = GraphColumns.ofInputs(graph),
): string {
  const { ids, numbers, categories } = encoding;
  const parts = ids.map((group) => appendIds(graph, group, columns));
  if (numbers.columns.length > 0) parts.push(...appendNumbers(graph, numbers, columns));
  const slotted = categories.filter(({ slotCount }) => slotCount > 0);
  for (let i = 0; i < slotted.length; i += CATEGORIES_PER_BLOCK) {
    parts.push(appendCategories(graph, slotted.slice(i, i + CATEGORIES_PER_BLOCK), columns));
  }
  for (const part of servedParts(encoding)) parts.push(part.append(graph, columns));
  return concat(graph, parts);
}

function concat(graph: GraphBuilder, parts: string[]): string {
  return parts.length === 1 ? parts[0] : graph.call('Concat', parts, { axis: 1 });
}

function appendNumbers(graph: GraphBuilder, numbers: NumberEncoding, columns: ColumnTensors): string[] {
  const { center, inverseScale, indicators, bins } = numbers;
  const row = (values: Float64Array): string => graph.doubles([...values], [1, values.length]);
  const float = (value: string): string => graph.call('Cast', [value], { to: 1 });
  const standardized = graph.call('Mul', [
    graph.call('Sub', [columns.take(numbers.columns), row(center)]),
    row(inverseScale),
  ]);
  const present = graph.call('LessOrEqual', [graph.call('Abs', [standardized]), graph.doubles(FLOAT32_MAX)]);
  const scaled = graph.call('Where', [present, standardized, row(scaledFills(numbers))]);
  const parts = [float(scaled)];
  if (indicators.length > 0) {
    const chosen = graph.call('Gather', [present, graph.int64s([...indicators])], { axis: 1 });
    parts.push(float(graph.call('Not', [chosen])));
  }
  if (bins.source.length > 0) {
    const source = graph.call('Gather', [scaled, graph.int64s([...bins.source])], { axis: 1 });
    const share = graph.call('Mul', [graph.call('Sub', [source, row(bins.lower)]), row(bins.inverseWidth)]);
    parts.push(float(graph.call('Clip', [share, graph.doubles(0), graph.doubles(1)])));
  }
  return parts;
}

/**
 * All columns at once: text → number in a shared vocabulary → slot of that text in its column (a table lookup) → one-hot
 * by comparing each slot's number with the slot its column is in. Nodes: 7, whatever the number of columns.
 */
function appendCategories(graph: GraphBuilder, categories: CategoryEncoding[], columns: ColumnTensors): string {
  const vocabulary = ['', ...new Set(categories.flatMap(({ levels }) => levels))];
  const stride = vocabulary.length + 1;
  const slots = numberSlots(categories, vocabulary);
  const text = columns.take(categories.map(({ column }) => column));
  const word = graph.call(
    'LabelEncoder',
    [text],
    {
      keys_strings: vocabulary,
      values_int64s: vocabulary.map((_, i) => i),
      default_int64: vocabulary.length,
    },
    { domain: 'ai.onnx.ml' },
  );
  const starts = graph.int64s(
    categories.map((_, c) => c * stride),
    [1, categories.length],
  );
  const slot = graph.call('Gather', [graph.int64s(slots.table), graph.call('Add', [word, starts])]);
  const perSlot = graph.call('Gather', [slot, graph.int64s(slots.owner)], { axis: 1 });
  const numbers = graph.int64s(
    slots.owner.map((_, s) => s),
    [1, slots.owner.length],
  );
  return graph.call('Cast', [graph.call('Equal', [perSlot, numbers])], { to: 1 });
}

/** `table[column * (words + 1) + word]`: the slot among all columns' slots, or −1; `owner[slot]`: its column. */
function numberSlots(categories: CategoryEncoding[], vocabulary: string[]): { table: number[]; owner: number[] } {
  const table: number[] = [];
  const owner: number[] = [];
  categories.forEach((category, c) => {
    const first = owner.length;
    const number = (slot: number): number => (slot < 0 ? -1 : first + slot);
    const slotByLevel = new Map(category.levels.map((level, slot) => [level, slot]));
    for (const word of vocabulary) table.push(number(slotByLevel.get(word) ?? slotOf(category, word)));
    table.push(number(category.otherSlot));
    for (let s = 0; s < category.slotCount; s++) owner.push(c);
  });
  return { table, owner };
}
