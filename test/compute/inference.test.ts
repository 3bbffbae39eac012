import { InferencePool, modelKey, type ModelSource, type RowBlock } from '../../src/compute';
import { COLOURS, sumModel } from './serving-models';

const block = (a: number[], b: number[], colour: string[]): RowBlock => ({
  rowCount: a.length,
  numbers: Float64Array.from([...a, ...b]),
  texts: [colour],
});

let loads = 0;
const source = (name: string, model = sumModel()): ModelSource => ({
  tenantId: 'tenant',
  key: modelKey('tenant', name),
  load: async () => (loads++, { model, assets: [] }),
});

async function predict(pool: InferencePool, model: ModelSource, rows: RowBlock): Promise<number[]> {
  return [...((await pool.run(pool.lanes[0], model, rows)).prediction as Float32Array)];
}

describe('inference pool', () => {
  let pool: InferencePool;
  beforeEach(() => {
    loads = 0;
    pool = new InferencePool({ sessionsMax: 2 });
  });
  afterEach(() => pool.close());

  test('feeds numbers and texts to the columns they belong to', async () => {
    const rows = block([1, 2, 3, 4], [10, 20, 30, 40], ['red', '', 'green', 'unseen']);
    const expected = [1 + 20 + COLOURS.red, 2 + 40 + COLOURS[''], 3 + 60 + COLOURS.green, 4 + 80];
    expect(await predict(pool, source('m'), rows)).toEqual(expected);
  });

  test('reads a model once for all callers who wait for it', async () => {
    const model = source('m');
    await Promise.all(Array.from({ length: 20 }, () => predict(pool, model, block([1], [1], ['']))));
    expect(loads).toBe(1);
  });

  test('closes the least recently used session, and opens it again when it is needed', async () => {
    const models = ['m1', 'm2', 'm3'].map((name, i) => source(name, sumModel(i + 1)));
    const rows = block([0], [1], ['unseen']);
    for (const [i, model] of models.entries()) expect(await predict(pool, model, rows)).toEqual([i + 1]);
    expect(pool.sessionCount).toBe(2);
    expect(models.map(({ key }) => pool.holds(key))).toEqual([false, true, true]);
    expect(await predict(pool, models[0], rows)).toEqual([1]);
    expect(loads).toBe(4);
  });

  test('a session in use is closed only after its batches', async () => {
    const model = source('m');
    const running = Array.from({ length: 50 }, (_, i) => predict(pool, model, block([i], [0], ['unseen'])));
    pool.evict(model.key);
    expect(await Promise.all(running)).toEqual(Array.from({ length: 50 }, (_, i) => [i]));
    expect(pool.holds(model.key)).toBe(false);
  });

  test('a file that is no model is refused, and a failed read is tried again by the next caller', async () => {
    await expect(pool.open(source('m', new Uint8Array([1, 2, 3])))).rejects.toThrow('no ONNX model');
    const flaky = { ...source('f'), load: () => Promise.reject(new Error('storage is away')) };
    await expect(pool.open(flaky)).rejects.toThrow('storage is away');
    expect(pool.sessionCount).toBe(0);
    expect(await predict(pool, source('f'), block([1], [1], ['unseen']))).toEqual([3]);
  });
});
