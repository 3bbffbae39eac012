import { newId, type NodeKind, type TenantContext, toGlobalId } from '../../src/kernel';
import { linkLineage } from '../../src/lineage';
import { startPlatform } from './platform.fixture';

const platform = startPlatform();
let context: TenantContext;
let key: string;
beforeAll(async () => {
  context = await platform.createTenant();
  key = await platform.createKey('VIEWER', context.tenantId);
});

const QUERY = `query ($of: ID!, $direction: LineageDirection, $depth: Int) {
  lineage(of: $of, direction: $direction, depth: $depth) { nodes { id kind label createdAt } edges { from to kind } truncated }
}`;

type Ref = readonly [NodeKind, string];
const id = ([kind, uuid]: Ref): string => toGlobalId(kind, uuid);

async function ask(of: Ref, o: { direction?: string; depth?: number; key?: string } = {}) {
  const answer = await platform.ask(QUERY, {
    key: o.key ?? key,
    variables: { of: id(of), direction: o.direction ?? 'BOTH', depth: o.depth ?? 6 },
  });
  return { ...answer, lineage: answer.data?.lineage };
}

const link = (...edges: [Ref, Ref][]) =>
  platform.db.inTenant(context, (tx) =>
    linkLineage(
      tx,
      edges.map(([from, to]) => ({ fromKind: from[0], fromId: from[1], toKind: to[0], toId: to[1] })),
    ),
  );

async function dataset(name: string): Promise<Ref> {
  const uuid = newId();
  await platform.ownerQuery(`INSERT INTO datasets (tenant_id, id, name, format) VALUES ($1, $2, $3, 'CSV')`, [
    context.tenantId,
    uuid,
    name,
  ]);
  return ['Dataset', uuid];
}

/** A stored block of predictions, as their deployment gave them. */
async function predictionsOf(deployment: string, values: string[]): Promise<{ id: string }[]> {
  return platform.ownerQuery<{ id: string }>(
    `INSERT INTO prediction_blocks (tenant_id, id, deployment_id, model_version_id, precision, count, answers, content, created_at)
     VALUES ($1, prediction_block(gen_random_uuid()), $2, gen_random_uuid(), 'float32', $3, $4, '', now())
     RETURNING prediction_id(id, 0) AS id`,
    [context.tenantId, deployment, values.length, JSON.stringify(values.map((value) => [value, 0]))],
  );
}

async function prediction(value: string): Promise<Ref> {
  const [{ id }] = await predictionsOf(newId(), [value]);
  return ['Prediction', id];
}

async function libraryCase(slug: string): Promise<Ref> {
  const uuid = newId();
  await platform.ownerQuery(
    `INSERT INTO cases (id, slug, industry, document, definition, content_hash) VALUES ($1, $2, 'x', '{}', '{}', '\\x00')`,
    [uuid, slug],
  );
  return ['Case', uuid];
}

it('leads from a case to a prediction and back', async () => {
  const [origin, data, answer] = [await libraryCase('pump'), await dataset('Pumps'), await prediction('1')];
  await link([origin, data], [data, answer]);
  const forward = await ask(origin, { direction: 'DOWNSTREAM' });
  expect(forward.lineage.nodes.map((node: any) => [node.id, node.kind, node.label])).toEqual([
    [id(origin), 'Case', 'pump'],
    [id(data), 'Dataset', 'Pumps'],
    [id(answer), 'Prediction', '1'],
  ]);
  expect(forward.lineage.edges).toEqual([
    { from: id(origin), to: id(data), kind: 'EXECUTED_AS' },
    { from: id(data), to: id(answer), kind: 'ANSWERED' },
  ]);
  const backward = await ask(answer, { direction: 'UPSTREAM' });
  expect(backward.lineage.nodes.map((node: any) => node.id)).toEqual([answer, data, origin].map(id));
  expect((await ask(data)).lineage.nodes).toHaveLength(3);
  expect((await ask(data, { direction: 'UPSTREAM' })).lineage.nodes).toHaveLength(2);
});

it('stops at the depth asked for', async () => {
  const chain: Ref[] = [];
  for (let i = 0; i < 12; i++) chain.push(await dataset(`d${i}`));
  await link(...chain.slice(1).map((node, i): [Ref, Ref] => [chain[i], node]));
  expect((await ask(chain[0], { depth: 1 })).lineage.nodes).toHaveLength(2);
  expect((await ask(chain[0], { depth: 10 })).lineage.nodes).toHaveLength(11);
  expect((await ask(chain[5], { depth: 2 })).lineage.nodes).toHaveLength(5);
});

it.each([0, 11, -1])('refuses depth %d', async (depth) => {
  const { errors } = await ask(await dataset('x'), { depth });
  expect(errors![0].extensions).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'depth' }] });
});

it('ends in a cycle and lists each node once', async () => {
  const [a, b, c] = [await dataset('a'), await dataset('b'), await dataset('c')];
  await link([a, b], [b, c], [c, a], [a, c]);
  await link([a, b]);
  const { lineage } = await ask(a, { depth: 10 });
  expect(lineage.nodes).toHaveLength(3);
  expect(lineage.edges).toHaveLength(4);
  expect(lineage.truncated).toBe(false);
});

it('bounds a wide answer, says so, and keeps the origin of a busy object', async () => {
  const [source, hub] = [await dataset('source'), await dataset('hub')];
  const values = Array<string>(3000).fill('v');
  await predictionsOf(hub[1], values);
  await platform.ownerQuery(
    `INSERT INTO lineage_edges (tenant_id, from_kind, from_id, to_kind, to_id)
     SELECT $1, 'Dataset', $2, 'Prediction', id FROM predictions WHERE deployment_id = $2`,
    [context.tenantId, hub[1]],
  );
  await link([source, hub]);
  const { lineage } = await ask(hub);
  expect(lineage.nodes).toHaveLength(500);
  expect(lineage.truncated).toBe(true);
  expect(lineage.nodes.slice(0, 2).map((node: any) => node.label)).toEqual(['hub', 'source']);
});

it('is NOT_FOUND for an id that is wrong, gone or of another tenant', async () => {
  const mine = await dataset('mine');
  const other = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
  expect(await platform.ownerQuery('SELECT 1 FROM datasets WHERE id = $1', [mine[1]])).toHaveLength(1);
  for (const answer of [
    await ask(mine, { key: other }),
    await ask(['Dataset', newId()]),
    await ask(['Run', mine[1]]),
  ]) {
    expect(answer.errors![0].extensions.code).toBe('NOT_FOUND');
  }
  expect((await ask(mine)).errors).toBeUndefined();
});

it('shows another tenant the case of the library, and none of what this tenant made of it', async () => {
  const [origin, data] = [await libraryCase('shared'), await dataset('private')];
  await link([origin, data]);
  const other = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
  expect((await ask(origin, { key: other })).lineage).toMatchObject({ nodes: [{ label: 'shared' }], edges: [] });
  expect((await ask(origin)).lineage.nodes).toHaveLength(2);
});
