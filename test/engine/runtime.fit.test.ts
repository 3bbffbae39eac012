import * as tf from '@tensorflow/tfjs-core';
import { TrainingPaused, TrainingStopped, type Command, type Task } from '../../src/engine/types';
import type { FitRequest } from '../../src/engine/learning/fit';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { createFit, fit } from '../../src/engine/learning/create-fit';
import { OrtSession } from '../../src/engine/executors/ort';
import { familyOf, listen, problem, requestFor } from './support/training';

const quick = { hidden: [12, 8], epochs: 12, patience: 0, batchSize: 20 };
const mlp = (parameters: Record<string, unknown> = {}): FitRequest =>
  requestFor('binary', 'mlp', { ...quick, ...parameters });
const eager = createFit({ checkpointMs: 0 });

async function outcome(request: FitRequest, with_ = fit) {
  const heard = listen();
  const model = await with_(request, heard);
  const { validationLoss, bestEpoch } = model;
  const output = Array.from(await model.predict(request.validation.x, request.validation.rows));
  await model.release();
  return { heard, validationLoss, bestEpoch, output };
}

describe('one seed, one run', () => {
  test('the same request gives the same points and the same model, bit for bit', async () => {
    const [first, second] = [await outcome(mlp({ dropout: 0.3 })), await outcome(mlp({ dropout: 0.3 }))];
    expect(second.heard.all).toEqual(first.heard.all);
    expect(second.output).toEqual(first.output);
  });

  test('another seed gives another model', async () => {
    const [first, second] = [await outcome(mlp()), await outcome({ ...mlp(), seed: 43 })];
    expect(second.output).not.toEqual(first.output);
  });
});

describe('resuming', () => {
  test.each(['adam', 'momentum', 'sgd'])('from every checkpoint, %s ends with the same bits', async (optimizer) => {
    const request = mlp({ optimizer, dropout: 0.3, learningRate: 0.02, patience: 4, epochs: 8 });
    const whole = await outcome(request, eager);
    expect(whole.heard.states.length).toBeGreaterThan(3);
    for (const { bytes, pointsBefore } of whole.heard.states) {
      const rest = await outcome({ ...request, resume: bytes }, eager);
      expect(rest.heard.all).toEqual(whole.heard.all.slice(pointsBefore));
      expect([rest.output, rest.validationLoss, rest.bestEpoch]).toEqual([
        whole.output,
        whole.validationLoss,
        whole.bestEpoch,
      ]);
    }
  });

  test('a state of another request, or a broken one, is not taken up', async () => {
    const request = mlp();
    const whole = await outcome(request);
    const { bytes } = whole.heard.states.at(-1)!;
    for (const resume of [bytes.slice(0, bytes.length - 8), new Uint8Array(3)]) {
      expect((await outcome({ ...request, resume })).heard.all).toEqual(whole.heard.all);
    }
    const [transformer, before] = [[0, 0, 1, 1, 2], undefined].map((columns) => ({
      ...requestFor('binary', 'transformer', { width: 4, heads: 2, feed: 4, layers: 1, epochs: 2 }),
      columns,
    }));
    const { bytes: older } = (await outcome(before)).heard.states.at(-1)!;
    const anew = await outcome(transformer);
    expect((await outcome({ ...transformer, resume: older })).heard.all).toEqual(anew.heard.all);
    const other = { ...request, seed: 43 };
    expect((await outcome({ ...other, resume: bytes })).output).toEqual((await outcome(other)).output);
  });
});

describe('points', () => {
  test('come at step 1, at a fixed stride, and for validation at the end of each epoch', async () => {
    const { heard } = await outcome(mlp({ epochs: 60 }));
    const train = heard.all.filter(({ split }) => split === 'train');
    // 203 rows in 11 steps of 19; 660 steps in strides of 2.
    expect(train.map(({ step }) => step)).toEqual([1, ...Array.from({ length: 330 }, (_, i) => 2 * (i + 1))]);
    const validation = heard.all.filter(({ split, name }) => split === 'validation' && name === 'loss');
    expect(validation.map(({ step, epoch }) => [step, epoch])).toEqual(
      Array.from({ length: 60 }, (_, i) => [11 * (i + 1), i + 1]),
    );
    expect(heard.all.map(({ step }) => step)).toEqual([...heard.all.map(({ step }) => step)].sort((a, b) => a - b));
    expect(heard.fractions.at(-1)).toBe(1);
  });
});

describe('early stopping', () => {
  test('stops after `patience` epochs without improvement and gives back the best weights', async () => {
    const request = mlp({ hidden: [64], epochs: 400, patience: 5, learningRate: 0.05, schedule: 'constant' });
    const { heard, validationLoss, bestEpoch, output } = await outcome(request);
    const losses = heard.all.filter(({ split, name }) => split === 'validation' && name === 'loss');
    expect(losses.length).toBe(bestEpoch + 5);
    expect(losses.length).toBeLessThan(400);
    expect(validationLoss).toBe(Math.min(...losses.map(({ value }) => value)));
    const { y, rows } = request.validation;
    const logLoss = -y.reduce((sum, label, i) => sum + Math.log(output[2 * i + label]), 0) / rows;
    expect(logLoss).toBeCloseTo(validationLoss, 5);
  });

  test('without validation rows all epochs are trained', async () => {
    const request = { ...mlp(), validation: { ...problem('binary', 0, 1) } };
    const model = await fit(request, listen());
    expect([model.bestEpoch, model.validationLoss]).toEqual([12, NaN]);
    await model.release();
  });

  test('a run that diverges ends at once, with numbers that say so', async () => {
    const request = requestFor('regression', 'mlp', { ...quick, optimizer: 'sgd', learningRate: 10, epochs: 1000 });
    request.train.x.forEach((v, i) => (request.train.x[i] = v * 1e6));
    const { heard, output } = await outcome(request);
    expect(heard.all.filter(({ split }) => split === 'validation').length).toBeLessThan(20);
    expect(output.every(Number.isFinite) && heard.all.every(({ value }) => Number.isFinite(value))).toBe(false);
  });
});

describe('control between chunks', () => {
  /** Commands and wished rates by how often the port was asked. */
  const steered = (commands: (asked: number) => Command, rate: (asked: number) => number | null = () => null) => {
    let asked = 0;
    const changes: [number, number][] = [];
    const heard = {
      ...listen(),
      control: () => commands(++asked),
      learningRate: () => rate(asked),
      learningRateChanged: (value: number, step: number) => void changes.push([value, step]),
    };
    return { heard, changes };
  };

  test('a run that is paused and goes on ends with the same bits', async () => {
    const request = mlp({ dropout: 0.3 });
    const whole = await outcome(request);
    const { heard } = steered((asked) => (asked > 5 ? 'pause' : 'continue'));
    await expect(fit(request, heard)).rejects.toThrow(TrainingPaused);
    const last = heard.states.at(-1)!;
    expect(last.pointsBefore).toBe(heard.all.length);
    const rest = await outcome({ ...request, resume: last.bytes });
    expect([...heard.all, ...rest.heard.all]).toEqual(whole.heard.all);
    expect(rest.output).toEqual(whole.output);
  });

  test('a changed learning rate holds from the step at which it is told, and for a run that goes on', async () => {
    const request = mlp({ optimizer: 'sgd', schedule: 'constant', learningRate: 0.05 });
    const { heard, changes } = steered(
      (asked) => (asked > 4 ? 'pause' : 'continue'),
      (asked) => (asked > 3 ? 1e-12 : null),
    );
    await expect(fit(request, heard)).rejects.toThrow(TrainingPaused);
    expect(changes).toEqual([[1e-12, expect.any(Number)]]);
    const resume = heard.states.at(-1)!.bytes;
    const frozen = async (learningRate: () => number | null) => {
      const heard = { ...listen(), learningRate };
      const model = await fit({ ...request, resume }, heard);
      await model.release();
      const losses = heard.all.filter(({ split, name }) => split === 'validation' && name === 'loss');
      return losses.map(({ value }) => value);
    };
    // With so small a rate nothing moves any more; back at the parameter, it does.
    const held = await frozen(() => 1e-12);
    expect(Math.max(...held) - Math.min(...held)).toBeLessThan(1e-7);
    const moved = await frozen(() => 0.05);
    expect(moved.at(-1)).toBeLessThan(moved[0] - 1e-4);
  });
});

test('stopping ends a run between chunks; what it held is released', async () => {
  let asked = 0;
  const stop = () => {
    if (++asked > 6) throw new TrainingStopped();
  };
  await expect(fit(mlp({ epochs: 10_000 }), listen(stop))).rejects.toThrow(TrainingStopped);
  expect(asked).toBe(7);
});

describe.each(['regression', 'binary', 'multiclass'] as Task[])('the forward pass of %s', (task) => {
  test.each([familyOf(task), 'svm', 'mlp'])(
    '%s: appended, exported and loaded alone, it answers as predict does',
    async (family) => {
      const request = requestFor(task, family, { ...(family === 'mlp' && { hidden: [9], dropout: 0.2 }), epochs: 5 });
      const model = await fit(request, listen());
      const { x, rows, width } = request.validation;
      const expected = await model.predict(x, rows);

      const graph = new GraphBuilder('serving');
      graph.input('raw', 'float32', ['batch', width]);
      const doubled = graph.call('Mul', ['raw', graph.floats(2)]);
      graph.output(model.append(graph, doubled), 'float32', ['batch', request.outputs]);
      await model.release();
      const session = await OrtSession.create(encodeModel(graph));
      const half = { raw: { type: 'float32' as const, dims: [rows, width], data: x.map((v) => v / 2) } };
      const [output] = Object.values(await session.run(half));
      await session.release();
      expect(output.dims).toEqual([rows, request.outputs]);
      Array.from(output.data as Float32Array).forEach((v, i) => expect(v).toBeCloseTo(expected[i], 5));
    },
  );

  test('the reference executor trains to the same model', async () => {
    const request = requestFor(task, 'mlp', { hidden: [6], dropout: 0.2, epochs: 2, batchSize: 64 });
    const [onnx, reference] = [await outcome(request), await outcome(request, createFit({ executor: 'reference' }))];
    onnx.output.forEach((v, i) => expect(Math.abs(v - reference.output[i])).toBeLessThan(1e-3));
    expect(onnx.heard.all.map(({ step, name, split }) => [step, name, split])).toEqual(
      reference.heard.all.map(({ step, name, split }) => [step, name, split]),
    );
  });
});

test('says what it trained on: small steps take one thread, large ones those it may have', async () => {
  const threads = async (hidden: number[], batchSize: number) => {
    const model = await createFit({ threads: 2 })(mlp({ hidden, batchSize, epochs: 1 }), listen());
    await model.release();
    const { provider, reason, threads } = model.executor;
    expect([provider, reason]).toEqual([
      'cpu',
      `ONNX Runtime on cpu: a network of ${model.parameterCount} parameters is too small to gain from a GPU.`,
    ]);
    return threads;
  };
  expect(await threads([12, 8], 20)).toBe(1);
  // 203 rows by 34,306 weights: 7 million multiply-adds; a second thread is of use from 5 million.
  expect(await threads([128, 256], 203)).toBe(2);
});

test('memory stays flat over repeated fits', async () => {
  const round = async () => void (await outcome(mlp({ epochs: 2 })));
  for (let i = 0; i < 15; i++) await round();
  const [tensors, before] = [tf.memory().numTensors, process.memoryUsage().rss];
  for (let i = 0; i < 60; i++) await round();
  expect(tf.memory().numTensors).toBe(tensors);
  // A session that were not released would keep about half a megabyte per fit.
  expect(process.memoryUsage().rss - before).toBeLessThan(25e6);
});
