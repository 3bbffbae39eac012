/** What the interface of learners does for a learner that knows nothing of it. */
import { registerFamily } from '../../src/engine/families/registry';
import { createFit } from '../../src/engine/learning/create-fit';
import { trainTable } from '../../src/engine/training/train';
import { TrainingPaused, TrainingStopped, type Command, type TrainRequest } from '../../src/engine/types';
import { stumps } from './support/stumps.extension';
import { recorder } from './support/train-port';

const ROWS = 200;

function request(rounds: number, resume: TrainRequest['resume'] = null): TrainRequest {
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const a = Float64Array.from({ length: ROWS }, random);
  const b = Float64Array.from({ length: ROWS }, random);
  const codes = Int32Array.from(a, (value, i) => Number(value + 0.3 * b[i] + 0.2 * random() > 0.7));
  return {
    table: {
      rowCount: ROWS,
      columns: [
        { name: 'a', kind: 'number', values: a },
        { name: 'b', kind: 'number', values: b },
        { name: 'y', kind: 'category', codes, levels: ['no', 'yes'] },
      ],
    },
    ...{ target: 'y', task: null, drop: [], seed: 3, resume },
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
    preprocess: { impute: 'median', missingIndicator: true, scale: 'standard', rareFraction: 0.01, levelsMax: 50 },
    estimator: { family: 'stumps', parameters: { rounds } },
  };
}

const fit = createFit({ checkpointMs: 0 });
const ROUNDS = 2_000;

/** With the family registered in one version of its states. */
async function withFamily<T>(version: number, body: () => Promise<T>): Promise<T> {
  const remove = registerFamily(stumps(version));
  try {
    return await body();
  } finally {
    remove();
  }
}

async function outcome(trainRequest: TrainRequest, commands: () => Command = () => 'continue') {
  const states: { bytes: Uint8Array; lastOrdinal: number }[] = [];
  let anew = 0;
  const { events, port } = recorder({
    checkpoint: (bytes, lastOrdinal) => states.push({ bytes: bytes.slice(), lastOrdinal }),
    startsAnew: () => anew++,
    control: commands,
  });
  const result = await trainTable(trainRequest, port, fit);
  return { events, states, model: result.model, anew };
}

test('from every state, events and model are those of a run that was not interrupted', async () => {
  await withFamily(1, async () => {
    const whole = await outcome(request(ROUNDS));
    expect(whole.states.length).toBe(ROUNDS / 500);
    for (const { bytes, lastOrdinal } of whole.states) {
      const rest = await outcome(request(ROUNDS, { checkpoint: bytes, skipThroughOrdinal: lastOrdinal }));
      expect(rest.anew).toBe(0);
      expect(rest.events).toEqual(whole.events.filter(({ ordinal }) => ordinal > lastOrdinal));
      expect(Buffer.compare(rest.model, whole.model)).toBe(0);
    }
  });
});

test('a state of another version is not gone on from: training begins again, and says so', async () => {
  const whole = await withFamily(1, () => outcome(request(ROUNDS)));
  const { bytes, lastOrdinal } = whole.states[1];
  const rest = await withFamily(2, () =>
    outcome(request(ROUNDS, { checkpoint: bytes, skipThroughOrdinal: lastOrdinal })),
  );
  expect(rest.anew).toBe(1);
  expect(rest.events).toEqual(whole.events.filter(({ ordinal }) => ordinal > lastOrdinal));
  expect(Buffer.compare(rest.model, whole.model)).toBe(0);
  // Where nothing was stored, there is nothing to say.
  const none = { checkpoint: new Uint8Array(), skipThroughOrdinal: lastOrdinal };
  expect((await withFamily(1, () => outcome(request(ROUNDS, none)))).anew).toBe(0);
});

test.each<[Command, new () => Error]>([
  ['pause', TrainingPaused],
  ['stop', TrainingStopped],
])('%s ends a training between two reports', async (command, error) => {
  await withFamily(1, async () => {
    let asked = 0;
    const trainRequest = request(1_000_000);
    await expect(outcome(trainRequest, () => (++asked > 3 ? command : 'continue'))).rejects.toThrow(error);
    expect(asked).toBe(4);
  });
});

test('a family that does another task, or is not there, is refused with a hint', async () => {
  await withFamily(1, async () => {
    const wrong = { ...request(10), target: 'a' };
    await expect(outcome(wrong)).rejects.toThrow('Target "a" has 200 different values; the task takes two.');
    expect(() => registerFamily(stumps())).toThrow('There is a family stumps already.');
  });
  await expect(outcome(request(10))).rejects.toThrow('There is no model family "stumps".');
});
