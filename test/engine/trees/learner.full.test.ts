/** The family `boosting` from a table to answers, as runs train it. */
import { createFit } from '../../../src/engine/learning/create-fit';
import { Random } from '../../../src/engine/random';
import { openModel } from '../../../src/engine/serving/serving';
import { trainTable } from '../../../src/engine/training/train';
import {
  TrainingPaused,
  TrainingStopped,
  type Column,
  type Command,
  type OutputBatch,
  type TrainRequest,
} from '../../../src/engine/types';
import { sourceOf } from '../support/table-source';
import { recorder } from '../support/train-port';
import { uniform } from './boosting.fixture';
import { LEVELS, requestOf, trained } from './learner.fixture';
import { ENDED, startedWorkers } from './workers.fixture';

function probabilitiesOf(output: OutputBatch): Float32Array {
  if (output.kind !== 'labels') throw new Error('The model answers numbers.');
  return output.probabilities!;
}

const request = (target: string | string[], parameters: Record<string, unknown> = {}): TrainRequest =>
  requestOf('boosting', target, { trees: 60, patience: 10, ...parameters });

/** Enough numbers that several threads pay. */
function wideRequest(parameters: Record<string, unknown> = {}): TrainRequest {
  const random = new Random(5);
  const [rowCount, width] = [40_000, 22];
  const columns = Array.from({ length: width }, (_, c): Column & { values: Float64Array } => ({
    ...{ name: `x${c}`, kind: 'number' },
    values: Float64Array.from({ length: rowCount }, () => uniform(random)),
  }));
  const y = Float64Array.from(
    { length: rowCount },
    (_, i) => columns[0].values[i] * columns[1].values[i] + columns[2].values[i] + uniform(random) / 10,
  );
  return {
    ...request('number', { trees: 4, leaves: 12, ...parameters }),
    ...{ table: { rowCount, columns: [...columns, { name: 'number', kind: 'number', values: y }] }, drop: [] },
  };
}

const outcome = (
  trainRequest: TrainRequest,
  commands?: () => Command,
  options: { checkpointMs?: number; threads?: number } = {},
) => trained(trainRequest, { commands, ...options });

const metricOf = ({ evaluation }: Awaited<ReturnType<typeof outcome>>, wanted: string, target?: string) =>
  evaluation.metrics.find(({ name, target: metricTarget }) => name === wanted && metricTarget === target)!.value;

describe('boosting', () => {
  test.each<[string | string[], string, (value: number) => boolean]>([
    ['number', 'r2', (value) => value > 0.9],
    ['flag', 'rocAuc', (value) => value > 0.95],
    ['class', 'accuracy', (value) => value > 0.8],
    [['number', 'other'], 'r2', (value) => value > 0.85],
    [['flag', 'east'], 'f1', (value) => value > 0.85],
  ])('learns %p', async (target, metric, isGood) => {
    const trained = await outcome(request(target));
    const names = trained.evaluation.metrics.map((each) => each.name);
    expect(names).toContain(metric);
    const told = Array.isArray(target) ? target : [undefined];
    for (const each of told) expect([each, isGood(metricOf(trained, metric, each))]).toEqual([each, true]);
    const { card, variants } = trained;
    expect(card.inputs.map(({ name, type, fill }) => [name, type, fill])).toEqual([
      ['place', 'category', null],
      ['a', 'number', null],
      ['b', 'number', null],
    ]);
    expect(variants.map(({ precision }) => precision)).toEqual(['float32']);
    const steps = trained.events.flatMap((event) =>
      event.kind === 'metric' && event.split === 'validation' && event.name === 'loss' ? [event.step] : [],
    );
    expect(steps).toEqual(steps.map((_, i) => i + 1));
  });

  test('serves rows with values that training never saw, one by one as all at once', async () => {
    const { model } = await outcome(request('class'));
    const served = await openModel(model);
    const columns = [
      ['north', 'east', '', 'nowhere', 'west'],
      Float64Array.of(0.2, NaN, 1e300, -1e300, Infinity),
      Float64Array.of(3, 5, NaN, 0, -7),
    ];
    const together = await served.predict({ rowCount: 5, columns });
    for (let row = 0; row < 5; row++) {
      const rowColumns = columns.map((column) => column.slice(row, row + 1)) as typeof columns;
      const alone = await served.predict({ rowCount: 1, columns: rowColumns });
      expect(probabilitiesOf(alone)).toEqual(probabilitiesOf(together).slice(3 * row, 3 * row + 3));
    }
    // Training saw no other place, so that it is as one that is missing; so is what is no finite number.
    const same = await served.predict({
      rowCount: 4,
      columns: [['nowhere', '', 'west', 'west'], Float64Array.of(0.5, 0.5, Infinity, NaN), Float64Array.of(1, 1, 2, 2)],
    });
    const of = (row: number) => probabilitiesOf(same).slice(3 * row, 3 * row + 3);
    expect(of(0)).toEqual(of(1));
    expect(of(2)).toEqual(of(3));
    await served.release();
  });

  test('from every state, events and model are those of a run that was not interrupted', async () => {
    const trainRequest = request('flag', { trees: 6, rowShare: 0.7, columnShare: 0.7 });
    const whole = await outcome(trainRequest, undefined, { checkpointMs: 0 });
    expect(whole.states.length).toBeGreaterThan(10);
    for (const { bytes, lastOrdinal } of whole.states.filter((_, i) => i % 3 === 1)) {
      const rest = await outcome({ ...trainRequest, resume: { checkpoint: bytes, skipThroughOrdinal: lastOrdinal } });
      expect(rest.events).toEqual(whole.events.filter(({ ordinal }) => ordinal > lastOrdinal));
      expect(Buffer.compare(rest.model, whole.model)).toBe(0);
    }
  });

  test('follows a learning rate that is wished for, in the refit and from every state as well', async () => {
    const trainRequest = request('number', { trees: 8 });
    const wishing = async (resume: TrainRequest['resume']) => {
      const states: { bytes: Uint8Array; lastOrdinal: number }[] = [];
      const { events, port } = recorder({
        checkpoint: (bytes, lastOrdinal) => states.push({ bytes: bytes.slice(), lastOrdinal }),
        learningRate: () =>
          events.some((event) => event.kind === 'metric' && event.step === 3) || resume ? 0.3 : null,
      });
      const { model } = await trainTable({ ...trainRequest, resume }, port, createFit({ checkpointMs: 0 }));
      return { events, states, model };
    };
    const whole = await wishing(null);
    const told = whole.events.filter(
      (event) => event.kind === 'log' && event.message.includes('learning rate is now 0.3'),
    );
    expect(told).toHaveLength(1);
    expect(Buffer.compare(whole.model, (await outcome(trainRequest)).model)).not.toBe(0);
    for (const { bytes, lastOrdinal } of whole.states.filter(({ lastOrdinal: at }) => at >= told[0].ordinal)) {
      const rest = await wishing({ checkpoint: bytes, skipThroughOrdinal: lastOrdinal });
      expect(Buffer.compare(rest.model, whole.model)).toBe(0);
    }
  });

  test.each<[Command, new () => Error]>([
    ['pause', TrainingPaused],
    ['stop', TrainingStopped],
  ])('%s ends a training between two trees', async (command, error) => {
    let asked = 0;
    const trainRequest = request('number', { trees: 10_000, patience: 0 });
    await expect(outcome(trainRequest, () => (++asked > 20 ? command : 'continue'))).rejects.toThrow(error);
    expect(asked).toBe(21);
  });

  test('trains the same bytes on 1, 2 and 4 threads, which end with the training', async () => {
    const workers = startedWorkers();
    const [one, ...others] = await Promise.all(
      [1, 2, 4].map((threads) => outcome(wideRequest(), undefined, { threads })),
    );
    expect(one.executor.threads).toBe(1);
    expect(others.map(({ executor }) => executor.threads)).toEqual([2, 4]);
    for (const other of others) {
      expect(Buffer.compare(other.model, one.model)).toBe(0);
      expect(other.events).toEqual(one.events);
    }
    // Of the search and of the refit.
    expect(workers).toHaveLength(2 * (1 + 3));
    expect(new Set(workers.map(({ threadId }) => threadId))).toEqual(new Set([ENDED]));
  });

  test.each<[Command, new () => Error]>([
    ['pause', TrainingPaused],
    ['stop', TrainingStopped],
  ])('%s within a tree ends its threads, and a pause goes on to the same bytes', async (command, error) => {
    // One tree that takes far longer than the time between two looks.
    const trainRequest = wideRequest({ trees: 1, leaves: 1024, rowsPerLeaf: 1, refit: false });
    const whole = await outcome(trainRequest, undefined, { threads: 2 });
    const workers = startedWorkers();
    const states: Uint8Array[] = [];
    const { events, port } = recorder({
      checkpoint: (bytes) => states.push(bytes.slice()),
      control: () => (workers.length > 0 ? command : 'continue'),
    });
    await expect(trainTable(trainRequest, port, createFit({ threads: 2 }))).rejects.toThrow(error);
    expect(workers.map(({ threadId }) => threadId)).toEqual([ENDED]);
    expect(events.filter(({ kind }) => kind === 'metric')).toEqual([]);
    if (command === 'stop') return;
    const resume = { checkpoint: states.at(-1)!, skipThroughOrdinal: events.at(-1)!.ordinal };
    const rest = await outcome({ ...trainRequest, resume }, undefined, { threads: 2 });
    expect(Buffer.compare(rest.model, whole.model)).toBe(0);
  });

  test('a failure ends the threads', async () => {
    const workers = startedWorkers();
    const failing = () => {
      if (workers.length > 0) throw new Error('nobody listens');
      return 'continue' as const;
    };
    await expect(outcome(wideRequest({ trees: 50 }), failing, { threads: 2 })).rejects.toThrow('nobody listens');
    expect(workers.map(({ threadId }) => threadId)).toEqual([ENDED]);
  });

  test('keeps to steps that fill and scale numbers, and to levels that are too rare', async () => {
    const steps = [
      { id: 'fill', kind: 'IMPUTE', parameters: { method: 'mean', missingIndicator: false }, after: [] },
      { id: 'levels', kind: 'ENCODE', parameters: { rareFraction: 0, levelsMax: 2 }, after: [] },
    ];
    const { card, model } = await outcome({ ...request('number'), steps });
    const place = card.inputs.find(({ name }) => name === 'place')!;
    expect(place.levels).toHaveLength(2);
    const a = card.inputs.find(({ name }) => name === 'a')!;
    expect(a.fill).toBeGreaterThan(0.3);
    const served = await openModel(model);
    const [others, filled] = await Promise.all([
      served.predict({
        rowCount: 2,
        columns: [
          LEVELS.filter((level) => !place.levels!.includes(level)),
          Float64Array.of(1, 1),
          Float64Array.of(2, 2),
        ],
      }),
      served.predict({
        rowCount: 2,
        columns: [['east', 'east'], Float64Array.of(NaN, a.fill!), Float64Array.of(2, 2)],
      }),
    ]);
    for (const { prediction } of [others, filled]) expect(prediction[0]).toBe(prediction[1]);
    await served.release();
  });

  test('without a refit, the model is the one that the validation rows judged', async () => {
    const [kept, refitted] = await Promise.all([
      outcome(request('number', { refit: false })),
      outcome(request('number')),
    ]);
    expect(kept.leaderboard).toEqual(
      refitted.leaderboard.map((entry) => ({ ...entry, parameters: { ...entry.parameters, refit: false } })),
    );
    expect(Buffer.compare(kept.model, refitted.model)).not.toBe(0);
  });

  test('refuses a table that memory does not hold before it is read, with its bytes and what to do', async () => {
    const { table: tooLarge, ...rest } = wideRequest();
    const untouched = () => {
      throw new Error('read');
    };
    const source = { ...sourceOf(tooLarge), read: untouched, sample: untouched, scan: untouched };
    const streaming = { ...rest, source, bytesMax: 2 ** 20, scratch: '' };
    const refusal = await trainTable(streaming, recorder().port, createFit()).catch((error: unknown) => error);
    // 40,000 rows of 23 columns.
    expect(refusal).toMatchObject({
      path: 'estimator.family',
      message: expect.stringContaining('those of 40000 rows take about 7 MiB, and a run may have 1 MiB'),
      hint: expect.stringContaining('PRAXIS_TRAINING_BYTES_MAX'),
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['number', { monotone: { c: 'rises' } }, 'The model reads no column "c".'],
    ['number', { monotone: { place: 'rises' } }, 'Column "place" holds texts, which have no order.'],
    ['class', { monotone: { a: 'rises' } }, 'Only the answer of one number or of one of two classes'],
    ['number', { interactions: [['a', 'nothing']] }, 'The model reads no column "nothing".'],
    ['flag', { loss: 'mse' }, 'mse is not a loss for binary.'],
  ])('of %s refuses %p', async (target, parameters, message) => {
    await expect(outcome(request(target, parameters))).rejects.toThrow(message);
  });
});
