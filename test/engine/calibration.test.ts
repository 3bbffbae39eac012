/** Corrected probabilities: against the best of a grid, against a known distortion, and in the file that is deployed. */
import { chooseCalibration } from '../../src/engine/calibration/choose';
import { calibrationCurve } from '../../src/engine/calibration/curve';
import { openExplainer, openModel, train } from '../../src/engine/run';
import { fitTemperature, logsOf, probabilitiesAfter } from '../../src/engine/tasks/learning/calibration';
import type { InputBatch, LabelsOutput, TrainRequest, TrainResult } from '../../src/engine/types';
import { DEFAULTS, draw, normal, table, uniform } from './tables';
import { recorder } from './support/train-port';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Right probabilities of two classes, and answers whose logits are as many times as large. */
function distorted(rows: number, times: number, offset = 0) {
  const logits = draw(rows, 3, (r) => 2 * normal(r));
  const actual = Int32Array.from(draw(rows, 4, (r, i) => Number(uniform(r) < sigmoid(logits[i]))));
  const positive = logits.map((logit) => sigmoid(times * logit + offset));
  return { actual, classes: 2, probabilities: Float32Array.from(positive.flatMap((p) => [1 - p, p])) };
}

describe('a temperature', () => {
  test('is the best of a fine grid, for three classes as well', () => {
    const scores = Float32Array.from(draw(300 * 3, 7, (r) => 2 * normal(r)));
    const actual = Int32Array.from(
      draw(300, 8, (r, i) =>
        uniform(r) < 0.5
          ? i % 3
          : scores.subarray(3 * i, 3 * i + 3).indexOf(Math.max(...scores.subarray(3 * i, 3 * i + 3))),
      ),
    );
    const loss = (slope: number) =>
      actual.reduce((sum, k, row) => {
        const terms = [...scores.subarray(3 * row, 3 * row + 3)].map((score) => Math.exp(slope * score));
        return sum - Math.log(terms[k] / terms.reduce((a, b) => a + b, 0));
      }, 0);
    const grid = Array.from({ length: 4000 }, (_, i) => (i + 1) / 1000);
    const best = grid.reduce((a, b) => (loss(b) < loss(a) ? b : a));
    const { slope, offsets } = fitTemperature(scores, actual, 3);
    expect(Math.abs(slope - best)).toBeLessThan(0.001);
    expect(offsets).toEqual([0, 0, 0]);
  });

  test('undoes a distortion that is known', () => {
    const found = chooseCalibration(distorted(4000, 3), false)!;
    expect(found.kind).toBe('temperature');
    expect(found.slope).toBeGreaterThan(0.3);
    expect(found.slope).toBeLessThan(0.37);
    expect(found.logLossAfter).toBeLessThan(found.logLossBefore - 0.05);
  });

  test('leaves the likeliest class as it is, whatever it is', () => {
    const { probabilities, actual } = distorted(500, 3);
    const scores = logsOf(probabilities);
    const fitted = fitTemperature(scores, actual, 2);
    for (let row = 0; row < 500; row++) {
      const after = probabilitiesAfter(scores.subarray(2 * row, 2 * row + 2), fitted);
      expect(after[1] > after[0]).toBe(probabilities[2 * row + 1] > probabilities[2 * row]);
    }
  });
});

describe('is left out', () => {
  test('where probabilities are right', () => expect(chooseCalibration(distorted(3000, 1), true)).toBeNull());
  test('on few rows', () => expect(chooseCalibration(distorted(90, 4), true)).toBeNull());
  test('where the rows are of few groups', () => {
    const rows = distorted(400, 2.5);
    expect(chooseCalibration(rows, false)).not.toBeNull();
    expect(
      chooseCalibration({ ...rows, dependent: Array.from({ length: 400 }, (_, i) => Number(i < 200)) }, false),
    ).toBeNull();
  });
});

test('an offset as well where answers follow a threshold on the probability', () => {
  const rows = distorted(4000, 1, 1.5);
  expect(chooseCalibration(rows, true)).toMatchObject({ kind: 'platt', offsets: [0, expect.any(Number)] });
  expect(Math.abs(chooseCalibration(rows, true)!.offsets[1] + 1.5)).toBeLessThan(0.15);
  expect(chooseCalibration(rows, false)?.kind).not.toBe('platt');
});

describe('the curve', () => {
  test('has the means and shares of groups, and their mean distance', () => {
    const p = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0.2 : 0.9));
    const actual = Int32Array.from(p, (_, i) => Number(i < 20 ? i < 5 : i < 35));
    const curve = calibrationCurve(actual, Float32Array.from(p.flatMap((q) => [1 - q, q])));
    expect(curve).toMatchObject({ observed: [0.25, 0.75], rowCounts: [20, 20] });
    [0.2, 0.9].forEach((q, i) => expect(curve.predicted[i]).toBeCloseTo(q, 6));
    expect(curve.expectedError).toBeCloseTo((0.05 + 0.15) / 2, 6);
    // Wilson, 5 of 20.
    expect([curve.lower[0], curve.upper[0]]).toEqual([expect.closeTo(0.1119, 4), expect.closeTo(0.4687, 4)]);
  });

  test('of three classes is about the likeliest; equal probabilities stay together, and no group is small', () => {
    const answers = Array.from({ length: 90 }, (_, i) => [0.2, 0.5 + (i % 3) / 10, 0.3 - (i % 3) / 10]).flat();
    const curve = calibrationCurve(
      Int32Array.from({ length: 90 }, (_, i) => Number(i % 2 === 0)),
      Float32Array.from(answers),
    );
    expect(curve.rowCounts).toEqual([30, 30, 30]);
    [0.5, 0.6, 0.7].forEach((q, i) => expect(curve.predicted[i]).toBeCloseTo(q, 6));
    expect(curve.observed).toEqual([0.5, 0.5, 0.5]);
    expect(curve.expectedError).toBeCloseTo(0.1, 6);
  });

  test('of right probabilities is near the diagonal', () => {
    const { actual, probabilities } = distorted(5000, 1);
    const curve = calibrationCurve(actual, probabilities);
    expect(curve.rowCounts).toHaveLength(10);
    expect(curve.expectedError).toBeLessThan(0.025);
    expect(calibrationCurve(actual, distorted(5000, 3).probabilities).expectedError).toBeGreaterThan(0.08);
  });
});

describe('in the file', () => {
  const N = 1500;
  const x = draw(N, 11, normal);
  const z = draw(N, 12, normal);
  const y = draw(N, 13, (r, i) => (uniform(r) < sigmoid(2 * x[i] - z[i]) ? 'yes' : 'no'));
  const part = x.map((_, i) => (i % 4 === 3 ? 'test' : i % 4 === 2 ? 'validation' : 'train'));
  const test4 = x.flatMap((_, i) => (part[i] === 'test' ? [i] : []));
  const batch: InputBatch = {
    rowCount: test4.length,
    columns: [x, z].map((column) => Float64Array.from(test4, (row) => column[row])),
  };

  async function fitted(family: string, parameters: object) {
    const { port, events } = recorder();
    const request: TrainRequest = {
      table: table({ x, z, y, part }),
      target: 'y',
      task: null,
      drop: [],
      split: { kind: 'column', column: 'part', validationFraction: 0.2 },
      preprocess: DEFAULTS,
      estimator: { family, parameters: { ...parameters } },
      seed: 2,
      resume: null,
    };
    const result = await train(request, port);
    return { result, logged: events.flatMap((event) => (event.kind === 'log' ? [event.message] : [])) };
  }

  async function served({ model, assets }: TrainResult): Promise<LabelsOutput> {
    const opened = await openModel(model, { assets });
    const output = await opened.predict(batch);
    await opened.release();
    return output as LabelsOutput;
  }

  test('evaluation and predictions are of the corrected probabilities', async () => {
    const { result, logged } = await fitted('logistic', { epochs: 30, loss: 'focal' });
    const { calibration, labels } = result.card;
    // Minimizes (1 - p)² times the log loss, so that it is less sure than it should be.
    expect(calibration).toMatchObject({ kind: 'temperature', offsets: [0, 0] });
    expect(calibration!.slope).toBeGreaterThan(1.2);
    expect(logged).toContainEqual(
      expect.stringMatching(/^Probabilities are more sure .* one temperature: validation log loss 0\./),
    );
    const { probabilities, prediction } = await served(result);
    const at = labels!.indexOf('yes');
    const p = test4.map((_, i) => probabilities[2 * i + at]);
    const loss = (list: number[]) =>
      list.reduce((sum, q, i) => sum - Math.log(y[test4[i]] === 'yes' ? q : 1 - q), 0) / list.length;
    const told = result.evaluation.metrics.find(({ name }) => name === 'logLoss')!.value;
    expect(told).toBeCloseTo(loss(p), 5);
    const before = p.map((q) => sigmoid(Math.log(q / (1 - q)) / calibration!.slope));
    expect(told).toBeLessThan(loss(before) - 0.005);
    expect(prediction).toEqual(before.map((q) => (q > 0.5 ? 'yes' : 'no')));
  });

  test('explanations add up to the corrected score', async () => {
    const { result } = await fitted('boosting', { trees: 10, learningRate: 0.05 });
    // Ten small steps end far from the minimum.
    expect(result.card.calibration!.slope).toBeGreaterThan(1.3);
    const [model, ...assets] = result.explanation;
    const explainer = await openExplainer({ model: model.bytes, assets }, 'pathDependent');
    const { prediction } = (await explainer.predict(batch)) as { prediction: Float64Array };
    await explainer.release();
    const { probabilities } = await served(result);
    const size = prediction.length / test4.length;
    test4.forEach((_, i) => {
      const score = prediction.subarray(i * size, (i + 1) * size).reduce((a, b) => a + b, 0);
      expect(sigmoid(score)).toBeCloseTo(probabilities[2 * i + 1], 4);
    });
  });
});
