import { Registry } from 'prom-client';
import {
  Batcher,
  InferencePool,
  modelKey,
  type BatcherOptions,
  type ModelSource,
  type RowBlock,
} from '../../src/compute';
import { FairQueue, type Waiting } from '../../src/compute/inference/batcher.queue';
import { sumModel, tableModel } from './serving-models';

const source = (tenantId: string, model: Uint8Array): ModelSource => ({
  tenantId,
  key: modelKey(tenantId, 'version'),
  load: async () => ({ model, assets: [] }),
});
const ones = (x: number): RowBlock => ({ rowCount: 1, numbers: Float64Array.of(x), texts: [] });
const sums = (a: number[]): RowBlock => ({
  rowCount: a.length,
  numbers: Float64Array.from([...a, ...a]),
  texts: [a.map(() => 'unseen')],
});

describe('batcher', () => {
  const pool = new InferencePool();
  const sum = source('tenant', sumModel());
  const table = source('tenant', tableModel());
  let registry: Registry;
  const batcher = (options: Partial<BatcherOptions> = {}) => new Batcher(pool, (registry = new Registry()), options);
  const runs = async () => {
    const text = await registry.getSingleMetricAsString('praxis_batch_rows');
    return Number(/^praxis_batch_rows_count (\d+)/m.exec(text)![1]);
  };
  beforeAll(() => pool.open(sum));
  afterAll(() => pool.close());

  test('answers each of many callers with their own rows, in far fewer runs', async () => {
    const batches = batcher();
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => batches.predict(sum, sums([i, i + 1]))));
    answers.forEach(({ prediction, rowCount }, i) => {
      expect([rowCount, ...prediction]).toEqual([2, 3 * i, 3 * i + 3]);
    });
    expect(await runs()).toBeLessThan(10);
  });

  test('runs a large request in parts and keeps its order', async () => {
    const batches = batcher({ batchRowsMax: 100 });
    const rows = Array.from({ length: 1050 }, (_, i) => i);
    const { prediction } = await batches.predict(sum, sums(rows));
    expect([...prediction]).toEqual(rows.map((a) => 3 * a));
    expect(await runs()).toBe(11);
  });

  test('a request that breaks the model fails alone', async () => {
    const key = { ...table, key: modelKey('tenant', 'table') };
    const batches = batcher();
    const answers = await Promise.allSettled([3, 99, 5].map((x) => batches.predict(key, ones(x))));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const values = answers.map((answer) => (answer.status === 'fulfilled' ? [...answer.value.prediction] : null));
    expect(values).toEqual([[30], null, [50]]);
  });

  test('above its capacity a tenant is limited, others are not, and the server says when to retry', async () => {
    const batches = batcher({ rowsMax: 30, tenantRowsMax: 20 });
    const rows = (count: number) => sums(Array.from({ length: count }, () => 1));
    const other = { ...sum, tenantId: 'other' };
    const first = batches.predict(sum, rows(20));
    await expect(batches.predict(sum, rows(1))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringMatching(/Retry in about \d+ ms/),
    });
    const second = batches.predict(other, rows(10));
    await expect(batches.predict(other, rows(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await first).rowCount + (await second).rowCount).toBe(30);
    expect((await batches.predict(sum, rows(20))).rowCount).toBe(20);
  });

  test('rows of a caller who has left are not predicted; their place is free again, and nobody is disturbed', async () => {
    const batches = batcher({ rowsMax: 6, batchRowsMax: 2 });
    const leaver = { hasLeft: false };
    const left = { code: 'UNAVAILABLE', message: expect.stringContaining('closed the connection') };
    const stays = batches.predict(sum, sums([1]), { hasLeft: false });
    // In the first batch with the row above, and in parts behind it.
    const leaves = [batches.predict(sum, sums([2]), leaver), batches.predict(sum, sums([3, 4, 5]), leaver)];
    const follows = batches.predict(sum, sums([6]));
    leaver.hasLeft = true;
    const errors = await Promise.all(leaves.map((leaving) => leaving.catch((e: unknown) => e)));
    for (const error of errors) expect(error).toMatchObject(left);
    expect([...(await stays).prediction, ...(await follows).prediction]).toEqual([3, 18]);
    expect(await runs()).toBe(2);
    const full = await batches.predict(sum, sums([1, 2, 3, 4, 5, 6]));
    expect([...full.prediction]).toEqual([3, 6, 9, 12, 15, 18]);
    const text = await registry.getSingleMetricAsString('praxis_batch_refused_total');
    expect(text).toContain('praxis_batch_refused_total{reason="left"} 3');
  });

  test('who leaves while the model computes has the answer discarded', async () => {
    const batches = batcher();
    const leaver = { hasLeft: false };
    const answer = batches.predict(sum, sums([1]), leaver);
    await new Promise((resolve) => setImmediate(resolve));
    leaver.hasLeft = true;
    expect([...(await answer).prediction]).toEqual([3]);
  });
});

describe('fair queue', () => {
  const waiting = (tenantId: string, rowCount: number, model = 'm'): Waiting => ({
    source: { tenantId, key: modelKey(tenantId, model), load: async () => ({ model: new Uint8Array(), assets: [] }) },
    block: { rowCount, numbers: new Float64Array(rowCount), texts: [] },
    enqueuedMs: 0,
    waiter: undefined,
    resolve: () => undefined,
    reject: () => undefined,
  });
  const takeAll = (queue: FairQueue, rowsMax: number) => {
    const order: string[] = [];
    for (let batch = queue.take(rowsMax); batch.length > 0; batch = queue.take(rowsMax)) {
      order.push(`${batch[0].source.key}:${batch.reduce((sum, item) => sum + item.block.rowCount, 0)}`);
    }
    return order;
  };

  test('a small tenant is served next, however much a large one has waiting', () => {
    const queue = new FairQueue();
    for (let i = 0; i < 5; i++) queue.push(waiting('large', 1000));
    expect(queue.take(1000)).toHaveLength(1);
    for (let i = 0; i < 3; i++) queue.push(waiting('small', 1));
    expect(takeAll(queue, 1000)).toEqual(['small/m:3', ...Array.from({ length: 4 }, () => 'large/m:1000')]);
    expect(queue.rowCount).toBe(0);
  });

  test('tenants share by rows, not by requests', () => {
    const queue = new FairQueue();
    for (let i = 0; i < 10; i++) queue.push(waiting('wide', 968));
    for (let i = 0; i < 10; i++) queue.push(waiting('narrow', 468));
    const firstNine = takeAll(queue, 500).slice(0, 9);
    expect(firstNine.filter((batch) => batch.startsWith('narrow'))).toHaveLength(6);
  });

  test('counts rows, so a batch never exceeds its maximum unless one request does', () => {
    const queue = new FairQueue();
    for (const rows of [30, 30, 50, 120, 1]) queue.push(waiting('tenant', rows));
    expect(takeAll(queue, 100)).toEqual(['tenant/m:60', 'tenant/m:50', 'tenant/m:120', 'tenant/m:1']);
  });

  test('the models of a tenant take turns', () => {
    const queue = new FairQueue();
    for (const model of ['m1', 'm1', 'm2', 'm3']) queue.push(waiting('tenant', 100, model));
    expect(takeAll(queue, 100)).toEqual(['m1', 'm2', 'm3', 'm1'].map((model) => `tenant/${model}:100`));
  });
});
