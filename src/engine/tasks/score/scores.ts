/** The scores that tasks are composed of. */
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
} from '../../metrics';
import type { Answer, Judge, Score } from './score';

const AUC: Judge = { metric: 'rocAuc', better: 'higher' };
const R2: Judge = { metric: 'r2', better: 'higher' };
const RELATIVE: Judge = { metric: 'averageRelativeRmse', better: 'lower' };
const BALANCED: Judge = { metric: 'balancedAccuracy', better: 'higher' };
const LOSS: Judge = { metric: 'logLoss', better: 'lower' };
const ERROR: Judge = { metric: 'rmse', better: 'lower' };

const numbersOf = ({ prediction }: Answer) => prediction as ArrayLike<number>;

export const ofNumber: Score = {
  metric: 'rmse',
  judges: [R2, ERROR],
  evaluate: (answer, { values }, { seed }) => evaluateRegression(values, numbersOf(answer), seed),
  scorer: (output, { values }, [{ mean, scale }]) => {
    const original = (value: number): number => value * scale + mean;
    return regressionScorer(values.map(original), Float64Array.from(output, original));
  },
};

export const ofNumbers: Score = {
  metric: 'averageRelativeRmse',
  judges: [RELATIVE, R2, ERROR],
  evaluate: (answer, truth, { seed }) =>
    scored(multiRegressionScorer(truth, numbersOf(answer), truth.names), truth.rowCount, seed),
  // Relative to the spread of each target, whatever its scale.
  scorer: (output, truth) => multiRegressionScorer(truth, output, truth.names),
};

export const ofClasses: Score = {
  metric: 'logLoss',
  judges: [AUC, LOSS],
  evaluate: ({ probabilities }, { labels, values }, { seed }) =>
    evaluateClassification(labels!, Int32Array.from(values), probabilities!, seed),
  scorer: (output, { labels, values }) => classificationScorer(Int32Array.from(values), output, labels!),
};

export const ofLabels: Score = {
  metric: 'logLoss',
  judges: [AUC, LOSS],
  evaluate: ({ probabilities }, truth, { seed }) =>
    scored(multilabelScorer(truth, probabilities!, truth.names), truth.rowCount, seed),
  scorer: (output, truth) => multilabelScorer(truth, output, truth.names),
};

export const ofSteps: Score = {
  metric: 'logLoss',
  judges: [BALANCED],
  evaluate: ({ probabilities }, truth, { seed }) => evaluateSequences(truth.labels!, truth, probabilities!, seed),
  scorer: (output, truth) => sequenceScorer(truth, output, truth.labels!.length),
};

export const ofReconstruction: Score = {
  metric: 'reconstructionError',
  judges: [AUC],
  evaluate: (answer, { values, width }, { seed, threshold }) =>
    evaluateAnomalies(numbersOf(answer), width > 0 ? values : null, threshold!, seed),
  scorer: null,
};
