/** Training on blocks of rows on disk: every row once, as the rows in memory, and the same numbers after an interruption. */
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eachBlock } from '../../src/engine/learning/blocks';
import type { Blocks, Matrix } from '../../src/engine/learning/fit';
import { train } from '../../src/engine/run';
import { BlockWriter } from '../../src/engine/executors/block-files';
import { Epochs } from '../../src/engine/gradient/epochs';
import { createFit } from '../../src/engine/learning/create-fit';
import { TrainingPaused, TrainingStopped } from '../../src/engine/types';
import type { StreamRequest, TrainEvent, TrainRequest, TrainResult } from '../../src/engine/types';
import { recorder } from './support/train-port';
import { DEFAULTS, draw, normal, pick, table, uniform } from './tables';
import { listen, problem, requestFor } from './support/training';
import { sourceOf } from './support/table-source';

const folders: string[] = [];
const folder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'praxis-blocks-')));
  return folders.at(-1)!;
};
afterAll(() => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

const layout = (o: { groups: number; widths?: number[]; weighted?: boolean }) => ({
  folder: folder(),
  name: 'train',
  widths: [5],
  targets: 1,
  weighted: false,
  bufferBytes: 500,
  ...o,
});

/** Rows of a matrix dealt to the groups in turn. */
function written(matrix: Matrix, groups: number): Blocks {
  const writer = new BlockWriter(layout({ groups, widths: [matrix.width], weighted: matrix.weight !== null }));
  for (let row = 0; row < matrix.rows; row++) writer.append(row % groups, 0, matrix, row);
  return writer.finish();
}

describe('block files', () => {
  test('hold each row as it was given, with its target and weight', async () => {
    const matrix = problem('binary', 101, 1, true);
    const blocks = written(matrix, 3);
    expect(blocks.groups.map(([{ rows }]) => rows)).toEqual([34, 34, 33]);
    const seen: number[][] = [];
    let group = 0;
    await eachBlock(blocks, ({ rows, width, x, y, weight }) => {
      for (let i = 0; i < rows; i++)
        seen[group + 3 * i] = [...x.subarray(i * width, (i + 1) * width), y[i], weight![i]];
      group++;
    });
    expect(seen).toEqual(
      Array.from({ length: 101 }, (_, i) => [...matrix.x.subarray(i * 5, i * 5 + 5), matrix.y[i], matrix.weight![i]]),
    );
  });

  test('an epoch visits every block, in another order each time, and uses every row', async () => {
    const matrix = { ...problem('regression', 101, 1), y: Float32Array.from({ length: 101 }, (_, i) => i) };
    const epochs = new Epochs(written(matrix, 4), 8, 5);
    const visits: string[] = [];
    for (let epoch = 0; epoch < 4; epoch++) {
      const used: number[] = [];
      const blocks: number[] = [];
      for (let step = 0; step < epochs.stepsPerEpoch;) {
        const { rows, order, count } = await epochs.take(epoch * epochs.stepsPerEpoch + step, 3);
        used.push(...Array.from(order, (row) => rows.y[row]));
        if (blocks.at(-1) !== used.at(-1)! % 4) blocks.push(used.at(-1)! % 4);
        step += count;
      }
      expect(new Set(used).size).toBe(101);
      expect(used.length - 101).toBeLessThan(4 * 8);
      visits.push(blocks.join());
    }
    expect(new Set(visits).size).toBeGreaterThan(1);
    expect(visits.every((order) => order.length === 7)).toBe(true);
  });

  test('a full disk is told of as the system does', () => {
    const blockLayout = layout({ groups: 1 });
    symlinkSync('/dev/full', join(blockLayout.folder, 'train-0-0.x'));
    const writer = new BlockWriter(blockLayout);
    const fill = () => {
      for (let row = 0; row < 100; row++) writer.append(0, 0, problem('binary', 100, 1), row);
    };
    expect(fill).toThrow(/ENOSPC/);
  });

  test('the loop trains over them to the model of the reference executor', async () => {
    const request = requestFor('binary', 'mlp', { hidden: [6], dropout: 0.2, epochs: 2, batchSize: 16 });
    const outcome = async (executor: 'onnx' | 'reference') => {
      const blocks = { train: written(request.train, 3), validation: written(request.validation, 2) };
      const model = await createFit({ executor })({ ...request, ...blocks }, listen());
      const output = await model.predict(request.validation.x, request.validation.rows);
      await model.release();
      return { output, loss: model.validationLoss };
    };
    const [onnx, reference] = [await outcome('onnx'), await outcome('reference')];
    onnx.output.forEach((v, i) => expect(Math.abs(v - reference.output[i])).toBeLessThan(1e-3));
    expect(onnx.loss).toBeCloseTo(reference.loss, 3);
  });
});

const N = 3000;
/** A few informative columns, a rare text level, missing values, and rows that are not used. */
const columns = () => {
  const heat = draw(N, 1, normal);
  const load = draw(N, 2, (r) => (uniform(r) < 0.1 ? null : Math.exp(normal(r))));
  const site = draw(N, 3, (r) => pick(r, ['north', 'south', 'east', null]));
  const logit = heat.map((h, i) => 1.5 * h + (site[i] === 'north' ? 1.5 : 0) - 1);
  const failure = draw(N, 4, (r, i) =>
    i % 50 === 9 ? null : uniform(r) < 1 / (1 + Math.exp(-logit[i])) ? 'yes' : 'no',
  );
  const part = draw(N, 7, (r) => pick(r, ['train', 'train', 'train', 'validation', 'test']));
  const output = draw(N, 5, (r, i) => 20 + 5 * heat[i] + (site[i] === 'south' ? 4 : 0) + normal(r));
  return {
    heat,
    load,
    site,
    number: heat.map((_, i) => 5 + 2 * i),
    shuffled: heat.map((_, i) => (i * 7) % N),
    failure,
    part,
    output,
  };
};
const all = table(columns());

function request(change: Partial<TrainRequest> = {}): TrainRequest {
  return {
    table: all,
    target: 'failure',
    task: null,
    drop: ['output', 'part'],
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
    preprocess: DEFAULTS,
    estimator: { family: 'mlp', parameters: { epochs: 6, hidden: [16], dropout: 0.1, batchSize: 32 } },
    seed: 3,
    resume: null,
    ...change,
  };
}

function streamed({ table: data, ...rest }: TrainRequest, bytesMax = 100_000): StreamRequest {
  return { ...rest, source: sourceOf(data), bytesMax, scratch: folder() };
}

/** What is the same on each run: all but how long the variants took. */
const lasting = (result: TrainResult) => ({
  ...result,
  variants: result.variants.map(({ latency: _, ...variant }) => variant),
});

const metric = (result: TrainResult, name: string) => result.evaluation.metrics.find((m) => m.name === name)!.value;

describe('a streamed table', () => {
  let inMemory: TrainResult;
  let whole: { events: TrainEvent[]; result: TrainResult };
  let controls = 0;
  beforeAll(async () => {
    inMemory = await train(request(), recorder().port);
    const { events, port } = recorder({ control: () => (controls++, 'continue') });
    whole = { events, result: await train(streamed(request()), port) };
  });

  test('is split, read and evaluated as one in memory, and scores as well', () => {
    const { result, events } = whole;
    expect(result.splitCounts).toEqual(inMemory.splitCounts);
    expect(result.evaluation.rowCount).toBe(inMemory.evaluation.rowCount);
    // Guessing knows all training rows, as it does in memory.
    const guessed = ({ evaluation }: TrainResult) => evaluation.metrics.map(({ name, baseline }) => [name, baseline]);
    expect(guessed(result)).toEqual(guessed(inMemory));
    expect(result.card).toMatchObject({ labels: ['no', 'yes'], leftOut: inMemory.card.leftOut });
    expect(result.card.inputs.map(({ name }) => name)).toEqual(inMemory.card.inputs.map(({ name }) => name));
    // Fitted to a sample, but what was seen in training are all rows of the train part.
    const ranges = ({ card }: TrainResult) => card.inputs.map(({ minimum, maximum }) => [minimum, maximum]);
    expect(ranges(result)).toEqual(ranges(inMemory));
    expect(Math.abs(metric(result, 'rocAuc') - metric(inMemory, 'rocAuc'))).toBeLessThan(0.015);
    const blocks = events.flatMap((event) =>
      event.kind === 'log' ? (/in (\d+) blocks/.exec(event.message) ?? []) : [],
    );
    expect(Number(blocks[1])).toBeGreaterThan(5);
  });

  test('twice gives the same bytes, whatever the parts it comes in', async () => {
    const again = recorder();
    const other = { ...streamed(request()), source: sourceOf(all, 1000) };
    expect(lasting(await train(other, again.port))).toEqual(lasting(whole.result));
    expect(again.events).toEqual(whole.events);
  });

  test.each([0.3, 0.7])('stopped at %d of its way and resumed, it loses and repeats nothing', async (share) => {
    let asked = 0;
    let checkpoint = new Uint8Array(0);
    const first = recorder({
      control: () => (++asked > share * controls ? 'pause' : 'continue'),
      checkpoint: (state) => (checkpoint = Uint8Array.from(state)),
    });
    await expect(train(streamed(request()), first.port)).rejects.toThrow(TrainingPaused);
    const resume = { checkpoint, skipThroughOrdinal: first.events.at(-1)?.ordinal ?? 0 };
    const second = recorder();
    const resumed = await train(streamed(request({ resume })), second.port);
    expect(lasting(resumed)).toEqual(lasting(whole.result));
    expect([...first.events, ...second.events]).toEqual(whole.events);
  });

  test('stops between two parts of the table, before a block is trained on', async () => {
    let asked = 0;
    const { port } = recorder({ control: () => (++asked > 3 ? 'stop' : 'continue') });
    const trainRequest = streamed(request());
    await expect(train(trainRequest, port)).rejects.toThrow(TrainingStopped);
    expect(asked).toBe(4);
    expect(readdirSync(trainRequest.scratch).some((name) => name.startsWith('train-'))).toBe(true);
  });
});

describe('what a streamed table may be', () => {
  const both = async (change: Partial<TrainRequest>, bytesMax?: number) => {
    const trainRequest = request(change);
    return [await train(trainRequest, recorder().port), await train(streamed(trainRequest, bytesMax), recorder().port)];
  };

  test('split by a column, with balanced classes', async () => {
    const estimator = { family: 'logistic', parameters: { epochs: 10, classWeight: 'balanced' } };
    const [memory, stream] = await both({
      drop: ['output'],
      split: { kind: 'column', column: 'part', validationFraction: 0.2 },
      estimator,
    });
    expect(stream.splitCounts).toEqual(memory.splitCounts);
    expect(Math.abs(metric(stream, 'recall') - metric(memory, 'recall'))).toBeLessThan(0.06);
  });

  test('regression by several candidates, margins calibrated, several targets, anomalies', async () => {
    const regression = { target: 'output', drop: ['part', 'failure'] };
    const auto = { family: 'auto', parameters: { epochs: 4 } };
    // Trees get the columns, as these take less than a quarter of it.
    const [memory, stream] = await both({ ...regression, estimator: auto }, 4 * 8 * 8 * N);
    expect(stream.leaderboard.length).toBe(memory.leaderboard.length);
    expect(metric(stream, 'rmse') / metric(memory, 'rmse')).toBeLessThan(1.1);
    const [margin, streamedMargin] = await both({ estimator: { family: 'svm', parameters: { epochs: 4 } } });
    expect(Math.abs(metric(streamedMargin, 'logLoss') - metric(margin, 'logLoss'))).toBeLessThan(0.03);
    const several = { target: ['output', 'load'], drop: ['part', 'failure'] };
    const [two, streamedTwo] = await both({ ...several, estimator: { family: 'linear', parameters: { epochs: 8 } } });
    expect(Math.abs(metric(streamedTwo, 'r2') - metric(two, 'r2'))).toBeLessThan(0.1);
    const [odd, streamedOdd] = await both({
      target: [],
      drop: ['part', 'failure'],
      estimator: { family: 'autoencoder', parameters: { epochs: 4 } },
    });
    expect(streamedOdd.card.threshold! / odd.card.threshold!).toBeLessThan(1.5);
  });

  test('ragged sequences, in buckets inside each block', async () => {
    const steps = 12;
    const lengths = draw(1200, 8, (r) => 1 + Math.floor(uniform(r) ** 3 * steps));
    const values = Array.from({ length: steps }, (_, t) =>
      draw(1200, 20 + t, (r, i) => (t < lengths[i] ? normal(r) : null)),
    );
    const label = lengths.map((length, i) => (values[length - 1][i]! > 0 ? 'up' : 'down'));
    const sequences = table({ ...Object.fromEntries(values.map((column, t) => [`t${t}`, column])), label });
    const estimator = { family: 'gru', parameters: { units: 6, epochs: 6, batchSize: 16, learningRate: 0.02 } };
    const [memory, stream] = await both({ table: sequences, target: 'label', drop: [], estimator }, 65_536);
    expect(stream.splitCounts).toEqual(memory.splitCounts);
    expect(metric(stream, 'accuracy')).toBeGreaterThan(metric(memory, 'accuracy') - 0.06);
    const marks = Object.fromEntries(
      values.map((column, t) => [`m${t}`, column.map((v) => (v === null ? null : v > 0 ? 'up' : 'down'))]),
    );
    const marked = table({ ...Object.fromEntries(values.map((column, t) => [`t${t}`, column])), ...marks });
    const labels = {
      task: 'sequence_labeling' as const,
      table: marked,
      target: Object.keys(marks),
      drop: [],
      estimator,
    };
    const [each, streamedEach] = await both(labels, 65_536);
    expect(metric(each, 'tokenAccuracy')).toBeGreaterThan(0.9);
    expect(metric(streamedEach, 'tokenAccuracy')).toBeGreaterThan(metric(each, 'tokenAccuracy') - 0.06);
  });
});
