/** Appends plain columns to a serving graph: what plain.rows.ts gives to train on. */
import type { ColumnTensors } from '../../columns/definition';
import type { GraphBuilder } from '../../onnx/graph';
import type { LevelPlaces, PlainColumns } from '../encoding';

/** Columns that share one vocabulary; bounds the columns × vocabulary table. */
const TEXTS_PER_BLOCK = 32;

/** Returns the name of the columns, float64 [batch, columns]. */
export function appendPlain(graph: GraphBuilder, { numbers, texts }: PlainColumns, columns: ColumnTensors): string {
  const parts = numbers.length > 0 ? [appendFinite(graph, columns.take(numbers))] : [];
  for (let i = 0; i < texts.length; i += TEXTS_PER_BLOCK) {
    parts.push(appendPlaces(graph, texts.slice(i, i + TEXTS_PER_BLOCK), columns));
  }
  return parts.length === 1 ? parts[0] : graph.call('Concat', parts, { axis: 1 });
}

/** What is no finite number is missing: 0 · ∞ is NaN, and so is what it is added to. */
function appendFinite(graph: GraphBuilder, values: string): string {
  return graph.call('Add', [values, graph.call('Mul', [values, graph.doubles(0)])]);
}

/** Text → number in a shared vocabulary → place of that text in its column, by a table. */
function appendPlaces(graph: GraphBuilder, texts: LevelPlaces[], columns: ColumnTensors): string {
  const vocabulary = ['', ...new Set(texts.flatMap(({ levels }) => levels))];
  const word = graph.call(
    'LabelEncoder',
    [columns.take(texts.map(({ column }) => column))],
    {
      keys_strings: vocabulary,
      values_int64s: vocabulary.map((_, i) => i),
      default_int64: vocabulary.length,
    },
    { domain: 'ai.onnx.ml' },
  );
  const starts = graph.int64s(
    texts.map((_, t) => t * (vocabulary.length + 1)),
    [1, texts.length],
  );
  const table = texts.flatMap((text) => {
    const placeOf = placesOf(text);
    return [...vocabulary.map(placeOf), text.other];
  });
  return graph.call('Gather', [graph.doubles(table, [table.length]), graph.call('Add', [word, starts])]);
}

/** The place of a level; '' is missing. */
export function placesOf({ levels, other }: LevelPlaces): (level: string) => number {
  const places = new Map(levels.map((level, i) => [level, i + 1]));
  return (level) => places.get(level) ?? (level === '' ? 0 : other);
}
