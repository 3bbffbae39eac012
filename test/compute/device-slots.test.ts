import { once } from 'node:events';
import { DeviceSlots, TrainingControl, TrainingPool, type GpuDevice } from '../../src/compute';
import { SessionLocks } from '../../src/db';
import { TrainingPaused, TrainingStopped, type TrainRequest } from '../../src/engine';
import { openTestDatabase, testLog } from '../support';

const MIB = 1024 * 1024;
const small: GpuDevice = { key: 'GPU-small', index: 0, name: 'Small', freeBytes: 700 * MIB };
const large: GpuDevice = { key: 'GPU-large', index: 1, name: 'Large', freeBytes: 9000 * MIB };
const unknown: GpuDevice = { key: 'GPU-unknown', index: 0, name: 'Unknown', freeBytes: null };

const database = openTestDatabase();

/** The devices as one process sees them; each has a connection of its own for its locks. */
function processOf(devices: GpuDevice[], o: { runsPerDevice?: number; providers?: ['cpu'] } = {}) {
  const locks = new SessionLocks({ url: database.url, log: testLog });
  database.defer(() => locks.close());
  const lock = (name: string) => locks.tryTake(name);
  return new DeviceSlots({ list: async () => devices, lock, runsPerDevice: 1, ...o });
}

const silent = async (): Promise<void> => undefined;
const needs = (bytes: number, provider: 'cuda' | 'webgpu' = 'cuda') => ({ provider, bytes });

test('a device is one run’s at a time, in whatever process; the one with the most memory goes first', async () => {
  const [here, there] = [processOf([small, large]), processOf([small, large])];
  const first = await here.wait('cuda', new TrainingControl(), silent);
  const second = await there.wait('cuda', new TrainingControl(), silent);
  expect([first.device, second.device]).toEqual([large, small]);
  expect(await here.tryTake(needs(0))).toMatchObject({
    refusal: expect.stringMatching(/^is taken: Large, Small have/),
  });
  await first.release();
  expect(await there.tryTake(needs(0))).toMatchObject({ device: large });
});

test('more runs share a device when told so, on each device once before any twice', async () => {
  const slots = processOf(
    [
      { ...small, key: 'a' },
      { ...large, key: 'b' },
    ],
    { runsPerDevice: 2 },
  );
  const taken = [];
  for (let i = 0; i < 4; i++) taken.push((await slots.wait('cuda', new TrainingControl(), silent)).device.key);
  expect(taken).toEqual(['b', 'a', 'b', 'a']);
  expect(await slots.tryTake(needs(0))).toHaveProperty('refusal');
});

test('memory decides: what is too small is not taken, what is not known is', async () => {
  const slots = processOf([
    { ...small, key: 'c' },
    { ...large, key: 'd' },
  ]);
  const refused = await slots.tryTake(needs(10_000 * MIB));
  expect(refused).toEqual({
    refusal: 'has too little memory: the run needs about 10,000 MiB, 9,000 MiB are free on Large',
    hint: expect.stringContaining('batchSize'),
  });
  expect(await slots.tryTake(needs(800 * MIB))).toMatchObject({ device: { key: 'd' } });
  expect(await slots.tryTake(needs(800 * MIB))).toMatchObject({
    refusal: expect.stringMatching(/^is taken: Large has/),
  });
  expect(await slots.tryTake(needs(600 * MIB, 'webgpu'))).toMatchObject({ device: { key: 'c' } });
  const blind = processOf([unknown]);
  const slot = await blind.wait('cuda', new TrainingControl(), silent);
  expect(await blind.check(slot, needs(1e15))).toMatchObject({ description: expect.stringContaining('is not known') });
});

test('who waits says why once, is served in order, and can be stopped or paused', async () => {
  const slots = processOf([{ ...large, key: 'e' }]);
  const held = await slots.wait('cuda', new TrainingControl(), silent);
  const controls = Array.from({ length: 4 }, () => new TrainingControl());
  const told: string[] = [];
  const order: number[] = [];
  const waiting = controls.map(async (control, i) => {
    const slot = await slots.wait('cuda', control, async (why) => void told.push(why));
    order.push(i);
    await slot.release();
  });
  controls[1].stop();
  controls[2].pause(true);
  await expect(waiting[1]).rejects.toBeInstanceOf(TrainingStopped);
  await expect(waiting[2]).rejects.toBeInstanceOf(TrainingPaused);
  expect(await slots.tryTake(needs(0))).toHaveProperty('refusal');
  await held.release();
  await Promise.all([waiting[0], waiting[3]]);
  expect(order).toEqual([0, 3]);
  expect(new Set(told)).toEqual(
    new Set(['Waits for a GPU: Large has as many runs as may be there at a time (1 per device).']),
  );
});

function request(epochs: number): TrainRequest {
  const values = Float64Array.from({ length: 400 }, (_, i) => Math.sin(i * 12.9898));
  return {
    table: {
      rowCount: 400,
      columns: [
        { name: 'x', kind: 'number', values },
        { name: 'y', kind: 'number', values: values.map((x) => 3 * x + 1) },
      ],
    },
    target: 'y',
    task: null,
    drop: [],
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: false },
    preprocess: { impute: 'median', missingIndicator: false, scale: 'standard', rareFraction: 0, levelsMax: 10 },
    estimator: { family: 'linear', parameters: { epochs, patience: 0, batchSize: 8 } },
    executor: { executor: 'onnx', provider: 'cpu' },
    seed: 1,
    resume: null,
  };
}

test('a training whose slot is lost stops, as another may be on the device', async () => {
  const devices = processOf([{ ...large, key: 'f' }], { providers: ['cpu'] });
  const pool = new TrainingPool({ threads: 1, devices });
  database.defer(() => pool.close());
  const control = new TrainingControl();
  const slot = await pool.reserveDevice(request(1).executor!, control, silent);
  const begun = new AbortController();
  const listener = { events: async () => begun.abort(), checkpoint: silent };
  const starting = once(begun.signal, 'abort');
  const training = pool.train(request(10_000), listener, control, slot).catch((error: unknown) => error);
  await starting;
  await database.ownerQuery(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'praxis locks' AND datname = current_database()`,
  );
  expect(await training).toMatchObject({ message: expect.stringContaining('slot of the GPU was lost') });
  const again = await pool.reserveDevice(request(1).executor!, new TrainingControl(), silent);
  expect(again?.device.key).toBe('f');
  await pool.train(request(2), { events: silent, checkpoint: silent }, new TrainingControl(), again);
});
