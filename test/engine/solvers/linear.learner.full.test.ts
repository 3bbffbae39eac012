/** Weighted sums that are solved exactly, in runs: from every state the same end, and who is asked for what. */
import { TrainingPaused, TrainingStopped, type Command } from '../../../src/engine/types';
import { requestOf, trained } from '../trees/learner.fixture';

const CASES: [string, string | string[], Record<string, unknown>][] = [
  ['linear', 'number', {}],
  ['linear', 'number', { loss: 'poisson' }],
  ['linear', ['number', 'other'], {}],
  ['logistic', 'flag', { classWeight: 'balanced' }],
  ['logistic', 'class', {}],
  ['logistic', ['flag', 'east'], {}],
];

/** Amounts are 0 or more. */
const positive = (request: ReturnType<typeof requestOf>): typeof request => {
  for (const column of request.table.columns)
    if (column.kind === 'number' && column.name === 'number')
      column.values.forEach((v, i, all) => (all[i] = Math.max(0, v)));
  return request;
};

test.each(CASES)(
  '%s of %j %j: from every state, events and model are those of the whole',
  async (family, target, parameters) => {
    const request = positive(requestOf(family, target, parameters));
    const whole = await trained(request, { checkpointMs: 0 });
    expect(whole.card).toMatchObject({ refitted: true, parameters: { solver: 'exact', l2: expect.any(Number) } });
    expect(whole.states.length).toBeGreaterThan(5);
    for (const { bytes, lastOrdinal } of whole.states.filter((_, i, { length }) => i % 7 === 3 || i === length - 1)) {
      const rest = await trained({ ...request, resume: { checkpoint: bytes, skipThroughOrdinal: lastOrdinal } });
      expect(rest.events).toEqual(whole.events.filter(({ ordinal }) => ordinal > lastOrdinal));
      expect(Buffer.compare(rest.model, whole.model)).toBe(0);
    }
  },
);

test.each<[Command, new () => Error]>([
  ['pause', TrainingPaused],
  ['stop', TrainingStopped],
])('%s ends a training', async (command, error) => {
  let asked = 0;
  const commands = (): Command => (++asked > 6 ? command : 'continue');
  await expect(trained(requestOf('logistic', 'flag'), { commands })).rejects.toThrow(error);
});

test.each([
  ['linear', 'number'],
  ['logistic', 'class'],
])('%s: the penalty that is chosen gives the same model when it is stated', async (family, target) => {
  const chosen = await trained(requestOf(family, target));
  const stated = await trained(requestOf(family, target, chosen.card.parameters));
  expect(Buffer.compare(stated.model, chosen.model)).toBe(0);
});
