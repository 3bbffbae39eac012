import 'reflect-metadata';
import { Registry } from 'prom-client';
import type { Deployment } from '../../src/deployments';
import { newId, type TenantContext } from '../../src/kernel';
import type { ModelService, ModelVersion } from '../../src/models';
import { PredictPayload } from '../../src/predictions';
import { givenRows } from '../../src/predictions/rows/given-rows';
import type { Answered } from '../../src/predictions/blocks/prediction.block';
import { PredictionRecorder, type RecorderOptions } from '../../src/predictions/blocks/prediction.recorder';
import { PredictionStore } from '../../src/predictions/blocks/prediction.store';
import { fieldOf } from '../../src/predictions/rows/row.cells';
import type { ServedModel } from '../../src/predictions/served-model';
import { LABEL_CARD } from '../compute/serving-models';
import { openTestDatabase, testLog } from '../support';

const database = openTestDatabase();
let tenant: TenantContext;
beforeAll(async () => (tenant = await database.createTenant('Recorded')));

/** A recorder over the real database, which is never asked for a card. */
function recorder(options: Partial<RecorderOptions>) {
  const registry = new Registry();
  const recorder = new PredictionRecorder(
    new PredictionStore(database.db, {} as ModelService),
    testLog,
    registry,
    options,
  );
  const metric = async (name: string) => {
    const { values } = (await registry.getSingleMetric(name)!.get()) as { values: { value: number }[] };
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  return { recorder, metric };
}

/** A request of rows with one text, answered with a label and P(yes) = row / rows. */
function answered(texts: string[], owner: Pick<TenantContext, 'tenantId'> = tenant, label = 'no'): Answered {
  const modelVersionId = newId();
  const deployment = { id: newId(), modelVersionId, precision: 'float32', recordFraction: 1 } as Deployment;
  const version = { id: modelVersionId, card: LABEL_CARD } as ModelVersion;
  const probabilities = Float32Array.from(texts.flatMap((_, row) => [1 - row / texts.length, row / texts.length]));
  const answer = new PredictPayload(deployment, version, {
    ...{ kind: 'labels', rowCount: texts.length, prediction: texts.map(() => label), probabilities },
  });
  const model = { fields: [fieldOf('x')] } as ServedModel;
  const input = givenRows({ rows: texts.map((x) => ({ x })) });
  return { tenantId: owner.tenantId, requestId: 'r', model, input, answer, atMs: Date.now() };
}

const blocksOf = async ({ answer }: Answered) => {
  const rows = await database.ownerQuery<{ count: number }>(
    'SELECT count FROM prediction_blocks WHERE deployment_id = $1 ORDER BY count DESC',
    [answer.deployment.id],
  );
  return rows.map(({ count }) => count);
};

test('what is too much for a block makes several, and nothing is lost', async () => {
  const { recorder: tested, metric } = recorder({});
  const request = answered(Array<string>(10).fill('x'.repeat(4000)));
  const ids = Array.from({ length: 20 }, () => tested.record(request)).flat();
  await tested.flush(tenant.tenantId);
  // 800,000 bytes of text and a little more, in blocks of 262,144 that are closed by the request that fills them.
  expect(await blocksOf(request)).toEqual([70, 70, 60]);
  const found = await database.ownerQuery('SELECT FROM predictions WHERE id = ANY($1)', [ids]);
  expect(found).toHaveLength(200);
  expect(await metric('praxis_predictions_recorded_total')).toBe(200);
  expect(await metric('praxis_predictions_waiting')).toBe(0);
});

test('what comes while too much waits is answered without an id, and counted', async () => {
  const { recorder: tested, metric } = recorder({ bytesMax: 1, delayMs: 10_000 });
  const [first, second, third] = [answered(['a', 'b']), answered(['c']), answered(['d'])];
  expect(tested.record(first)).toEqual([expect.any(String), expect.any(String)]);
  expect(tested.record(second)).toEqual([null]);
  expect(await metric('praxis_predictions_dropped_total')).toBe(1);
  await tested.drain();
  expect(tested.record(third)).toEqual([expect.any(String)]);
  await tested.drain();
  expect([await blocksOf(first), await blocksOf(second), await blocksOf(third)]).toEqual([[2], [], [1]]);
});

test('what the database refuses is given up at once and counted, and holds up nobody', async () => {
  const { recorder: tested, metric } = recorder({ delayMs: 1 });
  const [gone, kept] = [answered(['a'], { tenantId: newId() }), answered(['b'])];
  tested.record(gone);
  tested.record(kept);
  await tested.drain();
  expect(await metric('praxis_predictions_dropped_total')).toBe(1);
  expect([await blocksOf(gone), await blocksOf(kept)]).toEqual([[], [1]]);
});

test('answers that are too long to be stored are given without an id, and counted', async () => {
  const { recorder: tested, metric } = recorder({});
  const long = answered(Array<string>(10_000).fill('a'), tenant, 'x'.repeat(100_000));
  expect(new Set(tested.record(long))).toEqual(new Set([null]));
  expect(await metric('praxis_predictions_dropped_total')).toBe(10_000);
  const kept = answered(['a']);
  expect(tested.record(kept)).toEqual([expect.any(String)]);
  await tested.drain();
  expect([await blocksOf(long), await blocksOf(kept)]).toEqual([[], [1]]);
  expect(await metric('praxis_predictions_waiting')).toBe(0);
});

test('many deployments at a time are all written', async () => {
  const { recorder: tested } = recorder({ delayMs: 5 });
  const requests = Array.from({ length: 30 }, () => answered(['a']));
  for (const request of requests) tested.record(request);
  await tested.drain();
  for (const request of requests) expect(await blocksOf(request)).toEqual([1]);
});
