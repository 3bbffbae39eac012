import { checkParameters, families } from '../../src/engine';
import { openModel, train } from '../../src/engine/run';
import {
  comparedValues,
  EngineError,
  ofKind,
  TrainingStopped,
  type TrainEvent,
  type TrainRequest,
  type TrainResult,
} from '../../src/engine/types';
import { recorder } from './support/train-port';
import { DEFAULTS, draw, normal, pick, table, uniform } from './tables';

const N = 1500;

/** A table of two informative numbers, an informative text column and columns of the awkward kinds. */
function machines() {
  const heat = draw(N, 1, normal);
  const load = draw(N, 2, (r) => (uniform(r) < 0.1 ? null : Math.exp(normal(r))));
  const site = draw(N, 3, (r) => pick(r, ['north', 'south', 'east', null]));
  const logit = heat.map((h, i) => 1.5 * h + (site[i] === 'north' ? 1.5 : 0) - 1);
  const failure = draw(N, 4, (r, i) => (uniform(r) < 1 / (1 + Math.exp(-logit[i])) ? 'yes' : 'no'));
  const output = draw(N, 5, (r, i) => 20 + 5 * heat[i] + (site[i] === 'south' ? 4 : 0) + normal(r));
  const grade = heat.map((h) => (h < -0.5 ? 'low' : h < 0.5 ? 'middle' : 'high'));
  return { heat, 'load (kW)': load, 地点: site, number: heat.map((_, i) => i), failure, output, grade, logit };
}

const all = machines();
const without = (...names: string[]) =>
  table(
    Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name) && name !== 'logit')) as Record<
      string,
      number[]
    >,
  );

function request(change: Partial<TrainRequest> = {}): TrainRequest {
  return {
    table: without('output', 'grade'),
    target: 'failure',
    task: null,
    drop: [],
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
    preprocess: DEFAULTS,
    estimator: { family: 'logistic', parameters: { epochs: 8 } },
    seed: 3,
    resume: null,
    ...change,
  };
}

const metric = (result: TrainResult, name: string) => result.evaluation.metrics.find((m) => m.name === name)!;

/** Area under the ROC curve by its definition, the share of rightly ordered pairs. */
function pairAuc(score: number[], positive: boolean[]): number {
  let right = 0;
  let pairs = 0;
  score.forEach((a, i) => {
    if (!positive[i]) return;
    score.forEach((b, j) => {
      if (positive[j]) return;
      pairs++;
      right += a > b ? 1 : a === b ? 0.5 : 0;
    });
  });
  return right / pairs;
}

describe('a run over generated data', () => {
  test('binary: comes near the best possible ROC AUC, says what it left out and counts events from 1', async () => {
    const { events, port } = recorder();
    const result = await train(request(), port);
    const best = pairAuc(
      all.logit,
      all.failure.map((f) => f === 'yes'),
    );
    expect(metric(result, 'rocAuc').upper!).toBeGreaterThan(best - 0.01);
    expect(metric(result, 'rocAuc').value).toBeGreaterThan(best - 0.05);
    expect(result.card).toMatchObject({ task: 'binary', labels: ['no', 'yes'], family: 'logistic', target: 'failure' });
    expect(result.card.inputs.map((input) => input.name)).toEqual(['heat', 'load (kW)', '地点']);
    expect(result.card.leftOut).toEqual([{ column: 'number', reason: expect.stringMatching(/numbers the rows/) }]);
    expect(result.splitCounts).toEqual({ train: 960, validation: 240, test: 300, unused: 0 });
    expect(events.map((event) => event.ordinal)).toEqual(events.map((_, i) => i + 1));
    expect(events.flatMap((event) => (event.kind === 'state' ? [event.state] : []))).toEqual([
      'PREPARING',
      'TRAINING',
      'EVALUATING',
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'log', message: expect.stringContaining('"number"') }),
    );
    expect(events.at(-1)).toMatchObject({ kind: 'progress', fraction: 1 });
  });

  test('regression: the error comes near the noise', async () => {
    const estimator = { family: 'linear', parameters: { epochs: 60 } };
    const result = await train(
      request({ table: without('failure', 'grade'), target: 'output', estimator }),
      recorder().port,
    );
    expect(result.card).toMatchObject({ task: 'regression', labels: null });
    expect(metric(result, 'rmse').value).toBeLessThan(1.25);
    expect(metric(result, 'rmse').value).toBeGreaterThan(0.85);
  });

  test('multiclass: learns three bands of a number', async () => {
    const estimator = { family: 'mlp', parameters: { epochs: 30 } };
    const result = await train(
      request({ table: without('failure', 'output'), target: 'grade', estimator }),
      recorder().port,
    );
    expect(result.card.labels).toEqual(['high', 'low', 'middle']);
    expect(metric(result, 'accuracy').value).toBeGreaterThan(0.9);
    expect(
      ofKind(result.evaluation, 'classes')
        .confusionMatrix.counts.flat()
        .reduce((a, b) => a + b, 0),
    ).toBe(300);
  });

  test('auto tries several candidates, keeps the best and grows one step axis', async () => {
    const { events, port } = recorder();
    const result = await train(request({ estimator: { family: 'auto', parameters: {} } }), port);
    expect(result.leaderboard.length).toBeGreaterThan(1);
    const scores = result.leaderboard.map((entry) => entry.score);
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    expect(result.card.family).toBe(result.leaderboard[0].family);
    const steps = events.flatMap((event) => (event.kind === 'metric' ? [event.step] : []));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});

describe('parameters', () => {
  test('balanced class weights find more of the rare class', async () => {
    const rare = table({
      heat: all.heat,
      y: draw(N, 6, (r, i) => (uniform(r) < 1 / (1 + Math.exp(4 - all.heat[i])) ? 'yes' : 'no')),
    });
    const run = (classWeight: string) =>
      train(
        request({
          table: rare,
          target: 'y',
          estimator: { family: 'logistic', parameters: { epochs: 20, classWeight } },
        }),
        recorder().port,
      );
    const recall = async (classWeight: string) => metric(await run(classWeight), 'recall').value;
    expect(await recall('balanced')).toBeGreaterThan((await recall('none')) + 0.3);
  });

  test('auto is a family among the others, with checked parameters', () => {
    expect(families().map((family) => family.name)).toEqual(
      expect.arrayContaining(['auto', 'linear', 'logistic', 'mlp']),
    );
    expect(checkParameters('auto', { epochs: 5, classWeight: 'balanced' }, null)).toEqual([]);
    expect(checkParameters('auto', { hidden: [4] }, null)).toEqual([
      expect.objectContaining({ hint: expect.stringMatching(/epochs/) }),
    ]);
    expect(checkParameters('auto', { epochs: 0 }, null)).toEqual([
      expect.objectContaining({ path: 'parameters.epochs' }),
    ]);
    expect(checkParameters('linear', {}, 'binary')).toEqual([expect.objectContaining({ path: 'family' })]);
  });

  test.each<[string, Partial<TrainRequest>, string]>([
    ['an unknown family', { estimator: { family: 'bush', parameters: {} } }, 'estimator.family'],
    ['a family of another task', { estimator: { family: 'linear', parameters: {} } }, 'estimator.family'],
    [
      'a wrong parameter',
      { estimator: { family: 'logistic', parameters: { epochs: -1 } } },
      'estimator.parameters.epochs',
    ],
  ])('%s is refused', async (_, change, path) => {
    const error = await train(request(change), recorder().port).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).path).toBe(path);
  });
});

describe('the model file', () => {
  let result: TrainResult;
  beforeAll(async () => {
    result = await train(request(), recorder().port);
  });

  test('answers raw rows with missing and unseen values, and carries its card', async () => {
    const model = await openModel(result.model);
    expect(model.card).toEqual(result.card);
    const batch = {
      rowCount: 3,
      columns: [Float32Array.of(2, -2, NaN), Float32Array.of(1, NaN, 1), ['north', '', 'never seen']],
    };
    const { prediction, probabilities } = ofKind(await model.predict(batch), 'labels');
    expect(prediction.slice(0, 2)).toEqual(['yes', 'no']);
    for (let row = 0; row < 3; row++) expect(probabilities[2 * row] + probabilities[2 * row + 1]).toBeCloseTo(1, 5);
    const alone = await model.predict({
      rowCount: 1,
      columns: [Float32Array.of(NaN), Float32Array.of(1), ['never seen']],
    });
    expect(comparedValues(alone)[1]).toBeCloseTo(probabilities[5], 6);
    await model.release();
  });

  test('a column named like an output or an internal value keeps its name', async () => {
    const odd = table({
      prediction: all.heat,
      probabilities: draw(N, 8, normal),
      Concat: draw(N, 9, normal),
      y: all.failure,
    });
    const { model: bytes } = await train(request({ table: odd, target: 'y' }), recorder().port);
    const model = await openModel(bytes);
    expect(model.inputs.map((input) => input.name)).toEqual(['prediction', 'probabilities', 'Concat']);
    const high = await model.predict({
      rowCount: 1,
      columns: [Float32Array.of(3), Float32Array.of(0), Float32Array.of(0)],
    });
    expect(high.prediction).toEqual(['yes']);
    await model.release();
  });
});

/** Latencies are measured; all else is the same every time. */
const withoutTimes = (result: TrainResult) => ({
  ...result,
  variants: result.variants.map(({ latency: _, ...variant }) => variant),
});

describe('same request, same run', () => {
  const auto = () => request({ estimator: { family: 'auto', parameters: {} }, seed: 11 });
  let whole: { events: TrainEvent[]; result: TrainResult };
  let controls = 0;
  beforeAll(async () => {
    const { events, port } = recorder({ control: () => (controls++, 'continue') });
    whole = { events, result: await train(auto(), port) };
  });

  test('twice gives the same events and the same bytes', async () => {
    const { events, port } = recorder();
    const again = await train(auto(), port);
    expect(events).toEqual(whole.events);
    expect(Buffer.compare(again.model, whole.result.model)).toBe(0);
    expect(withoutTimes(again)).toEqual(withoutTimes(whole.result));
  });

  test.each([0.1, 0.4, 0.6, 0.95])(
    'stopped at %d of its way and resumed, it loses and repeats nothing',
    async (share) => {
      const stopAt = Math.floor(share * controls);
      let asked = 0;
      let checkpoint = new Uint8Array(0);
      const first = recorder({
        control: () => (++asked > stopAt ? 'stop' : 'continue'),
        checkpoint: (state) => (checkpoint = Uint8Array.from(state)),
      });
      await expect(train(auto(), first.port)).rejects.toThrow(TrainingStopped);
      const skipThroughOrdinal = first.events.at(-1)?.ordinal ?? 0;
      const second = recorder();
      const resumed = await train({ ...auto(), resume: { checkpoint, skipThroughOrdinal } }, second.port);
      expect([...first.events, ...second.events]).toEqual(whole.events);
      expect(Buffer.compare(resumed.model, whole.result.model)).toBe(0);
      expect(withoutTimes(resumed)).toEqual(withoutTimes(whole.result));
    },
  );

  test('a checkpoint ahead of the receiver’s events is not used', async () => {
    let checkpoint: Uint8Array | null = null;
    const first = recorder({ checkpoint: (state) => (checkpoint ??= Uint8Array.from(state)) });
    await train(auto(), first.port);
    if (!checkpoint) return;
    const second = recorder();
    await train({ ...auto(), resume: { checkpoint, skipThroughOrdinal: 1 } }, second.port);
    expect(second.events).toEqual(whole.events.slice(1));
  });
});

describe('runs that cannot be', () => {
  test.each<[string, Partial<TrainRequest>, string]>([
    ['target missing from the table', { target: 'nothing' }, 'target'],
    ['everything dropped', { drop: ['heat', 'load (kW)', '地点'] }, 'table'],
  ])('%s', async (_, change, path) => {
    const error = await train(request(change), recorder().port).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).path).toBe(path);
  });

  test('a loss that is not finite; auto keeps what is finite all the same', async () => {
    // In the rows that are chosen by, each number is nearly the largest of float32, and sums of them are beyond it.
    const part = [...Array(200).keys()].map((i) => ['train', 'train', 'test', 'validation'][i % 4]);
    const x = draw(200, 7, (r) => [...Array(160).keys()].map(() => uniform(r)));
    const y = x.map((row) => row.reduce((sum, value) => sum + value, 0));
    for (let i = 3; i < 200; i += 4) x[i] = x[i].map(() => 9e37);
    const columns = Object.fromEntries(x[0].map((_, c) => [`x${c}`, x.map((row) => row[c])]));
    const beyond = table({ ...columns, y, part });
    const split = { kind: 'column' as const, column: 'part', validationFraction: 0.2 };
    const trained = (family: string) => {
      const estimator = { family, parameters: { epochs: 60 } };
      const change: Partial<TrainRequest> = {
        ...{ table: beyond, target: 'y', task: 'regression', split, estimator },
        preprocess: { ...DEFAULTS, bins: 0 },
      };
      return train(request(change), recorder().port);
    };
    const error = await trained('mlp').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({
      path: 'estimator.parameters.learningRate',
      hint: expect.stringMatching(/Lower the learning rate/),
    });
    const { leaderboard } = await trained('auto');
    expect(leaderboard.map(({ family }) => family).sort()).toEqual(['boosting', 'forest', 'linear']);
  });

  test('stopped before it began', async () => {
    await expect(train(request(), recorder({ control: () => 'stop' }).port)).rejects.toThrow(TrainingStopped);
  });
});
