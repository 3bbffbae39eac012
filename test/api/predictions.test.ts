import 'reflect-metadata';
import { encodeCursor, newId, parseGlobalId, toGlobalId, type PraxisError, type TenantContext } from '../../src/kernel';
import { LineageDirection } from '../../src/lineage';
import {
  INHERITED_CARD,
  inheritedModel,
  LABEL_CARD,
  labelModel,
  SUM_CARD,
  sumModel,
  TIME_CARD,
  timeModel,
} from '../compute/serving-models';
import { openTestDatabase } from '../support';
import { SERVING_ENTITIES, ServingFixture } from './serving.fixture';

interface Predicted {
  predictions: { id: string | null; value: string; scores: { label: string; probability: number }[] | null }[];
  modelVersion: { id: string };
  deployment: { name: string };
  latencyMs: number;
}

const PREDICT = `mutation ($deployment: String!, $rows: [JSONObject!]!) {
  predict(input: { deployment: $deployment, rows: $rows }) {
    predictions { id value scores { label probability } } modelVersion { id } deployment { name } latencyMs
  }
}`;
const BACKWARDS = `query ($id: ID!, $last: Int!, $before: String, $filter: PredictionFilter) {
  predictions(deploymentId: $id, last: $last, before: $before, filter: $filter) {
    totalCount edges { node { id createdAt } } pageInfo { hasPreviousPage hasNextPage startCursor } } }`;
interface BackwardsListed {
  predictions: {
    totalCount: number;
    edges: { node: { id: string; createdAt: string } }[];
    pageInfo: { hasPreviousPage: boolean; hasNextPage: boolean; startCursor: string | null };
  };
}
const LABELS_OF_NOBODY = toGlobalId('ModelVersion', newId());
const READ = `query ($id: ID!) { prediction(id: $id) {
  input value scores { label probability } latencyMs requestId createdAt deployment { name } modelVersion { version }
} }`;

describe('predictions', () => {
  const database = openTestDatabase({ entities: SERVING_ENTITIES });
  let serving: ServingFixture;
  let acme: TenantContext;
  let rival: TenantContext;
  beforeAll(async () => {
    serving = await ServingFixture.open(database);
    [acme, rival] = [await database.createTenant('Acme'), await database.createTenant('Rival')];
    const sum = await serving.addModel(acme, sumModel(), SUM_CARD);
    const label = await serving.addModel(acme, labelModel(), LABEL_CARD);
    await serving.deployments.deploy(acme, { name: 'sum', modelVersionId: sum });
    await serving.deployments.deploy(acme, { name: 'label', modelVersionId: label });
    const time = await serving.addModel(acme, timeModel(), TIME_CARD);
    await serving.deployments.deploy(acme, { name: 'time', modelVersionId: time });
    await serving.deployments.deploy(acme, { name: 'half', modelVersionId: sum, recordFraction: 0.5 });
    await serving.deployments.deploy(acme, { name: 'silent', modelVersionId: sum, recordFraction: 0 });
  });

  const predict = async (deployment: string, rows: unknown): Promise<Predicted> =>
    (await serving.run<{ predict: Predicted }>(acme, PREDICT, { deployment, rows })).predict;
  const values = async (rows: unknown) => (await predict('sum', rows)).predictions.map(({ value }) => Number(value));
  const refusal = async (rows: unknown): Promise<PraxisError> =>
    predict('sum', rows).then(
      () => Promise.reject(new Error('was not refused')),
      (error: PraxisError) => error,
    );

  test('answers rows in order, with labels and probabilities', async () => {
    const { predictions, deployment, latencyMs } = await predict('label', [{ x: 0.25 }, { x: 0.75 }]);
    expect(predictions.map(({ value }) => value)).toEqual(['no', 'yes']);
    expect(predictions[0].scores).toEqual([
      { label: 'no', probability: 0.75 },
      { label: 'yes', probability: 0.25 },
    ]);
    expect(deployment.name).toBe('label');
    expect(latencyMs).toBeGreaterThan(0);
  });

  test('answers column by column as well, with the same content', async () => {
    const source = `mutation { predict(input: { deployment: "label", rows: [{ x: 0.25 }, { x: 0.75 }] }) {
      ids values probabilities predictions { id value scores { probability } } } }`;
    type Both = { predict: Predicted & { ids: string[]; values: string[]; probabilities: number[][] } };
    const { predict: both } = await serving.run<Both>(acme, source);
    expect(both.values).toEqual(['no', 'yes']);
    expect(both.probabilities).toEqual([
      [0.75, 0.25],
      [0.25, 0.75],
    ]);
    expect(both.ids).toEqual(both.predictions.map(({ id }) => id));
    const regression =
      'mutation { predict(input: { deployment: "silent", rows: [{ a: 1, b: 2 }] }) { ids values probabilities } }';
    expect(await serving.run(acme, regression)).toEqual({
      predict: { ids: [null], values: ['4'], probabilities: null },
    });
  });

  test('columns may be called as properties that every object has, and texts may be long', async () => {
    const names = await serving.addModel(acme, inheritedModel(), INHERITED_CARD);
    await serving.deployments.deploy(acme, { name: 'inherited', modelVersionId: names });
    const rows = JSON.parse('[{ "__proto__": 5, "constructor": "red" }, { "constructor": "blue", "__proto__": 7 }]');
    const { predictions } = await predict('inherited', rows);
    expect(predictions.map(({ value }) => value)).toEqual(['105', '7']);
    const { prediction } = await serving.run<any>(acme, READ, { id: predictions[0].id });
    expect(JSON.stringify(prediction.input)).toBe('{"__proto__":5,"constructor":"red"}');
    const source =
      'mutation ($columns: JSONObject!) { predict(input: { deployment: "inherited", columns: $columns }) { values } }';
    const columns = JSON.parse('{ "__proto__": [5, 7], "constructor": ["red", null] }');
    expect(await serving.run<any>(acme, source, { columns })).toEqual({ predict: { values: ['105', '7'] } });
    expect(await values([{ a: 1, b: 2, colour: 'x'.repeat(10_000) }])).toEqual([5]);
  });

  test('doubles keep their digits on the way to the model and back, and show those that it can tell', async () => {
    const rows = [1704078012345, 0, 1e300, -0.12345, 9007199254740990, 1e-3].map((at) => ({ at }));
    const { predictions } = await predict('time', rows);
    const shown = ['1704078012345.124', '0.123', '1e+300', '0', '9007199254740990', '0.124'];
    expect(predictions.map(({ value }) => value)).toEqual(shown);
    // A request of more than one run, and read back.
    const many = await predict(
      'time',
      Array.from({ length: 2500 }, (_, i) => ({ at: 1.7e12 + i })),
    );
    expect(many.predictions.every(({ value }, i) => value === `${1.7e12 + i}.124`)).toBe(true);
    const { prediction } = await serving.run<any>(acme, READ, { id: predictions[0].id });
    expect(prediction).toMatchObject({ input: { at: 1704078012345 }, value: '1704078012345.124' });
    await expect(predict('time', [{ at: Infinity }])).rejects.toMatchObject({
      issues: [{ path: 'rows[0].at', message: expect.stringContaining('beyond the range of a 64-bit float') }],
    });
  });

  test('null and absent fields are missing; numbers and booleans become the text of a category', async () => {
    expect(await values([{ a: 1, b: 2, colour: 'red' }])).toEqual([105]);
    expect(
      await values([
        { b: 2, a: 1, colour: null },
        { a: 1, b: 2 },
        { a: 1, b: 2, colour: '' },
      ]),
    ).toEqual([4, 4, 4]);
    expect(
      await values([
        { a: 1, b: 2, colour: 7 },
        { a: 1, b: 2, colour: true },
      ]),
    ).toEqual([5, 5]);
    expect(await values([{ a: null, b: 2, colour: 'red' }])).toEqual([NaN]);
  });

  test.each([
    [{ a: 1, b: 1, colou: 'red' }, 'rows[0].colou', 'not an input', 'colour'],
    [{ a: '41', b: 1 }, 'rows[0].a', 'must be a number, got the text "41"', '41 without quotes'],
    [{ a: 'old', b: 1 }, 'rows[0].a', 'must be a number', 'null where the value is unknown'],
    [{ a: 'NaN', b: 1 }, 'rows[0].a', 'must be a number, got the text "NaN"', 'null'],
    [{ a: true, b: 1 }, 'rows[0].a', 'must be a number, got true', '1 or 0'],
    [{ a: { nested: 1 }, b: 1 }, 'rows[0].a', 'got an object', ''],
    [{ a: [1], b: 1 }, 'rows[0].a', 'got a list', ''],
    [{ a: 1e39, b: 1 }, 'rows[0].a', 'beyond the range', ''],
    [{ a: 1, colour: { red: 1 } }, 'rows[0].colour', 'must be text', ''],
    [{ a: 1, colour: 'x'.repeat(2_000_001) }, 'rows[0].colour', '2000001 characters', 'shorten'],
    [{ a: 1, colour: 'nul\0' }, 'rows[0].colour', 'NUL', ''],
    [{ a: 1, colour: '\ud800' }, 'rows[0].colour', 'surrogate', ''],
    [{ a: 1, y: 3 }, 'rows[0].y', 'what the model predicts', 'leave it out'],
    [{ a: 1, constructor: 3 }, 'rows[0].constructor', 'not an input', ''],
    [JSON.parse('{ "a": 1, "__proto__": 3 }'), 'rows[0].__proto__', 'not an input', ''],
    [{ a: 1, 'odd name': 3 }, 'rows[0]["odd name"]', 'not an input', ''],
  ])('refuses row %#', async (row, path, message, hint) => {
    const { code, issues } = await refusal([row]);
    expect(code).toBe('VALIDATION_FAILED');
    expect(issues).toEqual([expect.objectContaining({ path, message: expect.stringContaining(message) })]);
    expect(issues[0].hint ?? '').toContain(hint);
  });

  test.each(['', 'none', 'x'.repeat(1_000_000)])('refuses a deployment that there is not: %.10s', async (name) => {
    const error = await predict(name, [{ a: 1, b: 1 }]).catch((thrown: unknown) => thrown as any);
    expect(error.code).toBe('NOT_FOUND');
  });

  test('lists at most 20 faults and counts all of them', async () => {
    const { issues, faultCount, message } = await refusal(
      Array.from({ length: 50 }, (_, i) => (i % 2 ? { a: 'x' } : { a: 1 })),
    );
    expect(issues).toHaveLength(20);
    expect(issues[19].path).toBe('rows[39].a');
    expect(faultCount).toBe(25);
    expect(message).toBe('rows[1].a: must be a number, got the text "x"');
  });

  const COLUMNS = `mutation ($columns: JSONObject, $rows: [JSONObject!]) {
    predict(input: { deployment: "sum", rows: $rows, columns: $columns }) { ids values } }`;

  test('takes rows column by column, with the same answers and records', async () => {
    const columns = { a: [1, null, 3], colour: ['red', 7, null], b: [10, 20, 30] };
    const rows = [0, 1, 2].map((row) => ({ a: columns.a[row], colour: columns.colour[row], b: columns.b[row] }));
    type Answer = { predict: { ids: string[]; values: string[] } };
    const { ids, values: answers } = (await serving.run<Answer>(acme, COLUMNS, { columns })).predict;
    expect(answers.map(Number)).toEqual(await values(rows));
    const { prediction } = await serving.run<{ prediction: object }>(acme, READ, { id: ids[1] });
    expect(prediction).toMatchObject({ input: rows[1] });
    expect((await serving.run<Answer>(acme, COLUMNS, { columns: { a: [5] } })).predict.values).toEqual(['NaN']);
  });

  test.each([
    [{ columns: { a: [1, 'x'], b: [1, 1] } }, 'columns.a[1]', 'must be a number'],
    [{ columns: { a: [1, 2], b: [1] } }, 'columns.b', 'has 1 values, but columns.a has 2'],
    [{ columns: { a: 1 } }, 'columns.a', 'must be a list'],
    [{ columns: { a: [1], agee: [1] } }, 'columns.agee', 'not an input'],
    [{ columns: { a: [1], constructor: [1] } }, 'columns.constructor', 'not an input'],
    [{ columns: { colour: ['\0'] } }, 'columns.colour[0]', 'NUL'],
    [{ columns: {} }, 'columns', 'is empty'],
    [{ columns: { a: [] } }, 'columns', 'is empty'],
    [{ columns: { a: [1] }, rows: [{ a: 1 }] }, 'rows', 'cannot be given together'],
    [{}, 'rows', 'is missing'],
  ])('refuses columns %#', async (variables, path, message) => {
    const refused = {
      code: 'VALIDATION_FAILED',
      issues: [expect.objectContaining({ path, message: expect.stringContaining(message) })],
    };
    await expect(serving.run(acme, COLUMNS, variables)).rejects.toMatchObject(refused);
  });

  test('refuses no rows, too many rows, and rows that are no objects', async () => {
    expect((await refusal([])).code).toBe('VALIDATION_FAILED');
    expect((await refusal(Array.from({ length: 10_001 }, () => ({})))).code).toBe('PAYLOAD_TOO_LARGE');
    expect((await refusal([[1, 2]])).code).toBe('VALIDATION_FAILED');
    expect((await refusal(['text'])).code).toBe('VALIDATION_FAILED');
  });

  test('counts the rows of all predictions of a request together', async () => {
    const query = `mutation ($some: [JSONObject!]!, $more: [JSONObject!]!) {
      first: predict(input: { deployment: "sum", rows: $some }) { latencyMs }
      second: predict(input: { deployment: "sum", rows: $more }) { latencyMs } }`;
    const rows = (count: number) => Array.from({ length: count }, () => ({ a: 1 }));
    await serving.run(acme, query, { some: rows(9_000), more: rows(1_000) });
    await expect(serving.run(acme, query, { some: rows(9_000), more: rows(1_001) })).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining('got 10001'),
    });
  });

  test('a prediction can be read as soon as it is made, as it was made', async () => {
    const row = { a: 1, b: 2, colour: 'green' };
    const [{ id, value }] = (await predict('sum', [row])).predictions;
    const { prediction } = await serving.run<{ prediction: Record<string, unknown> }>(acme, READ, { id });
    expect(prediction).toMatchObject({ input: row, value, scores: null, requestId: acme.requestId });
    expect(prediction).toMatchObject({ deployment: { name: 'sum' }, modelVersion: { version: 1 } });
    const [labelled] = (await predict('label', [{ x: 0.75 }])).predictions;
    const read = await serving.run<{ prediction: { scores: unknown } }>(acme, READ, { id: labelled.id });
    expect(read.prediction.scores).toEqual(labelled.scores);
  });

  /** Uuids of what is stored, in the database's own reading of the blocks. */
  const stored = async (ids: (string | null)[]) => {
    await serving.predictions.drain();
    const uuids = ids.map((id) => parseGlobalId(id!)!.uuid);
    const rows = await database.ownerQuery<{ id: string; value: string; tenant_id: string }>(
      'SELECT id, value, tenant_id FROM predictions WHERE id = ANY($1)',
      [uuids],
    );
    return rows.map(({ id, value, tenant_id }) => ({ id: uuids.indexOf(id), value, tenant_id }));
  };

  test('requests that share a block keep their own rows, as they were sent', async () => {
    const rows = [
      [{ a: 1.5, colour: 'red' }, { b: -2 }],
      [{ b: 0, a: 9007199254740991, colour: null }],
      [{ colour: true }, { a: 1e-300, colour: 7, b: null }, {}],
    ];
    const answers = await Promise.all(rows.map((each) => predict('sum', each)));
    const blocks = new Set<string>();
    for (const [request, { predictions, latencyMs }] of answers.entries()) {
      for (const [row, { id, value }] of predictions.entries()) {
        const { prediction } = await serving.run<{ prediction: object }>(acme, READ, { id });
        expect(prediction).toMatchObject({ value, latencyMs, scores: null });
        expect(prediction).toHaveProperty('input', rows[request][row]);
        blocks.add(parseGlobalId(id!)!.uuid.slice(0, -4));
      }
    }
    expect(blocks.size).toBe(1);
  });

  test('every answer with an id is stored, once, however many come at a time', async () => {
    const predicted = await Promise.all(
      Array.from({ length: 40 }, (_, i) => predict('sum', Array(30).fill({ a: i, b: 0 }))),
    );
    const answers = predicted.flatMap(({ predictions }) => predictions);
    const rows = await stored(answers.map(({ id }) => id));
    expect(rows.map(({ id, value }) => answers[id].value === value)).toEqual(Array(1200).fill(true));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1200);
  });

  test('records the share that was asked for, and says which', async () => {
    const { predictions } = await predict('half', Array(2000).fill({ a: 12345, b: 0 }));
    const kept = predictions.filter(({ id }) => id !== null);
    // Binomial with n = 2000, p = 1/2: seven standard deviations are 157.
    expect(Math.abs(kept.length - 1000)).toBeLessThan(157);
    expect(await stored(kept.map(({ id }) => id))).toHaveLength(kept.length);
    expect((await predict('silent', [{ a: 1 }])).predictions[0].id).toBeNull();
  });

  test('lists the predictions of a deployment page by page, newest first, each once', async () => {
    const modelVersionId = (await serving.deployments.get(acme, 'label')).modelVersionId;
    const deployment = await serving.deployments.deploy(acme, { name: 'listed', modelVersionId });
    const list = `query ($id: ID!, $first: Int, $after: String) {
      predictions(deploymentId: $id, first: $first, after: $after) {
        edges { node { id scores { probability } } } pageInfo { hasNextPage endCursor } } }`;
    type Listed = {
      predictions: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
    const ids: string[] = [];
    // Each a block of its own.
    for (const size of [3, 1, 4, 2]) {
      ids.push(...(await predict('listed', Array(size).fill({ x: 0.5 }))).predictions.map(({ id }) => id!));
      await serving.predictions.drain();
    }
    for (const first of [1, 2, 3, 5, 10, 100]) {
      const seen: string[] = [];
      for (let after: string | null = null, more = true; more;) {
        const variables: object = { id: deployment.globalId, first, after };
        const { predictions }: Listed = await serving.run<Listed>(acme, list, { ...variables });
        seen.push(...predictions.edges.map(({ node }) => node.id));
        ({ hasNextPage: more, endCursor: after } = predictions.pageInfo);
      }
      expect(seen).toEqual(ids.toReversed());
    }
    for (const last of [1, 2, 3, 5, 10, 100]) {
      const seen: string[] = [];
      for (let before: string | null = null, more = true; more;) {
        const page: BackwardsListed = await serving.run(acme, BACKWARDS, { id: deployment.globalId, last, before });
        expect(page.predictions.totalCount).toBe(10);
        expect(page.predictions.pageInfo.hasNextPage).toBe(before !== null);
        seen.unshift(...page.predictions.edges.map(({ node }) => node.id));
        ({ hasPreviousPage: more, startCursor: before } = page.predictions.pageInfo);
      }
      expect(seen).toEqual(ids.toReversed());
    }
    const all = await serving.run<BackwardsListed>(acme, BACKWARDS, { id: deployment.globalId, last: 100 });
    const times = all.predictions.edges.map(({ node }) => node.createdAt);
    for (const at of new Set(times)) {
      const counts = await Promise.all(
        [{ createdFrom: at }, { createdBefore: at }, { createdFrom: at, modelVersionId: LABELS_OF_NOBODY }].map(
          async (filter) => {
            const variables = { id: deployment.globalId, last: 100, filter };
            const { predictions } = await serving.run<BackwardsListed>(acme, BACKWARDS, variables);
            return [predictions.totalCount, predictions.edges.length];
          },
        ),
      );
      const from = times.filter((time) => time >= at).length;
      expect(counts).toEqual([
        [from, from],
        [10 - from, 10 - from],
        [0, 0],
      ]);
    }
    const after = encodeCursor(['Prediction', 'CREATED_AT DESC', new Date().toISOString(), '7']);
    await expect(serving.run(acme, list, { id: deployment.globalId, after })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  test('leads back to its model as soon as it is answered', async () => {
    const [{ id }] = (await predict('sum', [{ a: 12, b: 30 }])).predictions;
    const { nodes } = await serving.services.lineage.lineage(acme, id!, LineageDirection.UPSTREAM, 6);
    expect(nodes[0]).toMatchObject({ id, kind: 'Prediction' });
    expect(nodes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['ModelVersion', 'Deployment']));
  });

  test("another tenant's prediction is not found, and does exist", async () => {
    const [{ id }] = (await predict('sum', [{ a: 777, b: 0 }])).predictions;
    expect(await serving.run(acme, 'query ($id: ID!) { prediction(id: $id) { value } }', { id })).toEqual({
      prediction: { value: '776' },
    });
    await expect(serving.run(rival, READ, { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await stored([id])).toEqual([{ id: 0, value: '776', tenant_id: acme.tenantId }]);
  });
});
