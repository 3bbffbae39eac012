/** Builds the file that is deployed: raw columns in, prediction and probabilities out, the card in its metadata. */
import type { FittedModel } from './fit';
import { decodeModel, encodeModel, reencodeModel } from './onnx/encode';
import { GraphBuilder } from './onnx/graph';
import type { Encoding } from './preprocess/encoding';
import { appendEncoding, declareInputs } from './preprocess/graph';
import { taskOf } from './tasks/registry';
import type { TargetScale } from './tasks/score/score';
import { rowsPerRun } from './runtime/row-blocks';
import type { ModelCard } from './types';

/** Key of the card, as JSON, in the model's metadata_props. */
export const CARD_KEY = 'praxis.card';
/** Key of how many rows the graph is best run on at once. */
export const ROWS_KEY = 'praxis.rows';

/** The outputs are those of the task (tasks/answers). One whose name a column has gets underscores appended. */
export function buildServingGraph(
  card: ModelCard,
  encoding: Encoding,
  fitted: Pick<FittedModel, 'append'>,
  targetScales: TargetScale[],
): Uint8Array {
  const graph = new GraphBuilder('praxis');
  declareInputs(graph, card.inputs);
  const taken = new Set(card.inputs.map(({ name }) => name));
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name);
  const features = appendEncoding(graph, encoding);
  const raw = fitted.append(graph, features);
  taskOf(card.task).answers.append(graph, raw, { card, encoding, features, targetScales, free });
  graph.metadata[CARD_KEY] = JSON.stringify(card);
  graph.metadata[ROWS_KEY] = String(rowsPerRun(graph));
  return encodeModel(graph);
}

/** The same file with another card. */
export function withCard(file: Uint8Array, card: ModelCard): Uint8Array {
  const model = decodeModel(file);
  const others = model.metadataProps.filter(({ key }) => key !== CARD_KEY);
  model.metadataProps = [{ key: CARD_KEY, value: JSON.stringify(card) }, ...others];
  return reencodeModel(model);
}
