/** The answers that tasks are composed of. */
import type { GraphBuilder } from '../../onnx/graph';
import type { Decision, ModelCard } from '../../types';
import type { TargetScale } from '../score/score';
import type { AnswerParts, Answers, LabelScore } from './answer';

/** TensorProto.DataType. */
const INT64 = 7;
const DOUBLE = 11;

/** `prediction` double [batch, targets], in the units of the targets. */
export const numbers: Answers = {
  append: (graph, raw, { targetScales, free }) => appendUnits(graph, raw, targetScales, free('prediction')),
  output: 'numbers',
  scoresRows: false,
};

/** `prediction` label text [batch, 1], `probabilities` float [batch, classes]. */
export const classes: Answers = {
  append: (graph, raw, parts) => {
    const { decision } = parts.card;
    const best = decision
      ? appendDecision(graph, raw, decision)
      : graph.call('ArgMax', [raw], { axis: 1, keepdims: 1 });
    appendLabels(graph, { best, raw, steps: [], dimensions: [1] }, parts);
  },
  output: 'labels',
  scoresRows: true,
};

/** `prediction` label text [batch, steps], `probabilities` float [batch, steps, classes]. */
export const classesOfSteps: Answers = {
  append: (graph, raw, parts) => {
    const best = graph.call('ArgMax', [raw], { axis: 2, keepdims: 0 });
    const steps = [parts.card.targets!.length];
    appendLabels(graph, { best, raw, steps, dimensions: steps }, parts);
  },
  output: 'labels',
  scoresRows: false,
  scoresOfTarget: (probabilities, { labels }, { at }) => scoresFrom(probabilities, labels!, at * labels!.length),
};

/** `prediction` label text [batch, targets], `probabilities` float [batch, targets], of the positive labels. */
export const labelPairs: Answers = {
  append: (graph, raw, { card, free }) => {
    const targets = card.targets!;
    const count = targets.length;
    const positive = graph.call('Cast', [graph.call('Greater', [raw, graph.floats(0.5)])], { to: INT64 });
    // Two labels of its own for each target: [negative, positive] of the first, then those of the second.
    const starts = graph.int64s(
      targets.map((_, t) => 2 * t),
      [1, count],
    );
    const labels = graph.strings(targets.flatMap((target) => target.labels!));
    const prediction = free('prediction');
    graph.node('Gather', [labels, graph.call('Add', [positive, starts])], {}, { outputs: [prediction] });
    graph.output(prediction, 'string', ['batch', count]);
    appendProbabilities(graph, raw, ['batch', count], free);
  },
  output: 'labels',
  scoresRows: true,
  scoresOfTarget: (probabilities, { targets }, { target, at }) => {
    const [negative, positive] = targets![target].labels!;
    return [
      { label: negative, probability: 1 - probabilities[at] },
      { label: positive, probability: probabilities[at] },
    ];
  },
};

/**
 * `prediction` float [batch, 1], the mean squared error of the encoded features; `anomaly` bool [batch, 1], whether it is
 * above the threshold; `reconstruction` double [batch, numbers], of number inputs in their units.
 */
export const errorOfReconstruction: Answers = {
  append: (graph, raw, { card, encoding, features, free }) => {
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
  },
  output: 'numbers',
  scoresRows: false,
};

/** The probabilities of a list of labels that begins at a place. */
export const scoresFrom = (probabilities: Float32Array, labels: string[], from: number): LabelScore[] =>
  labels.map((label, index) => ({ label, probability: probabilities[from + index] }));

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

/** 1 from the threshold on, int64 [batch, 1]. */
function appendDecision(graph: GraphBuilder, raw: string, { threshold }: Decision): string {
  const positive = graph.call('Gather', [raw, graph.int64s([1])], { axis: 1 });
  return graph.call('Cast', [graph.call('GreaterOrEqual', [positive, graph.floats(threshold)])], { to: INT64 });
}

interface Best {
  /** Index of the class. */
  best: string;
  raw: string;
  /** Dimensions between the batch and the classes. */
  steps: number[];
  /** Dimensions of the labels, after the batch. */
  dimensions: number[];
}

function appendLabels(
  graph: GraphBuilder,
  { best, raw, steps, dimensions }: Best,
  { card: { labels }, free }: { card: ModelCard; free: AnswerParts['free'] },
): void {
  const prediction = free('prediction');
  graph.node('Gather', [graph.strings(labels!), best], {}, { outputs: [prediction] });
  graph.output(prediction, 'string', ['batch', ...dimensions]);
  appendProbabilities(graph, raw, ['batch', ...steps, labels!.length], free);
}

function appendProbabilities(graph: GraphBuilder, raw: string, dims: (number | string)[], free: AnswerParts['free']) {
  const probabilities = free('probabilities');
  graph.node('Identity', [raw], {}, { outputs: [probabilities] });
  graph.output(probabilities, 'float32', dims);
}
