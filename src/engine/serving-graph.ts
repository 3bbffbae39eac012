/** Builds the file that is deployed: raw columns in, prediction and probabilities out, the card in its metadata. */
import type { FittedModel } from './fit';
import { decodeModel, encodeModel, reencodeModel } from './onnx/encode';
import { GraphBuilder } from './onnx/graph';
import type { Encoding } from './preprocess/encoding';
import { appendEncoding, declareInputs } from './preprocess/graph';
import { learnsFeatures, learnsNumbers } from './task';
import { rowsPerRun } from './runtime/row-blocks';
import type { ModelCard, TargetField } from './types';

/** Key of the card, as JSON, in the model's metadata_props. */
export const CARD_KEY = 'praxis.card';
/** Key of how many rows the graph is best run on at once. */
export const ROWS_KEY = 'praxis.rows';

/** TensorProto.DataType. */
const DOUBLE = 11;

/** Undoes the scaling of a numeric target: prediction = raw · scale + mean. */
export interface TargetScale {
  mean: number;
  scale: number;
}

/**
 * Outputs by task. An output whose name a column has gets underscores appended.
 *
 * - regression: `prediction` double [batch, 1]; multi_regression: [batch, targets]
 * - binary, multiclass: `prediction` label text [batch, 1], `probabilities` float [batch, classes]
 * - multilabel: `prediction` label text [batch, targets], `probabilities` float [batch, targets], of the positive labels
 * - sequence_labeling: `prediction` label text [batch, steps], `probabilities` float [batch, steps, classes]
 * - anomaly: `prediction` float [batch, 1], the mean squared error of the encoded features; `anomaly` bool [batch, 1],
 *   whether it is above the threshold; `reconstruction` double [batch, numbers], of number inputs in their units
 */
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
  const names = { prediction: free('prediction'), probabilities: free('probabilities') };
  if (learnsFeatures(card.task)) appendError(graph, { features, raw }, { card, encoding, free });
  else if (learnsNumbers(card.task)) appendUnits(graph, raw, targetScales, names.prediction);
  else if (card.task === 'multilabel') appendLabels(graph, raw, card.targets!, names);
  else appendClasses(graph, raw, card, names);
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

/** An output [batch, numbers]: value · scale + mean of each, in float64, in which a large mean leaves the digits. */
function appendUnits(graph: GraphBuilder, values: string, scales: TargetScale[], name: string): void {
  const row = (numbers: number[]) => graph.doubles(numbers, [1, numbers.length]);
  const scaled = graph.call('Mul', [
    graph.call('Cast', [values], { to: DOUBLE }),
    row(scales.map(({ scale }) => scale)),
  ]);
  graph.node('Add', [scaled, row(scales.map(({ mean }) => mean))], {}, { outputs: [name] });
  graph.output(name, 'float64', ['batch', scales.length]);
}

interface OutputNames {
  prediction: string;
  probabilities: string;
}

function appendClasses(graph: GraphBuilder, raw: string, { labels, targets }: ModelCard, names: OutputNames): void {
  const steps = targets ? [targets.length] : [];
  const best = graph.call('ArgMax', [raw], targets ? { axis: 2, keepdims: 0 } : { axis: 1, keepdims: 1 });
  graph.node('Gather', [graph.strings(labels!), best], {}, { outputs: [names.prediction] });
  graph.output(names.prediction, 'string', ['batch', ...(targets ? steps : [1])]);
  graph.node('Identity', [raw], {}, { outputs: [names.probabilities] });
  graph.output(names.probabilities, 'float32', ['batch', ...steps, labels!.length]);
}

/** Each target has two labels of its own: [negative, positive] of the first, then those of the second. */
function appendLabels(graph: GraphBuilder, raw: string, targets: TargetField[], names: OutputNames): void {
  const count = targets.length;
  const positive = graph.call('Cast', [graph.call('Greater', [raw, graph.floats(0.5)])], { to: 7 });
  const starts = graph.int64s(
    targets.map((_, t) => 2 * t),
    [1, count],
  );
  const labels = graph.strings(targets.flatMap((target) => target.labels!));
  graph.node('Gather', [labels, graph.call('Add', [positive, starts])], {}, { outputs: [names.prediction] });
  graph.output(names.prediction, 'string', ['batch', count]);
  graph.node('Identity', [raw], {}, { outputs: [names.probabilities] });
  graph.output(names.probabilities, 'float32', ['batch', count]);
}

function appendError(
  graph: GraphBuilder,
  { features, raw }: { features: string; raw: string },
  { card, encoding, free }: { card: ModelCard; encoding: Encoding; free: (name: string) => string },
): void {
  const difference = graph.call('Sub', [features, raw]);
  const squares = graph.call('Mul', [difference, difference]);
  const prediction = free('prediction');
  graph.node('ReduceMean', [squares, graph.int64s([1])], { keepdims: 1 }, { outputs: [prediction] });
  graph.output(prediction, 'float32', ['batch', 1]);
  const flag = free('anomaly');
  graph.node('Greater', [prediction, graph.floats(card.threshold!)], {}, { outputs: [flag] });
  graph.output(flag, 'bool', ['batch', 1]);
  const { columns, center, inverseScale } = encoding.numbers;
  const count = columns.length;
  if (count === 0) return;
  const numbers = graph.call('Slice', [raw, graph.int64s([0]), graph.int64s([count]), graph.int64s([1])]);
  const scales = columns.map((_, c) => ({ mean: center[c], scale: 1 / inverseScale[c] }));
  appendUnits(graph, numbers, scales, free('reconstruction'));
}
