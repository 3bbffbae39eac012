/** Scores of a model on rows it has not seen, by task. */
import type { FittedModel, Matrix } from './fit';
import {
  classificationScorer,
  evaluateAnomalies,
  evaluateClassification,
  evaluateRegression,
  evaluateSequences,
  multilabelScorer,
  multiRegressionScorer,
  regressionScorer,
  scored,
  sequenceScorer,
  type Scorer,
} from './metrics';
import { rawBatch, type Prepared } from './prepare';
import type { Evaluation, InputBatch, ModelCard, OutputBatch } from './types';

/** The rows that no training has seen, as a serving graph takes them. */
export function testBatch({ selection, parts, inputs }: Prepared): InputBatch {
  return { rowCount: parts.test.length, columns: rawBatch(selection.features, inputs, parts.test) };
}

/** Scores what a serving graph says of the test rows; without intervals where the seed is null. */
export function evaluate(
  { prediction, probabilities }: OutputBatch,
  card: ModelCard,
  { selection: { target }, parts }: Prepared,
  seed: number | null,
): Evaluation {
  const { task, columns } = target;
  const width = columns.length;
  const rows = parts.test;
  const values = new Float64Array(rows.length * width);
  columns.forEach((column, t) => rows.forEach((row, i) => (values[i * width + t] = column.values[row])));
  const names = columns.map(({ name }) => name);
  const numbers = prediction as Float32Array;
  if (task === 'anomaly') return evaluateAnomalies(numbers, width > 0 ? values : null, card.threshold!, seed);
  if (task === 'regression') return evaluateRegression(values, numbers, seed);
  if (task === 'multi_regression')
    return scored(multiRegressionScorer({ values, width }, numbers, names), rows.length, seed);
  if (task === 'multilabel')
    return scored(multilabelScorer({ values, width }, probabilities!, names), rows.length, seed);
  if (task === 'sequence_labeling') return evaluateSequences(card.labels!, { values, width }, probabilities!, seed);
  return evaluateClassification(card.labels!, Int32Array.from(values), probabilities!, seed);
}

/** What candidates are compared by; lower is better. */
export function scoreMetric({ selection }: Prepared): string {
  const { task } = selection.target;
  if (task === 'anomaly') return 'reconstructionError';
  if (task === 'multi_regression') return 'averageRelativeRmse';
  return task === 'regression' ? 'rmse' : 'logLoss';
}

/** NaN where training diverged. */
export async function validationScore(fitted: FittedModel, data: Prepared): Promise<number> {
  const { validation } = data;
  const output = await fitted.predict(validation.x, validation.rows);
  if (!output.every(Number.isFinite)) return NaN;
  const scorer = validationScorer(output, data);
  if (scorer === null) return meanOf(rowErrors(output, validation));
  return scorer.score(new Uint8Array(validation.rows).fill(1))[scorer.names.indexOf(scoreMetric(data))];
}

/** Null for anomaly. */
function validationScorer(output: Float32Array, { selection, validation, targetScales }: Prepared): Scorer | null {
  const { task, columns, labels } = selection.target;
  if (task === 'anomaly') return null;
  if (task === 'regression') {
    const [{ mean, scale }] = targetScales;
    const original = (v: number): number => v * scale + mean;
    return regressionScorer(Float64Array.from(validation.y, original), output.map(original));
  }
  const { y, weight } = validation;
  const known = { values: Float64Array.from(y, (v, i) => (weight?.[i] === 0 ? NaN : v)), width: columns.length };
  const names = columns.map(({ name }) => name);
  if (task === 'multi_regression') return multiRegressionScorer(known, output, names);
  if (task === 'multilabel') return multilabelScorer(known, output, names);
  if (task === 'sequence_labeling') return sequenceScorer(known, output, labels!.length);
  return classificationScorer(Int32Array.from(y), output, labels!.length);
}

const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean squared error of each row of a reconstruction, row-major [rows, width]. */
export function rowErrors(output: Float32Array, { x, rows, width }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) sum += (x[i] - output[i]) ** 2;
    return sum / width;
  });
}
