/** Builds the file that is deployed: raw columns in, prediction and probabilities out, the card in its metadata. */
import type { FittedModel } from './fit';
import { encodeModel } from './onnx/encode';
import { GraphBuilder } from './onnx/graph';
import type { Encoding } from './preprocess/encoding';
import { appendEncoding, declareInputs } from './preprocess/graph';
import type { ModelCard } from './types';

/** Key of the card, as JSON, in the model's metadata_props. */
export const CARD_KEY = 'praxis.card';

/** Undoes the scaling of a regression target: prediction = raw · scale + mean. */
export interface TargetScale {
  mean: number;
  scale: number;
}

/**
 * Outputs, in this order: `prediction` (label text or float, [batch, 1]); for classification `probabilities` (float,
 * [batch, classes]). An output whose name a column has gets underscores appended.
 */
export function buildServingGraph(
  card: ModelCard,
  encoding: Encoding,
  fitted: FittedModel,
  targetScale: TargetScale,
): Uint8Array {
  const graph = new GraphBuilder('praxis');
  declareInputs(graph, card.inputs);
  const taken = new Set(card.inputs.map(({ name }) => name));
  const free = (name: string): string => (taken.has(name) ? free(`${name}_`) : name);
  const raw = fitted.append(graph, appendEncoding(graph, encoding));
  if (card.labels === null) appendNumber(graph, raw, targetScale, free('prediction'));
  else appendClasses(graph, raw, card.labels, { prediction: free('prediction'), probabilities: free('probabilities') });
  graph.metadata[CARD_KEY] = JSON.stringify(card);
  return encodeModel(graph);
}

function appendNumber(graph: GraphBuilder, raw: string, { mean, scale }: TargetScale, name: string): void {
  const scaled = graph.call('Mul', [raw, graph.floats(scale)]);
  graph.node('Add', [scaled, graph.floats(mean)], {}, { outputs: [name] });
  graph.output(name, 'float32', ['batch', 1]);
}

function appendClasses(
  graph: GraphBuilder,
  raw: string,
  labels: string[],
  names: { prediction: string; probabilities: string },
): void {
  const best = graph.call('ArgMax', [raw], { axis: 1, keepdims: 1 });
  graph.node('Gather', [graph.strings(labels), best], {}, { outputs: [names.prediction] });
  graph.output(names.prediction, 'string', ['batch', 1]);
  graph.node('Identity', [raw], {}, { outputs: [names.probabilities] });
  graph.output(names.probabilities, 'float32', ['batch', labels.length]);
}
