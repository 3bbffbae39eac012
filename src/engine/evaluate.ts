/** Scores of a model on rows it has not seen, by task. */
import { eachBlock, inBlocks } from './blocks';
import type { FittedModel, Matrix, Rows } from './fit';
import {
  classificationScorer,
  evaluateAnomalies,
  evaluateClassification,
  evaluateRegression,
  evaluateSequences,
  multilabelScorer,
  multiRegressionScorer,
  quantile,
  regressionScorer,
  scored,
  sequenceScorer,
  type Scorer,
} from './metrics';
import type { Prepared } from './prepare';
import { joinFloats } from './serving';
import { learnsFeatures, scoreOf } from './task';
import type { Evaluation, ModelCard } from './types';

/** What is answered for rows, as in an `OutputBatch`; of classes the probabilities alone count. */
export interface Answer {
  prediction: ArrayLike<number> | string[];
  probabilities: Float32Array | null;
}

/** Scores what a serving graph says of the test rows; without intervals where the seed is null. */
export function evaluate(
  { prediction, probabilities }: Answer,
  card: ModelCard,
  { selection: { target }, parts }: Pick<Prepared, 'selection' | 'parts'>,
  seed: number | null,
): Evaluation {
  const { task, columns } = target;
  const width = columns.length;
  const rows = parts.test;
  const values = new Float64Array(rows.length * width);
  columns.forEach((column, t) => rows.forEach((row, i) => (values[i * width + t] = column.values[row])));
  const names = columns.map(({ name }) => name);
  const numbers = prediction as ArrayLike<number>;
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
export const scoreMetric = ({ selection }: Prepared): string => scoreOf(selection.target.task);

/** What a model answers for rows, with what is right. */
interface Answers {
  rows: number;
  y: Float32Array;
  weight: Float32Array | null;
  /** Empty where the features themselves are learnt. */
  output: Float32Array;
  /** Of each row, where the features themselves are learnt; empty otherwise. */
  errors: Float64Array;
}

/** NaN where training diverged. */
export async function validationScore(fitted: FittedModel, data: Prepared): Promise<number> {
  const answers = await answersFor(fitted, data.validation, data);
  if (answers === null) return NaN;
  const scorer = validationScorer(answers, data);
  if (scorer === null) return meanOf(answers.errors);
  return scorer.score(new Uint8Array(answers.rows).fill(1))[scorer.names.indexOf(scoreMetric(data))];
}

/** The error that a share of the validation rows, the contamination, exceeds. */
export async function errorThreshold(fitted: FittedModel, data: Prepared): Promise<number> {
  const { errors } = (await answersFor(fitted, data.validation, data))!;
  return quantile(errors.sort(), 1 - (fitted.parameters.contamination as number));
}

/** Null when some answer is not a finite number. */
async function answersFor(fitted: FittedModel, rows: Rows, { selection }: Prepared): Promise<Answers | null> {
  const reconstructs = learnsFeatures(selection.target.task);
  const parts: Omit<Answers, 'rows'>[] = [];
  let finite = true;
  await eachBlock(inBlocks(rows), async (matrix) => {
    const output = await fitted.predict(matrix.x, matrix.rows);
    finite &&= output.every(Number.isFinite);
    const errors = reconstructs ? rowErrors(output, matrix) : new Float64Array();
    // What a block holds is lost with the next but one.
    const kept = { y: matrix.y.slice(), weight: matrix.weight?.slice() ?? null };
    parts.push({ ...kept, output: reconstructs ? new Float32Array() : output, errors });
  });
  if (!finite) return null;
  return {
    rows: rows.rows,
    y: joinFloats(parts.map(({ y }) => y)),
    weight: parts[0].weight && joinFloats(parts.map(({ weight }) => weight!)),
    output: joinFloats(parts.map(({ output }) => output)),
    errors: Float64Array.from(parts.flatMap(({ errors }) => [...errors])),
  };
}

/** Null for anomaly. */
function validationScorer({ output, y, weight }: Answers, { selection, targetScales }: Prepared): Scorer | null {
  const { task, columns, labels } = selection.target;
  if (task === 'anomaly') return null;
  if (task === 'regression') {
    const [{ mean, scale }] = targetScales;
    const original = (v: number): number => v * scale + mean;
    return regressionScorer(Float64Array.from(y, original), Float64Array.from(output, original));
  }
  const known = { values: Float64Array.from(y, (v, i) => (weight?.[i] === 0 ? NaN : v)), width: columns.length };
  const names = columns.map(({ name }) => name);
  if (task === 'multi_regression') return multiRegressionScorer(known, output, names);
  if (task === 'multilabel') return multilabelScorer(known, output, names);
  if (task === 'sequence_labeling') return sequenceScorer(known, output, labels!.length);
  return classificationScorer(Int32Array.from(y), output, labels!);
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
