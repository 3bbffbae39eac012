/**
 * Runs that wait for a GPU, through the API and real workers. There is none here: devices are described, and runs that name the
 * CPU take slots of theirs and train.
 */
import type { GpuDevice } from '../../src/compute';
import { installedProviders } from '../../src/engine/executors/ort';
import type { TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { isMetric, machinesCsv, statesOf, TRAINING_ENTITIES, TrainingFixture, type RunEvent } from './training.fixture';

const PAUSE = `mutation ($id: ID!) { pauseRun(input: { runId: $id }) { run { state } } }`;
const RESUME = `mutation ($id: ID!) { resumeRun(input: { runId: $id }) { run { state } } }`;
const CANCEL = `mutation ($id: ID!) { cancelRun(input: { runId: $id }) { run { state } } }`;
const READ = `query ($id: ID!) { run(id: $id) { state attempt error { code message hint path } executor { provider reason } } }`;
const GPU: GpuDevice = { key: 'GPU-described', index: 0, name: 'Described GPU', freeBytes: 590 * 1024 * 1024 };
const CPU = { provider: 'CPU' };
const LONG = { epochs: 400, patience: 0, batchSize: 16 };
const ENDLESS = { epochs: 10_000, patience: 0, batchSize: 8 };

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('slots of a GPU', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let versionId: string;
  let drain: (() => Promise<void>) | null = null;

  const wake = async (): Promise<void> => {
    drain = await fixture.startWork({ beatMs: 100, deadAfterMs: 600, gpus: [GPU] });
  };
  beforeAll(async () => {
    fixture = await TrainingFixture.open(testDatabase.db, testDatabase.url);
    testDatabase.defer(() => fixture.close());
    testDatabase.defer(async () => drain?.());
    owner = await testDatabase.createTenant('Owner');
    await wake();
    versionId = await fixture.ingest(owner, machinesCsv(600));
  });

  const start = (executor: object, parameters: object) => fixture.startRun(owner, { versionId, parameters, executor });
  const follow = (id: string, until?: (event: RunEvent['event']) => boolean) => fixture.follow(owner, id, until);
  const call = (source: string, id: string) => fixture.run<any>(owner, source, { id });
  const read = async (id: string) => (await call(READ, id)).run;
  const training = (id: string) => follow(id, isMetric);
  const waits = (id: string) => follow(id, ({ message }) => message?.startsWith('Waits for a GPU') ?? false);

  test('a run waits for the device without a thread, is paused, cancelled or trained in its turn', async () => {
    const first = await start(CPU, ENDLESS);
    await training(first);
    const second = await start(CPU, { epochs: 2 });
    expect((await waits(second)).at(-1)!.event.message).toBe(
      'Waits for a GPU: Described GPU has as many runs as may be there at a time (1 per device).',
    );
    // On the one thread for trainings without a slot, which neither of the two has.
    const small = await start({ provider: 'AUTO' }, { epochs: 2 });
    expect(statesOf(await follow(small)).at(-1)).toBe('SUCCEEDED');
    expect((await read(second)).state).toBe('PREPARING');
    await call(PAUSE, second);
    await follow(second, ({ state }) => state === 'PAUSED');
    await call(RESUME, second);
    const third = await start(CPU, { epochs: 2 });
    await waits(third);
    await call(CANCEL, third);
    expect(statesOf(await follow(third))).toEqual(['QUEUED', 'PREPARING', 'CANCELLED']);
    await call(CANCEL, first);
    const events = await follow(second);
    expect(statesOf(events)).toEqual([
      ...['QUEUED', 'PREPARING', 'PAUSED', 'QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'SUCCEEDED'],
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
  }, 60_000);

  test('a GPU with too little memory is refused by name, and passed over by AUTO, which says so', async () => {
    // Of the providers, WebGPU is in every build; whether it works is asked after the memory.
    expect(installedProviders()).toContain('webgpu');
    const wide = { epochs: 1, hidden: [1200, 1200] };
    const named = await start({ provider: 'WEBGPU' }, wide);
    await follow(named);
    const { state, error } = await read(named);
    expect([state, error.code, error.path]).toEqual(['FAILED', 'VALIDATION_FAILED', 'executor.provider']);
    expect(error.message).toMatch(
      /^The run was to be trained on webgpu, which has too little memory: the run needs about 6\d\d MiB, 590 MiB are free on Described GPU\.$/,
    );
    expect(error.hint).toMatch(/smaller batchSize/);
    const auto = await start({ provider: 'AUTO' }, wide);
    await follow(auto);
    const { executor } = await read(auto);
    expect(executor.provider).toBe('CPU');
    expect(executor.reason).toMatch(/webgpu has too little memory: .* 590 MiB are free on Described GPU\.$/);
  }, 60_000);

  test('AUTO does not wait for a device that another run has', async () => {
    const first = await start(CPU, ENDLESS);
    await training(first);
    // Smaller than the device, so that memory is no reason.
    const auto = await start({ provider: 'AUTO' }, { epochs: 1, hidden: [1000, 990], optimizer: 'sgd', batchSize: 16 });
    await follow(auto);
    expect((await read(auto)).executor.reason).toMatch(/webgpu is taken: Described GPU has as many runs/);
    await call(CANCEL, first);
    await follow(first);
  }, 60_000);

  test('the device of a process that was killed is free for the next', async () => {
    await drain!();
    drain = null;
    const worker = await fixture.forkWork({ gpus: [GPU] });
    testDatabase.defer(async () => worker.kill('SIGKILL'));
    const first = await start(CPU, LONG);
    await training(first);
    await wake();
    const second = await start(CPU, { epochs: 2 });
    await waits(second);
    worker.kill('SIGKILL');
    const ends = await Promise.all([first, second].map((id) => follow(id)));
    expect(ends.map((events) => statesOf(events).at(-1))).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect((await read(first)).attempt).toBe(2);
  }, 60_000);
});
