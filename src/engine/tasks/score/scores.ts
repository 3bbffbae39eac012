/** The scores that tasks are composed of. */
import { calibrationCurve } from '../../calibration/curve';
import {
  classificationScorer,
  evaluateAnomalies,
  evaluateClassification,
  evaluateOrder,
  evaluateRegression,
  evaluateSequences,
  multilabelScorer,
  multiRegressionScorer,
  orderLossScorer,
  regressionScorer,
  scored,
  sequenceScorer,
  type Drawing,
} from '../../metrics';
import { ofKind } from '../../types';
import type { Answer, Judge, Score, Truth } from './score';

const AUC: Judge = { metric: 'rocAuc', better: 'higher' };
const R2: Judge = { metric: 'r2', better: 'higher' };
const RELATIVE: Judge = { metric: 'averageRelativeRmse', better: 'lower' };
const BALANCED: Judge = { metric: 'balancedAccuracy', better: 'higher' };
const LOSS: Judge = { metric: 'logLoss', better: 'lower' };
const ERROR: Judge = { metric: 'rmse', better: 'lower' };

const numbersOf = (answer: Answer) => ofKind(answer, 'numbers').prediction;
const probabilitiesOf = (answer: Answer) => ofKind(answer, 'labels').probabilities;

const drawingOf = ({ dependent, weights }: Truth, seed: number | null): Drawing => ({ seed, dependent, weights });

export const ofNumber: Score = {
  metric: 'rmse',
  judges: [R2, ERROR],
  evaluate: (answer, truth, { seed, variancePower }) =>
    evaluateRegression(truth.values, numbersOf(answer), { ...drawingOf(truth, seed), variancePower }),
  scorer: (output, { values }, [{ mean, scale }]) => {
    const original = (value: number): number => value * scale + mean;
    return regressionScorer(values.map(original), Float64Array.from(output, original));
  },
};

const NDCG: Judge = { metric: 'ndcgAt10', better: 'higher' };

export const ofOrder: Score = {
  metric: 'ndcgLoss',
  judges: [NDCG],
  evaluate: (answer, { values, groups }, { seed }) =>
    evaluateOrder({ values, groups: groups! }, numbersOf(answer), seed),
  scorer: (output, { values, groups }) => orderLossScorer({ values, groups: groups! }, output),
};

export const ofNumbers: Score = {
  metric: 'averageRelativeRmse',
  judges: [RELATIVE, R2, ERROR],
  evaluate: (answer, truth, { seed, variancePower }) => ({
    kind: 'numbers',
    ...scored(
      multiRegressionScorer({ ...truth, variancePower }, numbersOf(answer), truth.names),
      truth.rowCount,
      drawingOf(truth, seed),
    ),
  }),
  // Relative to the spread of each target, whatever its scale.
  scorer: (output, truth) => multiRegressionScorer(truth, output, truth.names),
};

const classesEvaluation: typeof evaluateClassification = (labels, actual, probabilities, options) => ({
  ...evaluateClassification(labels, actual, probabilities, options),
  calibrationCurve: calibrationCurve(actual, probabilities),
});

export const ofClasses: Score = {
  metric: 'logLoss',
  judges: [AUC, LOSS],
  evaluate: (answer, truth, { seed, decision }) =>
    classesEvaluation(truth.labels!, Int32Array.from(truth.values), probabilitiesOf(answer), {
      ...drawingOf(truth, seed),
      decision,
    }),
  scorer: (output, { labels, values }) => classificationScorer(Int32Array.from(values), output, labels!),
};

export const ofLabels: Score = {
  metric: 'logLoss',
  judges: [AUC, LOSS],
  evaluate: (answer, truth, { seed }) => ({
    kind: 'labels',
    ...scored(multilabelScorer(truth, probabilitiesOf(answer), truth.names), truth.rowCount, drawingOf(truth, seed)),
  }),
  scorer: (output, truth) => multilabelScorer(truth, output, truth.names),
};

export const ofSteps: Score = {
  metric: 'logLoss',
  judges: [BALANCED],
  evaluate: (answer, truth, { seed }) =>
    evaluateSequences(truth.labels!, truth, probabilitiesOf(answer), drawingOf(truth, seed)),
  scorer: (output, truth) => sequenceScorer(truth, output, truth.labels!.length),
};

export const ofReconstruction: Score = {
  metric: 'reconstructionError',
  judges: [AUC],
  evaluate: (answer, { values, width, dependent }, { seed, threshold }) =>
    evaluateAnomalies(numbersOf(answer), width > 0 ? values : null, threshold!, { seed, dependent }),
  scorer: null,
};
