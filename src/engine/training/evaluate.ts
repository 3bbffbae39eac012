/** Scores of a model on rows it has not seen, by task. */
import { eachBlock, inBlocks } from '../learning/blocks';
import type { FittedModel, LearnedRows, Matrix } from '../learning/fit';
import { quantile, weightsAt, withRegisteredMetrics, type Scorer } from '../metrics';
import { plainBlocks } from '../preprocess/plain/plain.rows';
import type { Prepared } from './prepare/prepare';
import { taskOf } from '../tasks/registry';
import type { Answer, Truth } from '../tasks/score/score';
import type { Targets } from '../tasks/targets/shape';
import { joinFloats, type Evaluation, type ModelCard, type Numbers } from '../types';

/** Scores what a serving graph says of the test rows; without intervals where the seed is null. */
export function evaluate(
  answer: Answer,
  card: ModelCard,
  { selection: { target }, parts }: Pick<Prepared, 'selection' | 'parts'>,
  seed: number | null,
): Evaluation {
  const { task, columns } = target;
  const width = columns.length;
  const rows = parts.test;
  const values = new Float64Array(rows.length * width);
  columns.forEach((column, t) => rows.forEach((row, i) => (values[i * width + t] = column.values[row])));
  const { score } = taskOf(task);
  const names = columns.map(({ name }) => name);
  const right = score.asAnswered ? values.map(score.asAnswered) : values;
  const truth = { values: right, width, rowCount: rows.length, names, labels: card.labels, ...knownAt(target, rows) };
  const { threshold, decision, variancePower } = card;
  const evaluation = score.evaluate(answer, truth, { seed, threshold, decision, variancePower });
  const answered = answer.kind === 'numbers' ? answer.prediction : answer.probabilities;
  const { dependent, weights } = truth;
  return withRegisteredMetrics(evaluation, { ...truth, answer: answered }, { seed, dependent, weights });
}

/** What is known of these rows beside their targets. */
const knownAt = (
  { groups, dependent, weights }: Targets,
  rows: Uint32Array,
): Pick<Truth, 'groups' | 'dependent' | 'weights'> => ({
  ...(groups && { groups: rows.map((row) => groups[row]) }),
  ...(dependent && { dependent: rows.map((row) => dependent[row]) }),
  ...(weights && { weights: weightsAt(rows, weights) }),
});

/** What candidates are compared by; lower is better. */
export const scoreMetric = ({ selection }: Prepared): string => taskOf(selection.target.task).score.metric;

/** What a model answers for rows, with what is right. */
interface Answers {
  rows: number;
  y: Float32Array;
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
  const { weights } = data.selection.target;
  const rowWeights = weights ? weightsAt(data.parts.validation, weights) : new Uint8Array(answers.rows).fill(1);
  return scorer.score(rowWeights)[scorer.names.indexOf(scoreMetric(data))];
}

/** The error that a share of the validation rows, the contamination, exceeds. */
export async function errorThreshold(fitted: FittedModel, data: Prepared): Promise<number> {
  const { errors } = (await answersFor(fitted, data.validation, data))!;
  return quantile(errors.sort(), 1 - (fitted.parameters.contamination as number));
}

/** Null when some answer is not a finite number. */
export async function answersFor(
  fitted: FittedModel,
  rows: LearnedRows,
  { selection }: Prepared,
): Promise<Answers | null> {
  const reconstructs = taskOf(selection.target.task).learning.learns === 'features';
  const parts: Omit<Answers, 'rows'>[] = [];
  let finite = true;
  await eachBlock<Numbers>('at' in rows ? plainBlocks(rows) : inBlocks(rows), async (matrix) => {
    const output = await fitted.predict(matrix.x, matrix.rows);
    finite &&= output.every(Number.isFinite);
    const errors = reconstructs ? rowErrors(output, matrix) : new Float64Array();
    // What a block holds is lost with the next but one.
    parts.push({ y: matrix.y.slice(), output: reconstructs ? new Float32Array() : output, errors });
  });
  if (!finite) return null;
  return {
    rows: rows.rows,
    y: joinFloats(parts.map(({ y }) => y)),
    output: joinFloats(parts.map(({ output }) => output)),
    errors: Float64Array.from(parts.flatMap(({ errors }) => [...errors])),
  };
}

/** Null where the errors of a reconstruction are the score. */
function validationScorer({ rows, output, y }: Answers, { selection, targetScales, parts }: Prepared): Scorer | null {
  const { task, columns, labels } = selection.target;
  const { scorer } = taskOf(task).score;
  if (scorer === null) return null;
  const isKnown = (i: number): boolean => {
    const { values } = columns[i % columns.length];
    return !Number.isNaN(values[parts.validation[Math.floor(i / columns.length)]]);
  };
  const values = Float64Array.from(y, (value, i) => (isKnown(i) ? value : NaN));
  const names = columns.map(({ name }) => name);
  const truth = {
    values,
    width: columns.length,
    rowCount: rows,
    names,
    labels,
    ...knownAt(selection.target, parts.validation),
  };
  return scorer(output, truth, targetScales);
}

const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean squared error of each row of a reconstruction, row-major [rows, width]. */
export function rowErrors(output: Float32Array, { x, rows, width }: Matrix<Numbers>): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) sum += (x[i] - output[i]) ** 2;
    return sum / width;
  });
}
