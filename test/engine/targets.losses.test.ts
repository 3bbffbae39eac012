/** Losses of several targets and of pairs, and the metrics: against PyTorch and scikit-learn (fixtures/targets.json). */
import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LossParameters } from '../../src/engine/tasks/learning/loss-names';
import type { Matrix } from '../../src/engine/learning/fit';
import { inBatchContrast } from '../../src/engine/layers/losses';
import { multilabelScorer, multiRegressionScorer, sequenceScorer, type Scorer } from '../../src/engine/metrics';
import { eagerExecutor } from '../../src/engine/executors/eager.executor';
import type { Executor } from '../../src/engine/executors/executor';
import { taskOf } from '../../src/engine/tasks/registry';
import { onnxExecutor } from '../../src/engine/executors/onnx.executor';
import { createOptimizer, scalarsOf } from '../../src/engine/gradient/optimizers';
import type { StepPlan } from '../../src/engine/gradient/step';
import type { Task } from '../../src/engine/types';
import { planFor } from './support/training';

type Scores = Record<string, number>;
interface Fixture {
  losses: {
    task: Task;
    parameters: Partial<LossParameters>;
    outputs: number[];
    shape: number[];
    y: number[][];
    weight: number[][];
    loss: number;
    gradient: number[];
  }[];
  contrast: {
    left: number[][];
    right: number[][];
    items: number[];
    taken: number[];
    loss: number;
    gradients: number[][];
  };
  autoencoder: { x: number[][]; start: number[]; losses: number[]; end: number[] };
  multilabel: { actual: (number | null)[][]; probabilities: number[][]; metrics: Metrics };
  regression: { actual: (number | null)[][]; predicted: number[][]; metrics: Metrics };
  sequence: { actual: (number | null)[][]; probabilities: number[][][]; metrics: Scores };
}
interface Metrics {
  overall: Scores;
  perTarget: Scores[];
}

const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'targets.json'), 'utf8')) as Fixture;
const executors = [onnxExecutor({ threads: 1, provider: 'cpu' }), eagerExecutor('reference', 'cpu')];

function expectClose(actual: ArrayLike<number>, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i] - value)).toBeLessThan(2e-5));
}

/** Full-batch steps of plain gradient descent. */
async function descend(
  executor: Executor,
  plan: StepPlan,
  data: Matrix,
  { start = [] as number[], steps = 1, rate = 1 },
) {
  const runner = await executor.prepare(plan, data.rows);
  const order = Int32Array.from({ length: steps * data.rows }, (_, i) => i % data.rows);
  const scalars = scalarsOf(plan.optimizer, 0, new Array<number>(steps).fill(rate));
  const taken = { count: steps, order, keys: null, scalars };
  const { state, losses } = await runner.train([Float32Array.from(start)], taken, data);
  const score = () => runner.score(Float32Array.from(start), data);
  return { end: state[0], losses, score, release: () => runner.release() };
}

describe.each(executors)('on $name', (executor) => {
  test.each(fixture.losses)('$task $parameters: the mean over present values, and its gradient', async (entry) => {
    const { task, outputs, shape, y, weight } = entry;
    const sgd = createOptimizer('sgd', { momentum: 0, weightDecay: 0 } as never);
    // A program that is its own output.
    const program: StepPlan['program'] = {
      parameters: [shape[0] - 1, 1].map((rows, i) => ({
        name: `part_${i}`,
        shape: [rows, ...shape.slice(1)],
        limit: 0,
        penalized: false,
      })),
      forward: (parts) => tf.concat([parts.part_0, parts.part_1]),
      random: false,
    };
    const loss = taskOf(task).learning.loss(shape.at(-1)!, entry.parameters);
    const targets = y[0].length;
    const plan = {
      program,
      optimizer: sgd,
      loss,
      task,
      outputs: shape.at(-1)!,
      targets,
      width: targets,
      l2: 0,
      clipNorm: null,
    };
    const [rows, weights] = [y.length, Float32Array.from(weight.flat())];
    const data = {
      rows,
      width: targets,
      x: new Float32Array(y.flat().length),
      y: Float32Array.from(y.flat()),
      weight: weights,
    };
    const { end, losses, score, release } = await descend(executor, plan, data, { start: outputs });
    expectClose(losses, [entry.loss]);
    expectClose(
      end.map((value, i) => outputs[i] - value),
      entry.gradient,
    );
    // A graph for scoring takes any number of rows, which such a program does not.
    if (executor.name === 'reference') {
      expect((await score()).loss / weights.reduce((a, b) => a + b)).toBeCloseTo(entry.loss, 4);
    }
    await release();
  });

  test('an autoencoder of PyTorch: twenty steps', async () => {
    const { x, start, losses, end } = fixture.autoencoder;
    const parameters = { hidden: [4], code: 2, activation: 'tanh', optimizer: 'sgd', l2: 0 };
    const plan = planFor('autoencoder', parameters, 'anomaly');
    const data = { rows: 8, width: 5, x: Float32Array.from(x.flat()), y: new Float32Array(8), weight: null };
    const trained = await descend(executor, plan, data, { start, steps: 20, rate: 0.1 });
    expectClose(trained.losses, losses);
    expectClose(trained.end, end);
    expect((await trained.score()).loss / 8).toBeCloseTo(losses[0], 5);
    await trained.release();
  });
});

test('in-batch contrast: value and gradients', () => {
  void tf.setBackend('cpu');
  const { left, right, items, taken, loss, gradients } = fixture.contrast;
  const same = tf.tensor2d(items.map((a) => items.map((b) => Number(a === b))));
  const weights = tf.tensor2d(taken, [taken.length, 1]);
  const { value, grads } = tf.valueAndGrads((l, r) =>
    inBatchContrast(l, r, same, { weights, share: 1 / taken.length }),
  )([tf.tensor2d(left), tf.tensor2d(right)]);
  expectClose(value.dataSync(), [loss]);
  gradients.forEach((expected, i) => expectClose(grads[i].dataSync(), expected));
});

describe('metrics of scikit-learn', () => {
  const NAMES = ['a', 'b', 'c'];
  const known = (rows: (number | null)[][]) => ({
    values: Float64Array.from(rows.flat(), (value) => value ?? NaN),
    width: rows[0].length,
  });
  const scores = (scorer: Scorer, rows: number) => scorer.score(new Uint8Array(rows).fill(1));

  function expectScores(scorer: Scorer, { overall, perTarget }: Metrics, rows: number): void {
    const values = scores(scorer, rows);
    const of = (target: string | undefined) =>
      Object.fromEntries(
        scorer.names.flatMap((name, i) => (scorer.targets?.[i] === target ? [[name, values[i]]] : [])),
      );
    const close = (all: Scores) => Object.fromEntries(Object.entries(all).map(([k, v]) => [k, expect.closeTo(v, 5)]));
    expect(of(undefined)).toEqual(close(overall));
    NAMES.forEach((name, t) => expect(of(name)).toEqual(close(perTarget[t])));
  }

  test('several labels, some unknown', () => {
    const { actual, probabilities, metrics } = fixture.multilabel;
    const scorer = multilabelScorer(known(actual), Float32Array.from(probabilities.flat()), NAMES);
    expectScores(scorer, metrics, actual.length);
  });

  test('several numbers, some unknown', () => {
    const { actual, predicted, metrics } = fixture.regression;
    expectScores(multiRegressionScorer(known(actual), predicted.flat(), NAMES), metrics, actual.length);
  });

  test('labels of steps, some unknown', () => {
    const { actual, probabilities, metrics } = fixture.sequence;
    const scorer = sequenceScorer(known(actual), Float32Array.from(probabilities.flat(2)), 4);
    const values = scores(scorer, actual.length);
    expect(Object.fromEntries(scorer.names.map((name, i) => [name, values[i]]))).toEqual(
      Object.fromEntries(Object.entries(metrics).map(([k, v]) => [k, expect.closeTo(v, 5)])),
    );
  });

  test('weights count rows as often', () => {
    const { actual, probabilities } = fixture.multilabel;
    const p = Float32Array.from(probabilities.flat());
    const weights = actual.map((_, i) => i % 3);
    const repeated = actual.flatMap((_, i) => new Array<number>(i % 3).fill(i));
    const twice = multilabelScorer(
      known(repeated.map((i) => actual[i])),
      Float32Array.from(repeated.flatMap((i) => probabilities[i])),
      NAMES,
    );
    const expected = scores(twice, repeated.length);
    const values = multilabelScorer(known(actual), p, NAMES).score(weights);
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 9));
  });
});
