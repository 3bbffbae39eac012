/** Builds the file that is deployed: raw columns in, prediction and probabilities out, the card and the manifest of its assets in its metadata. */
import { ASSETS_KEY, manifestOf } from './assets';
import type { FittedColumns } from '../columns/fitted';
import { GraphColumns } from '../columns/tensors';
import type { FittedModel } from '../learning/fit';
import { decodeModel, encodeModel, reencodeModel } from '../onnx/encode';
import { GraphBuilder } from '../onnx/graph';
import type { Encoding } from '../preprocess/encoding';
import { appendEncoding, declareInputs } from '../preprocess/graph';
import { taskOf } from '../tasks/registry';
import type { TargetScale } from '../tasks/score/score';
import { rowsPerRun } from '../executors/row-blocks';
import type { InputField, ModelCard } from '../types';

/** Key of the card, as JSON, in the model's metadata_props. */
export const CARD_KEY = 'praxis.card';
/** Key of how many rows the graph is best run on at once. */
export const ROWS_KEY = 'praxis.rows';

/** The outputs are those of the task (tasks/answers). One whose name a column has gets underscores appended. */
export function buildServingGraph(
  card: ModelCard,
  { columns, encoding, targetScales }: { columns?: FittedColumns; encoding: Encoding; targetScales: TargetScale[] },
  fitted: Pick<FittedModel, 'append' | 'assets'>,
): Uint8Array {
  const graph = new GraphBuilder('praxis');
  declareInputs(graph, card.inputs);
  const taken = new Set(card.inputs.map(({ name }) => name));
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name);
  const features = appendEncoding(graph, encoding, appendColumns(graph, card.inputs, columns));
  const raw = fitted.append(graph, features);
  taskOf(card.task).answers.append(graph, raw, { card, encoding, features, targetScales, free });
  graph.metadata[CARD_KEY] = JSON.stringify(card);
  graph.metadata[ROWS_KEY] = String(rowsPerRun(graph));
  if (fitted.assets?.length) graph.metadata[ASSETS_KEY] = JSON.stringify(manifestOf(fitted.assets));
  return encodeModel(graph);
}

/** What the steps make of the inputs. Those are joined where they are read more than once, as a loaded graph joins them (onnx/fuse-inputs.ts). */
export function appendColumns(graph: GraphBuilder, inputs: InputField[], columns?: FittedColumns): GraphColumns {
  const values = GraphColumns.ofInputs(graph);
  if (!columns || columns.isEmpty) return values;
  for (const type of ['number', 'category'] as const) {
    const names = inputs.filter((input) => input.type === type).map(({ name }) => name);
    if (names.length > 1) values.set(names, values.take(names));
  }
  columns.append(graph, values);
  return values;
}

/** The same file with another card. */
export function withCard(file: Uint8Array, card: ModelCard): Uint8Array {
  const model = decodeModel(file);
  const others = model.metadataProps.filter(({ key }) => key !== CARD_KEY);
  model.metadataProps = [{ key: CARD_KEY, value: JSON.stringify(card) }, ...others];
  return reencodeModel(model);
}
