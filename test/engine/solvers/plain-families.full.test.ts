/** Naive Bayes and nearest neighbours in runs: served and exported answers, and from every state the same end. */
import { TrainingPaused, TrainingStopped, type Command } from '../../../src/engine/types';
import { openModel } from '../../../src/engine/serving/serving';
import { requestOf, trained } from '../trees/learner.fixture';

const CASES: [string, string | string[]][] = [
  ['naiveBayes', 'flag'],
  ['naiveBayes', 'class'],
  ['neighbours', 'number'],
  ['neighbours', 'class'],
  ['neighbours', ['number', 'other']],
  ['neighbours', ['flag', 'east']],
];

test.each(CASES)('%s of %j: from every state, events and model are those of the whole', async (family, target) => {
  const request = requestOf(family, target);
  const whole = await trained(request, { checkpointMs: 0 });
  expect(whole.card).toMatchObject({ refitted: true });
  expect(whole.states.length).toBeGreaterThan(0);
  for (const { bytes, lastOrdinal } of whole.states) {
    const rest = await trained({ ...request, resume: { checkpoint: bytes, skipThroughOrdinal: lastOrdinal } });
    expect(rest.events).toEqual(whole.events.filter(({ ordinal }) => ordinal > lastOrdinal));
    expect(Buffer.compare(rest.model, whole.model)).toBe(0);
  }
});

test.each<[string, string, string, number]>([
  ['naiveBayes', 'flag', 'rocAuc', 0.8],
  ['naiveBayes', 'class', 'accuracy', 0.6],
  ['neighbours', 'number', 'r2', 0.6],
  ['neighbours', 'flag', 'rocAuc', 0.8],
])('%s of %s learns: %s above %d', async (family, target, metric, least) => {
  const { evaluation } = await trained(requestOf(family, target));
  expect(evaluation.metrics.find(({ name }) => name === metric)!.value).toBeGreaterThan(least);
});

test.each(['naiveBayes', 'neighbours'])('%s answers missing values and texts that it has not seen', async (family) => {
  const { model } = await trained(requestOf(family, 'flag'));
  const served = await openModel(model);
  const columns = [['nowhere', ''], Float64Array.of(NaN, 0.5), Float64Array.of(NaN, 1e9)];
  const answer = await served.predict({ rowCount: 2, columns });
  await served.release();
  const probabilities = answer.kind === 'labels' ? [...answer.probabilities!] : [];
  expect(probabilities.length).toBe(4);
  for (const p of probabilities) expect(p >= 0 && p <= 1).toBe(true);
});

test.each<[Command, new () => Error]>([
  ['pause', TrainingPaused],
  ['stop', TrainingStopped],
])('%s ends a training', async (command, error) => {
  for (const family of ['naiveBayes', 'neighbours']) {
    let asked = 0;
    const commands = (): Command => (++asked > 2 ? command : 'continue');
    await expect(trained(requestOf(family, 'flag'), { commands })).rejects.toThrow(error);
  }
});

test('as many rows are kept as may be', async () => {
  const request = requestOf('neighbours', 'number', { rowsMax: 20 });
  const { card } = await trained(request);
  // Twenty rows of the features, and what they say.
  expect(card.parameterCount % 20).toBe(0);
});
