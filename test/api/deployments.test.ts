import { toGlobalId, type TenantContext } from '../../src/kernel';
import { fileKey, InferencePool, modelKey } from '../../src/compute';
import { DeploymentService } from '../../src/deployments';
import type { Precision } from '../../src/engine';
import { LineageDirection } from '../../src/lineage';
import { SUM_CARD, sumModel } from '../compute/serving-models';
import { openTestDatabase } from '../support';
import { modelVersionId, SERVING_ENTITIES, ServingFixture } from './serving.fixture';

interface Deployed {
  id: string;
  name: string;
  state: string;
  revision: number;
  precision: string;
  recordFraction: number;
  modelVersion: { id: string; version: number };
}

const FIELDS = 'id name state revision precision recordFraction modelVersion { id version }';
const DEPLOY = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { ${FIELDS} } } }`;
const PREDICT = `mutation ($d: String!) { predict(input: { deployment: $d, rows: [{ a: 1, b: 1 }] }) { predictions { value } modelVersion { id } } }`;
const RETIRE = 'mutation ($id: ID!) { retireDeployment(input: { deploymentId: $id }) { deployment { state } } }';
const UPDATE = `mutation ($id: ID!, $f: Float!) { updateDeployment(input: { deploymentId: $id, recordFraction: $f }) { deployment { ${FIELDS} } } }`;

describe('deployments', () => {
  const database = openTestDatabase({ entities: SERVING_ENTITIES });
  let serving: ServingFixture;
  let acme: TenantContext;
  let rival: TenantContext;
  /** y = a + 2b - 1, and y = a + 5b - 1 (no colour counts -1). */
  let doubled: string;
  let fivefold: string;

  beforeAll(async () => {
    serving = await ServingFixture.open(database);
    [acme, rival] = [await database.createTenant('Acme'), await database.createTenant('Rival')];
    doubled = await serving.addModel(acme, sumModel(2), SUM_CARD);
    fivefold = await serving.addModel(acme, sumModel(5), SUM_CARD);
  });

  const deploy = async (context: TenantContext, input: Record<string, unknown>): Promise<Deployed> => {
    const { deployModel } = await serving.run<{ deployModel: { deployment: Deployed } }>(context, DEPLOY, { input });
    return deployModel.deployment;
  };
  const predicted = async (name: string) =>
    (await serving.run<{ predict: { predictions: { value: string }[] } }>(acme, PREDICT, { d: name })).predict
      .predictions[0].value;

  test('a name answers with the version it was moved to, at once, audited and in the lineage', async () => {
    const first = await deploy(acme, { name: 'moving', modelVersionId: modelVersionId(doubled) });
    expect(first).toMatchObject({ name: 'moving', state: 'READY', revision: 1, recordFraction: 1 });
    expect(first.modelVersion.id).toBe(modelVersionId(doubled));
    expect(await predicted('moving')).toBe('2');
    const moved = await deploy(acme, { name: 'moving', modelVersionId: modelVersionId(fivefold), recordFraction: 0.5 });
    expect(moved).toMatchObject({ id: first.id, revision: 2, recordFraction: 0.5 });
    expect(await predicted('moving')).toBe('5');
    expect(serving.pool.holds(modelKey(acme.tenantId, fileKey(doubled, 'float32')))).toBe(false);
    const again = await deploy(acme, { name: 'moving', modelVersionId: modelVersionId(fivefold) });
    expect(again).toMatchObject({ revision: 2, recordFraction: 0.5 });
    const audit = await database.ownerQuery(
      `SELECT detail->>'revision' AS revision FROM audit_events WHERE tenant_id = $1 AND action = 'deployment.deploy' AND detail->>'name' = 'moving' ORDER BY id`,
      [acme.tenantId],
    );
    expect(audit.map(({ revision }) => revision)).toEqual(['1', '2', '2']);
    const edges = await database.ownerQuery(
      `SELECT from_id FROM lineage_edges e JOIN deployments d ON d.id = e.to_id WHERE d.name = 'moving' AND from_kind = 'ModelVersion'`,
    );
    expect(edges.map(({ from_id }) => from_id).sort()).toEqual([doubled, fivefold].sort());
  });

  test('the answer says what the card of the model warns of; cards of before say nothing', async () => {
    const warnings = [{ code: 'NO_BETTER_THAN_BASELINE' as const, message: 'It guesses.' }];
    const guessing = await serving.addModel(acme, sumModel(3), { ...SUM_CARD, warnings });
    const source = `mutation ($input: DeployModelInput!) { deployModel(input: $input) {
      warnings { code message } deployment { id modelVersion { card { warnings { code } } } } } }`;
    const answer = async (uuid: string) => {
      const input = { name: 'warned', modelVersionId: modelVersionId(uuid) };
      return (await serving.run<any>(acme, source, { input })).deployModel;
    };
    const first = await answer(guessing);
    expect(first.warnings).toEqual(warnings);
    expect(first.deployment.modelVersion.card.warnings).toEqual([{ code: 'NO_BETTER_THAN_BASELINE' }]);
    const retired = await serving.run<any>(
      acme,
      'mutation ($id: ID!) { retireDeployment(input: { deploymentId: $id }) { warnings { code } } }',
      { id: first.deployment.id },
    );
    expect(retired.retireDeployment.warnings).toHaveLength(1);
    const other = await answer(doubled);
    expect(other.warnings).toEqual([]);
    expect(other.deployment.modelVersion.card.warnings).toBeNull();
  });

  test('no request fails while a name moves back and forth', async () => {
    await deploy(acme, { name: 'busy', modelVersionId: modelVersionId(doubled) });
    let moving = true;
    const callers = Array.from({ length: 4 }, async () => {
      const seen = new Set<string>();
      while (moving) seen.add(await predicted('busy'));
      return seen;
    });
    for (const version of [fivefold, doubled, fivefold]) {
      await deploy(acme, { name: 'busy', modelVersionId: modelVersionId(version) });
    }
    moving = false;
    for (const seen of await Promise.all(callers)) for (const value of seen) expect(['2', '5']).toContain(value);
    expect(await predicted('busy')).toBe('5');
  });

  test('callers who deploy under one name at the same time make one deployment', async () => {
    const input = { name: 'raced', modelVersionId: modelVersionId(doubled) };
    const all = await Promise.all(Array.from({ length: 5 }, () => deploy(acme, input)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  });

  test('a retry with the same key changes nothing, another request with it is a conflict', async () => {
    const input = { name: 'keyed', modelVersionId: modelVersionId(doubled), idempotencyKey: 'k1' };
    const first = await deploy(acme, input);
    await deploy(acme, { name: 'keyed', modelVersionId: modelVersionId(fivefold) });
    expect(await deploy(acme, input)).toMatchObject({ id: first.id, revision: 2 });
    await expect(deploy(acme, { ...input, name: 'other' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test.each(['Upper', 'with space', '-lead', '', 'a'.repeat(64), 'ümlaut'])(
    'the name "%s" is explained',
    async (name) => {
      const refusal = {
        code: 'VALIDATION_FAILED',
        message: expect.stringContaining('lower-case letters, digits and hyphens'),
      };
      await expect(deploy(acme, { name, modelVersionId: modelVersionId(doubled) })).rejects.toMatchObject(refusal);
    },
  );

  test('a file that cannot run is never deployed', async () => {
    const broken = await serving.addModel(acme, new Uint8Array([1, 2, 3]), SUM_CARD);
    await expect(deploy(acme, { name: 'broken', modelVersionId: modelVersionId(broken) })).rejects.toThrow();
    expect(await database.ownerQuery(`SELECT id FROM deployments WHERE name = 'broken'`)).toEqual([]);
  });

  test('a retired deployment frees its name, refuses changes and predictions, and stays readable', async () => {
    const first = await deploy(acme, { name: 'short-lived', modelVersionId: modelVersionId(doubled) });
    expect(await predicted('short-lived')).toBe('2');
    await serving.run(acme, RETIRE, { id: first.id });
    await expect(predicted('short-lived')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(predicted(first.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(serving.run(acme, UPDATE, { id: first.id, f: 0 })).rejects.toMatchObject({ code: 'CONFLICT' });
    const next = await deploy(acme, { name: 'short-lived', modelVersionId: modelVersionId(fivefold) });
    expect(next.id).not.toBe(first.id);
    const read = 'query ($id: ID!) { deployment(id: $id) { state } }';
    expect(await serving.run(acme, read, { id: first.id })).toEqual({ deployment: { state: 'RETIRED' } });
  });

  test('a model is closed when the last name that it answers under is gone, and no sooner', async () => {
    const version = await serving.addModel(acme, sumModel(4), SUM_CARD);
    const third = await database.createTenant('Third');
    const theirs = await serving.addModel(third, sumModel(6), SUM_CARD);
    const isOpen = (context: TenantContext, id: string) =>
      serving.pool.holds(modelKey(context.tenantId, fileKey(id, 'float32')));
    await deploy(third, { name: 'theirs', modelVersionId: modelVersionId(theirs) });
    const input = { modelVersionId: modelVersionId(version) };
    const [one, two] = [await deploy(acme, { ...input, name: 'one' }), await deploy(acme, { ...input, name: 'two' })];
    expect([await predicted('one'), await predicted('two')]).toEqual(['4', '4']);
    await serving.run(acme, RETIRE, { id: one.id });
    expect([isOpen(acme, version), isOpen(third, theirs)]).toEqual([true, true]);
    expect(await predicted('two')).toBe('4');
    await serving.run(acme, RETIRE, { id: two.id });
    expect([isOpen(acme, version), isOpen(third, theirs)]).toEqual([false, true]);
    await deploy(acme, { ...input, name: 'three' });
    expect([isOpen(acme, version), await predicted('three')]).toEqual([true, '4']);
  });

  test('what is heard of earlier changes while a model is deployed does not close it', async () => {
    const version = await serving.addModel(acme, sumModel(7), SUM_CARD);
    const key = modelKey(acme.tenantId, fileKey(version, 'float32'));
    let deployed = false;
    const deploying = deploy(acme, { name: 'heard', modelVersionId: modelVersionId(version) }).then(() => {
      deployed = true;
    });
    let wasOpen = false;
    while (!deployed) {
      await serving.deployments.forget(acme.tenantId);
      const isOpen = serving.pool.holds(key);
      expect(isOpen || !wasOpen).toBe(true);
      wasOpen = isOpen;
    }
    await deploying;
    expect(serving.pool.holds(key)).toBe(true);
  });

  test('another process closes it as well when it hears of the change', async () => {
    const version = await serving.addModel(acme, sumModel(8), SUM_CARD);
    const key = modelKey(acme.tenantId, fileKey(version, 'float32'));
    const { id } = await deploy(acme, { name: 'told', modelVersionId: modelVersionId(version) });
    const elsewhere = new InferencePool();
    const service = new DeploymentService(database.db, serving.models, elsewhere);
    const load = () => serving.models.files.read(acme, version, 'float32');
    await elsewhere.open({ tenantId: acme.tenantId, key, load });
    expect((await service.resolve(acme, 'told')).globalId).toBe(id);
    await service.forget(acme.tenantId);
    expect(elsewhere.holds(key)).toBe(true);
    await serving.run(acme, RETIRE, { id });
    await service.forget(rival.tenantId);
    expect(elsewhere.holds(key)).toBe(true);
    await service.forget(acme.tenantId);
    expect(elsewhere.holds(key)).toBe(false);
    await expect(service.resolve(acme, 'told')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await elsewhere.close();
  });

  test('a smaller variant is served when it is asked for; predictions and lineage know it', async () => {
    // Told apart by what they add: in a variant that training makes they are nearly the same.
    const version = await serving.addModel(acme, sumModel(2), SUM_CARD, { int8: sumModel(3) });
    const input = { name: 'small', modelVersionId: modelVersionId(version) };
    expect(await deploy(acme, input)).toMatchObject({ revision: 1, precision: 'FLOAT32' });
    expect(await predicted('small')).toBe('2');
    const small = await deploy(acme, { ...input, precision: 'INT8' });
    expect(small).toMatchObject({ revision: 2, precision: 'INT8' });
    expect(await predicted('small')).toBe('3');
    const isOpen = (precision: Precision) => serving.pool.holds(modelKey(acme.tenantId, fileKey(version, precision)));
    expect([isOpen('float32'), isOpen('int8')]).toEqual([false, true]);
    const list = 'query ($id: ID!) { predictions(deploymentId: $id) { edges { node { value precision } } } }';
    expect(await serving.run(acme, list, { id: small.id })).toMatchObject({
      predictions: {
        edges: [{ node: { value: '3', precision: 'INT8' } }, { node: { value: '2', precision: 'FLOAT32' } }],
      },
    });
    const lineage = serving.services.lineage.lineage(acme, small.id, LineageDirection.UPSTREAM, 1);
    expect((await lineage).nodes.map(({ label }) => label)).toContain('small (int8)');
    const none = { code: 'VALIDATION_FAILED', issues: [expect.objectContaining({ path: 'precision' })] };
    await expect(deploy(acme, { ...input, precision: 'FLOAT16' })).rejects.toMatchObject(none);
    expect((await deploy(acme, input)).precision).toBe('FLOAT32');
  });

  test('the share to record is bounded', async () => {
    const { id } = await deploy(acme, { name: 'shared', modelVersionId: modelVersionId(doubled) });
    await expect(serving.run(acme, UPDATE, { id, f: 1.5 })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    const { updateDeployment } = await serving.run<{ updateDeployment: { deployment: Deployed } }>(acme, UPDATE, {
      id,
      f: 0.25,
    });
    expect(updateDeployment.deployment.recordFraction).toBe(0.25);
  });

  test('lists page by page, newest first', async () => {
    const names: string[] = [];
    const list = `query ($after: String) { deployments(first: 3, after: $after) { edges { node { name } } pageInfo { hasNextPage endCursor } } }`;
    type Listed = {
      deployments: { edges: { node: { name: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
    for (let after: string | null = null, more = true; more;) {
      const { deployments }: Listed = await serving.run<Listed>(acme, list, { after });
      names.push(...deployments.edges.map(({ node }) => node.name));
      ({ hasNextPage: more, endCursor: after } = deployments.pageInfo);
    }
    const stored = await database.ownerQuery<{ name: string }>(
      'SELECT name FROM deployments WHERE tenant_id = $1 ORDER BY created_at DESC, id',
      [acme.tenantId],
    );
    expect(names).toEqual(stored.map(({ name }) => name));
  });

  test("another tenant's model, deployment and name are not found, and do exist", async () => {
    const { id } = await deploy(acme, { name: 'secret', modelVersionId: modelVersionId(doubled) });
    expect(await predicted('secret')).toBe('2');
    const tries: [string, Record<string, unknown>][] = [
      [DEPLOY, { input: { name: 'stolen', modelVersionId: modelVersionId(doubled) } }],
      [DEPLOY, { input: { name: 'stolen', modelVersionId: modelVersionId(doubled), precision: 'INT8' } }],
      [PREDICT, { d: 'secret' }],
      [PREDICT, { d: id }],
      [RETIRE, { id }],
      [UPDATE, { id, f: 0 }],
      ['query ($id: ID!) { deployment(id: $id) { name } }', { id }],
      ['query ($id: ID!) { deployment(id: $id) { name } }', { id: 'secret' }],
      ['query ($id: ID!) { predictions(deploymentId: $id) { edges { cursor } } }', { id }],
    ];
    for (const [source, variables] of tries) {
      await expect(serving.run(rival, source, variables)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await serving.run(rival, '{ deployments { edges { cursor } } }')).toEqual({ deployments: { edges: [] } });
    const [row] = await database.ownerQuery(`SELECT state, tenant_id FROM deployments WHERE name = 'secret'`);
    expect(row).toEqual({ state: 'READY', tenant_id: acme.tenantId });
  });

  test('two tenants use one name for models of their own', async () => {
    const theirs = await serving.addModel(rival, sumModel(9), SUM_CARD);
    await deploy(acme, { name: 'same', modelVersionId: modelVersionId(doubled) });
    await deploy(rival, { name: 'same', modelVersionId: toGlobalId('ModelVersion', theirs) });
    const both = await Promise.all([acme, rival].map((who) => serving.run(who, PREDICT, { d: 'same' })));
    expect(both).toMatchObject([
      { predict: { predictions: [{ value: '2' }] } },
      { predict: { predictions: [{ value: '9' }] } },
    ]);
  });
});
