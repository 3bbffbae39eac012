/**
 * How often intervals hold the true score, which is known by numeric integration or in closed form. Each figure is of 2,000 samples, so
 * that it is uncertain by 0.005 (one standard error).
 */
import { classificationScorer, regressionScorer, type Scorer } from '../../../src/engine/metrics';
import { Sample } from '../../../src/engine/metrics/intervals/sample';
import { Random } from '../../../src/engine/random';

const SAMPLES = 2000;
const SIZES = [60, 150, 400];

const random = new Random(20, 3);
const uniform = () => (random.uint32() + 0.5) / 2 ** 32;
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function coverage(truth: Record<string, number>, rowCount: number, draw: () => Scorer): Record<string, number> {
  const hits = Object.fromEntries(Object.keys(truth).map((name) => [name, 0]));
  for (let seed = 0; seed < SAMPLES; seed++) {
    const scorer = draw();
    for (const name of Object.keys(truth)) {
      const sample = new Sample(rowCount, seed);
      const { lower, upper } = scorer.intervals![scorer.names.indexOf(name)]!.method!(sample)!;
      hits[name] += Number(lower <= truth[name] && truth[name] <= upper);
    }
  }
  return Object.fromEntries(Object.entries(hits).map(([name, count]) => [name, count / SAMPLES]));
}

/** One normal column; the class by a probability of it, and what a model answers. */
interface Classes {
  probability(x: number): number;
  answer(x: number): number;
}

const CLASSES: Record<string, Classes> = {
  'overlapping classes': { probability: (x) => sigmoid(1.2 * x), answer: (x) => sigmoid(1.2 * x) },
  'nearly separable': { probability: (x) => sigmoid(12 * x), answer: (x) => sigmoid(12 * x) },
  'one class in five': { probability: (x) => sigmoid(2 * x - 2), answer: (x) => sigmoid(2 * x - 2) },
  'answers too sure of themselves': { probability: (x) => sigmoid(1.5 * x), answer: (x) => sigmoid(3 * x) },
};

/** By the rectangle rule over the column; answers rise with it, so that their order is its. */
function truthOf({ probability, answer }: Classes) {
  const STEP = 1e-3;
  const EPSILON = 2 ** -23;
  let [accuracy, logLoss, positives, negatives, pairs] = [0, 0, 0, 0, 0];
  for (let x = -8; x <= 8; x += STEP) {
    const mass = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * STEP;
    const [p, q] = [probability(x), answer(x)];
    accuracy += mass * (q > 0.5 ? p : 1 - p);
    // Probabilities of a 32-bit float are clipped in the log loss.
    const clipped = Math.min(1 - EPSILON, Math.max(EPSILON, q));
    logLoss -= mass * (p * Math.log(clipped) + (1 - p) * Math.log(1 - clipped));
    pairs += mass * p * (negatives + (mass * (1 - p)) / 2);
    positives += mass * p;
    negatives += mass * (1 - p);
  }
  return { accuracy, rocAuc: pairs / (positives * negatives), logLoss };
}

/** Summed over all numbers of hits, by the closed form of the bounds. */
function wilsonCoverage(share: number, rows: number): number {
  const z = 1.959964;
  let [covered, logMass] = [0, rows * Math.log(1 - share)];
  for (let hits = 0; hits <= rows; hits++) {
    const found = hits / rows;
    const isHeld = (share - found) ** 2 <= (z * z * share * (1 - share)) / rows;
    if (isHeld) covered += Math.exp(logMass);
    logMass += Math.log((rows - hits) / (hits + 1)) + Math.log(share / (1 - share));
  }
  return covered;
}

describe.each(Object.entries(CLASSES))('%s', (_, classes) => {
  test.each(SIZES)('%d rows', (rowCount) => {
    const truth = truthOf(classes);
    const found = coverage(truth, rowCount, () => {
      const columns = Float64Array.from({ length: rowCount }, normal);
      const actual = Int32Array.from(columns, (x) => Number(uniform() < classes.probability(x)));
      const probabilities = new Float32Array(2 * rowCount);
      columns.forEach((x, row) => probabilities.set([1 - classes.answer(x), classes.answer(x)], 2 * row));
      return classificationScorer(actual, probabilities, ['no', 'yes']);
    });
    const { accuracy, ...others } = found;
    // Shares of 60 rows are few: the accuracy is held as often as the binomial distribution says.
    expect(Math.abs(accuracy - wilsonCoverage(truth.accuracy, rowCount))).toBeLessThan(0.015);
    expect(accuracy).toBeGreaterThan(0.925);
    // Where often no row is out of order, the bounds of the area are cautious.
    const most = truth.rocAuc > 0.98 && rowCount === 60 ? 0.98 : 0.97;
    expect(Object.entries(others).filter(([, share]) => share < 0.93 || share > most)).toEqual([]);
  });
});

const ERRORS: Record<string, { draw(): number; rmse: number }> = {
  'normal errors': { draw: normal, rmse: 1 },
  'errors of one size': { draw: () => 2 * uniform() - 1, rmse: Math.sqrt(1 / 3) },
  'errors of a logistic distribution': {
    draw: () => {
      const share = uniform();
      return Math.log(share / (1 - share));
    },
    rmse: Math.PI / Math.sqrt(3),
  },
};

const rmseCovered = (draw: () => number, rmse: number, rowCount: number): number =>
  coverage({ rmse }, rowCount, () => {
    const errors = Float64Array.from({ length: rowCount }, draw);
    return regressionScorer(errors, new Float64Array(rowCount));
  }).rmse;

describe.each(Object.entries(ERRORS))('%s', (_, { draw, rmse }) => {
  test.each(SIZES)('%d rows', (rowCount) => {
    const share = rmseCovered(draw, rmse, rowCount);
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.97);
  });
});

/**
 * Heavy tails: the squares have a standard deviation of 2.5 and of 4.5 times their mean, and a sample of 60 rows often has none of the
 * errors that make up a tenth of it. No interval from such a sample alone holds the true one in 95 of 100.
 */
describe.each([
  ['gamma of shape 4', () => -Math.log(uniform() * uniform() * uniform() * uniform()) - 4, 2, [0.915, 0.925, 0.93]],
  ['exponential', () => -Math.log(uniform()) - 1, 1, [0.905, 0.925, 0.93]],
] as const)('errors of a heavy tail: %s', (_, draw, rmse, least) => {
  test.each(SIZES.map((rowCount, i) => [rowCount, least[i]]))('%d rows: at least %d', (rowCount, bound) => {
    const share = rmseCovered(draw, rmse, rowCount);
    expect(share).toBeGreaterThanOrEqual(bound);
    expect(share).toBeLessThanOrEqual(0.97);
  });
});
