/** Appends vocabularies to a serving graph: raw ids in, their places out, as ids.ts computes them. */
import type { ColumnTensors } from '../../columns/definition';
import type { GraphBuilder } from '../../onnx/graph';
import type { IdEncoding } from '../encoding';
import { idTexts } from './ids';

/** TensorProto.DataType. */
const FLOAT = 1;
/** The first version that looks up doubles. */
const LABELS = { domain: 'ai.onnx.ml', version: 4 };

/** Returns the name of the features [batch, columns]. */
export function appendIds(graph: GraphBuilder, ids: IdEncoding, columns: ColumnTensors): string {
  const [numbers, texts] = (['number', 'category'] as const).map((kind) =>
    ids.columns.filter((column) => column.kind === kind).map(({ name }) => name),
  );
  const parts = [
    ...(numbers.length > 0 ? [appendNumbers(graph, columns.take(numbers), ids)] : []),
    ...(texts.length > 0 ? [appendTexts(graph, columns.take(texts), ids)] : []),
  ];
  if (parts.length === 1) return parts[0];
  const joined = graph.call('Concat', parts, { axis: 1 });
  const order = ids.columns.map(({ name }) => [...numbers, ...texts].indexOf(name));
  return graph.call('Gather', [joined, graph.int64s(order)], { axis: 1 });
}

function appendNumbers(graph: GraphBuilder, input: string, { numbers, padding, missing }: IdEncoding): string {
  const places = new Map<number, number>(Array.from(numbers, (id, place) => [id, place]));
  if (typeof padding === 'number') places.set(padding, missing);
  const tensor = (values: Float64Array) => ({ tensor: { type: 'float64' as const, dims: [values.length], values } });
  const attributes = {
    keys_tensor: tensor(Float64Array.from(places.keys())),
    values_tensor: tensor(Float64Array.from(places.values())),
    default_tensor: tensor(Float64Array.of(-1)),
  };
  const place = graph.call('LabelEncoder', [input], attributes, LABELS);
  const known = graph.call('Cast', [place], { to: FLOAT });
  return graph.call('Where', [graph.call('IsNaN', [input]), graph.floats(missing), known]);
}

function appendTexts(graph: GraphBuilder, input: string, ids: IdEncoding): string {
  const { padding, missing } = ids;
  const places = new Map(idTexts(ids).map((text, place) => [text, place]));
  for (const text of ['', ...(padding === null ? [] : [String(padding)])]) places.set(text, missing);
  const attributes = {
    keys_strings: [...places.keys()],
    values_floats: { floats: [...places.values()] },
    default_float: { float: -1 },
  };
  return graph.call('LabelEncoder', [input], attributes, { domain: LABELS.domain });
}
