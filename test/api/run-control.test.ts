/** Pausing, going on and changing the learning rate of runs, through the API and a real worker. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { isMetric, machinesCsv, statesOf, TRAINING_ENTITIES, TrainingFixture, type RunEvent } from './training.fixture';

const RUN = 'run { id state pauseRequested learningRate }';
const PAUSE = `mutation ($id: ID!) { pauseRun(input: { runId: $id }) { ${RUN} } }`;
const RESUME = `mutation ($id: ID!) { resumeRun(input: { runId: $id }) { ${RUN} } }`;
const UPDATE = `mutation ($id: ID!, $rate: Float!) { updateRun(input: { runId: $id, learningRate: $rate }) { ${RUN} } }`;
const CANCEL = `mutation ($id: ID!) { cancelRun(input: { runId: $id }) { ${RUN} } }`;
const READ = 'query ($id: ID!) { run(id: $id) { state attempt evaluation { metrics { name value } } } }';
/** The run is not to end before it is asked to pause. */
const EPOCHS = 200;
const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('run control', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let versionId: string;
  let drain: (() => Promise<void>) | null = null;

  beforeAll(async () => {
    fixture = await TrainingFixture.open(testDatabase.db, testDatabase.url);
    owner = await testDatabase.createTenant('Owner');
    drain = await fixture.startWork();
    versionId = await fixture.ingest(owner, machinesCsv(600));
  });
  afterAll(async () => {
    await drain?.();
    await fixture.close();
  });

  const start = (epochs: number) =>
    fixture.startRun(owner, { versionId, parameters: { epochs, patience: 0, batchSize: 16, dropout: 0.2 } });
  const follow = (id: string, until?: (event: RunEvent['event']) => boolean) => fixture.follow(owner, id, until);
  const call = async (source: string, id: string, more: object = {}) =>
    (Object.values(await fixture.run<any>(owner, source, { id, ...more }))[0] as any).run;
  const read = async (id: string) => (await fixture.run<any>(owner, READ, { id })).run;
  const training = (id: string) => follow(id, isMetric);
  const metricsOf = (events: RunEvent[]) => events.filter(({ event }) => isMetric(event)).map(({ event }) => event);

  test('a paused run frees its worker, goes on, and ends as one never paused', async () => {
    const id = await start(150);
    await training(id);
    expect(await call(PAUSE, id)).toMatchObject({ state: 'TRAINING', pauseRequested: true });
    await call(PAUSE, id);
    await follow(id, ({ state }) => state === 'PAUSED');
    const whole = await start(150);
    const untouched = await follow(whole);
    expect(await call(PAUSE, id)).toMatchObject({ state: 'PAUSED', pauseRequested: false });
    expect(await call(RESUME, id)).toMatchObject({ state: 'QUEUED' });
    const events = await follow(id);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    expect(statesOf(events)).toEqual([
      ...['QUEUED', 'PREPARING', 'TRAINING', 'PAUSED', 'QUEUED', 'TRAINING', 'EVALUATING', 'SUCCEEDED'],
    ]);
    expect(metricsOf(events)).toEqual(metricsOf(untouched));
    const asked = events.filter(({ event }) => event.__typename === 'RunControlRequested');
    expect(asked.map(({ event }) => event)).toEqual([
      { __typename: 'RunControlRequested', pause: true, learningRate: null },
    ]);
    const [a, b] = await Promise.all([id, whole].map(read));
    expect(a).toEqual({ ...b, attempt: 2 });
    const left = await testDatabase.ownerQuery(`SELECT key FROM artifacts WHERE kind = 'CHECKPOINT'`);
    expect(left).toEqual([]);
  }, 60_000);

  test.each([
    ['of the run', '"records"', '"recordS"'],
    ['of the network in training', '"fingerprint"', '"fingerprinT"'],
  ])(
    'a checkpoint %s in the form of another version: trained from the start, said, and nothing told twice',
    async (_, now, then) => {
      const id = await start(EPOCHS);
      await training(id);
      await call(PAUSE, id);
      await follow(id, ({ state }) => state === 'PAUSED');
      const [{ key }] = await testDatabase.ownerQuery<{ key: string }>(
        `SELECT key FROM artifacts WHERE kind = 'CHECKPOINT'`,
      );
      const file = join(fixture.folder, key);
      const bytes = (await readFile(file)).toString('latin1');
      expect(bytes).toContain(now);
      await writeFile(file, Buffer.from(bytes.replace(now, then), 'latin1'));
      const untouched = await follow(await start(EPOCHS));
      await call(RESUME, id);
      const events = await follow(id);
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, i) => i + 1));
      expect(events.filter(({ event }) => event.message?.includes('again from the start'))).toHaveLength(1);
      expect(statesOf(events).at(-1)).toBe('SUCCEEDED');
      expect(metricsOf(events)).toEqual(metricsOf(untouched));
      expect(await testDatabase.ownerQuery(`SELECT key FROM artifacts WHERE kind = 'CHECKPOINT'`)).toEqual([]);
    },
  );

  test('a waiting run is paused at once, and a paused one can be cancelled', async () => {
    await drain?.();
    drain = null;
    const id = await start(5);
    expect(await call(PAUSE, id)).toMatchObject({ state: 'PAUSED' });
    drain = await fixture.startWork();
    const other = await start(2);
    await follow(other);
    expect((await read(id)).state).toBe('PAUSED');
    expect(await call(CANCEL, id)).toMatchObject({ state: 'CANCELLED' });
    expect(statesOf(await follow(id))).toEqual(['QUEUED', 'PAUSED', 'CANCELLED']);
  }, 60_000);

  test('a changed learning rate takes hold while the run trains', async () => {
    const id = await start(400);
    await training(id);
    expect(await call(UPDATE, id, { rate: 1e-9 })).toMatchObject({ learningRate: 1e-9 });
    const told = /^mlp: the learning rate is now 1e-9/;
    await follow(id, ({ message }) => told.test(message ?? ''));
    const events = await follow(id);
    expect(statesOf(events).at(-1)).toBe('SUCCEEDED');
    const after = metricsOf(events.slice(events.findIndex(({ event }) => told.test(event.message ?? ''))))
      .filter(({ split, name }: any) => split === 'VALIDATION' && name === 'loss')
      .map(({ value }) => value!);
    expect(after.length).toBeGreaterThan(10);
    // The first of them may hold steps from before the change.
    expect(Math.max(...after.slice(1)) - Math.min(...after.slice(1))).toBeLessThan(1e-4);
  }, 60_000);

  test('a run that has ended, or a rate that is none, is refused', async () => {
    const id = await start(2);
    await follow(id);
    for (const [source, more] of [[PAUSE], [RESUME], [UPDATE, { rate: 0.1 }]] as [string, object?][]) {
      await expect(call(source, id, more)).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    const next = await start(2);
    expect(await call(RESUME, next)).toMatchObject({ pauseRequested: false });
    for (const rate of [0, -1, 11]) {
      await expect(call(UPDATE, next, { rate })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
    await follow(next);
  }, 60_000);
});
