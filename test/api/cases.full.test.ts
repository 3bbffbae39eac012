import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CASES } from '../../seeds/library';
import { DEMO_KEY_FILE, OPERATOR_KEY_FILE } from '../../seeds';
import type { App } from '../../src/app';
import { caseRunTask } from '../../src/cases/runs/case-run.job';
import { parseGlobalId, type TenantContext } from '../../src/kernel';
import { seedApp } from '../../src/commands/seed';
import {
  CaseRunEventsDocument,
  CaseRunResultDocument,
  PraxisClient,
  PredictDocument,
  RunCaseDocument,
  RunEventsDocument,
  type CaseRunResultQuery,
} from '../../src/sdk';
import { openTestApp, openTestDatabase } from '../support';
import { CASE as SMALL_CASE } from '../tenancy/world.fixture';

jest.setTimeout(240_000);

const test = openTestDatabase();
let app: App;
let dataDir: string;
let url: string;
const clients: PraxisClient[] = [];

const keyIn = async (file: string) => (await readFile(join(dataDir, file), 'utf8')).trim();

async function clientWith(key: string): Promise<PraxisClient> {
  const client = new PraxisClient({ url, key });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  const opened = await openTestApp(test);
  app = opened.app;
  dataDir = opened.config.dataDir;
  await seedApp(app, dataDir);
  url = await app.listen();
  await app.consume();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** Runs a case to its end and returns the stages it went through and how it ended. */
async function runCase(client: PraxisClient, slug: string, input: { seed?: number; idempotencyKey?: string } = {}) {
  const { runCase: started } = await client.run(RunCaseDocument, { input: { slug, ...input } });
  const { id } = started.caseRun;
  const stages: string[] = [];
  for await (const { caseRunEvents } of client.subscribe(CaseRunEventsDocument, { caseRunId: id, after: 0 })) {
    stages.push(caseRunEvents.stage);
  }
  return { id, stages, caseRun: (await client.run(CaseRunResultDocument, { id })).caseRun };
}

describe('the library', () => {
  it('is readable in both languages', async () => {
    const client = await clientWith(await keyIn(DEMO_KEY_FILE));
    const { cases } = await client.run<any>(
      `{ cases { edges { node { id slug industry seed rowCount expected { metric expected tolerance }
           en: document { title summary data { columns { name unit } } references { url } }
           zh: document(language: ZH) { title technique { choice reasons alternatives { technique reason } } } } } } }`,
    );
    const nodes = cases.edges.map(({ node }: any) => node).sort((a: any, b: any) => a.slug.localeCompare(b.slug));
    expect(nodes.map(({ slug }: any) => slug)).toEqual([
      'cardiovascular-risk',
      'credit-scoring',
      'predictive-maintenance',
    ]);
    for (const node of nodes) {
      const { document, definition, industry } = CASES.find(({ slug }) => slug === node.slug)!;
      expect(node).toMatchObject({ industry, seed: definition.seed, expected: definition.expected });
      expect(node.en.title).toBe(document.en.title);
      expect(node.zh.technique).toEqual(document.zh.technique);
    }
    const [{ id }] = nodes;
    const byId = await client.run<any>(`query ($id: ID!) { case(id: $id) { slug } node(id: $id) { id } }`, { id });
    expect(byId).toEqual({ case: { slug: 'cardiovascular-risk' }, node: { id } });
  });

  it('is filtered by industry; an unknown case is NOT_FOUND', async () => {
    const client = await clientWith(await keyIn(DEMO_KEY_FILE));
    const { cases } = await client.run<any>('{ cases(industry: MEDICINE) { edges { node { slug } } } }');
    expect(cases.edges.map(({ node }: any) => node.slug)).toEqual(['cardiovascular-risk']);
    await expect(client.run('{ case(id: "nowhere") { id } }')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const input = { slug: 'nowhere' };
    await expect(client.run(RunCaseDocument, { input })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const wrong = { slug: 'predictive-maintenance', seed: -1 };
    await expect(client.run(RunCaseDocument, { input: wrong })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: expect.stringMatching(/seed$/) }],
    });
  });
});

describe('the seeds', () => {
  it('leave alone what is there', async () => {
    const before = await test.ownerQuery('SELECT slug, content_hash, updated_at FROM cases ORDER BY slug');
    const keys = [await keyIn(DEMO_KEY_FILE), await keyIn(OPERATOR_KEY_FILE)];
    await seedApp(app, dataDir);
    expect(await test.ownerQuery('SELECT slug, content_hash, updated_at FROM cases ORDER BY slug')).toEqual(before);
    expect([await keyIn(DEMO_KEY_FILE), await keyIn(OPERATOR_KEY_FILE)]).toEqual(keys);
    for (const file of [DEMO_KEY_FILE, OPERATOR_KEY_FILE]) {
      expect((await stat(join(dataDir, file))).mode & 0o777).toBe(0o600);
    }
  });

  it('replace a case whose content has changed, and nothing else', async () => {
    const changed = { ...CASES[0], definition: { ...CASES[0].definition, seed: 12 } };
    const read = () => test.ownerQuery<any>('SELECT id, slug, definition, updated_at FROM cases ORDER BY slug');
    const before = await read();
    await app.services.cases.publish([changed, ...CASES.slice(1)]);
    const after = await read();
    expect(after[2]).toMatchObject({ id: before[2].id, slug: CASES[0].slug, definition: { seed: 12 } });
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    await app.services.cases.publish(CASES);
    expect((await read())[2].definition).toEqual(CASES[0].definition);
  });

  it('make a key anew when its file is gone or the key no longer works', async () => {
    const first = await keyIn(DEMO_KEY_FILE);
    await rm(join(dataDir, DEMO_KEY_FILE));
    await writeFile(join(dataDir, OPERATOR_KEY_FILE), `prx_00000000_${'A'.repeat(43)}\n`);
    await seedApp(app, dataDir);
    const second = await keyIn(DEMO_KEY_FILE);
    expect(second).not.toBe(first);
    const roles = [];
    for (const key of [second, await keyIn(OPERATOR_KEY_FILE)]) {
      const { me } = await (await clientWith(key)).run<any>('{ me { role tenant { slug } } }');
      roles.push([me.role, me.tenant?.slug ?? null]);
    }
    expect(roles).toEqual([
      ['OWNER', 'demo'],
      ['OPERATOR', null],
    ]);
  });

  it.each([DEMO_KEY_FILE, OPERATOR_KEY_FILE])('revoke the key of %s when the file is gone', async (file) => {
    const other = file === DEMO_KEY_FILE ? OPERATOR_KEY_FILE : DEMO_KEY_FILE;
    const [first, kept] = [await keyIn(file), await keyIn(other)];
    const works = async (key: string) =>
      (await clientWith(key)).run('{ me { role } }').then(
        () => true,
        ({ code }) => (code === 'UNAUTHENTICATED' ? false : code),
      );
    expect(await works(first)).toBe(true);
    await rm(join(dataDir, file));
    await seedApp(app, dataDir);
    expect([await works(first), await works(await keyIn(file)), await keyIn(other)]).toEqual([false, true, kept]);
    const action = file === DEMO_KEY_FILE ? 'apiKey.revoke' : 'operatorKey.revoke';
    const [{ prefix }] = await test.ownerQuery<{ prefix: string }>(
      `SELECT prefix FROM api_keys k JOIN audit_events a ON a.subject_id = k.id WHERE action = $1 ORDER BY a.at DESC`,
      [action],
    );
    expect(first).toContain(prefix);
  });
});

describe('running a case', () => {
  const STAGES = ['DATA', 'TRAINING', 'PREDICTING', 'FINISHED'];
  let maintenance: { id: string; caseRun: CaseRunResultQuery['caseRun'] };

  it('predictive maintenance reaches its expected metrics', async () => {
    const client = await clientWith(await keyIn(DEMO_KEY_FILE));
    const { stages, ...ended } = await runCase(client, 'predictive-maintenance');
    maintenance = ended;
    expect(ended.caseRun).toMatchObject({ state: 'SUCCEEDED', error: null, met: true, run: { state: 'SUCCEEDED' } });
    expect(stages).toEqual(STAGES);
    expect(ended.caseRun.checks.map(({ comparison, metric, met }) => [comparison, metric, met])).toEqual([
      [null, 'rocAuc', true],
      [null, 'averagePrecision', true],
      [null, 'logLoss', true],
    ]);
    expect(ended.caseRun.deployment).toMatchObject({ name: 'predictive-maintenance' });
    expect(ended.caseRun.prediction).toMatchObject({ value: 'no' });
  });

  it('leads from the document to the prediction and back', async () => {
    const client = await clientWith(await keyIn(DEMO_KEY_FILE));
    const { case: item } = await client.run<any>('{ case(id: "predictive-maintenance") { id } }');
    const LINEAGE = `query ($of: ID!, $direction: LineageDirection!) {
      lineage(of: $of, direction: $direction, depth: 8) { nodes { id kind } edges { from to kind } } }`;
    const prediction = maintenance.caseRun.prediction!.id;
    const down = await client.run<any>(LINEAGE, { of: item.id, direction: 'DOWNSTREAM' });
    const kinds = new Set(down.lineage.nodes.map(({ kind }: any) => kind));
    for (const kind of ['Case', 'CaseRun', 'DatasetVersion', 'Run', 'ModelVersion', 'Deployment', 'Prediction']) {
      expect(kinds).toContain(kind);
    }
    expect(down.lineage.nodes.map(({ id }: any) => id)).toContain(prediction);
    const up = await client.run<any>(LINEAGE, { of: prediction, direction: 'UPSTREAM' });
    const ids = up.lineage.nodes.map(({ id }: any) => id);
    for (const id of [item.id, maintenance.id, maintenance.caseRun.run!.id]) expect(ids).toContain(id);
  });

  it('is the same run for the same idempotency key, and reuses data of the same seed', async () => {
    const client = await clientWith(await keyIn(DEMO_KEY_FILE));
    const context = await demoContext();
    const start = (idempotencyKey: string) =>
      client.run(RunCaseDocument, { input: { slug: 'predictive-maintenance', idempotencyKey } });
    const first = await start('again');
    expect((await start('again')).runCase.caseRun.id).toBe(first.runCase.caseRun.id);
    const other = { slug: 'predictive-maintenance', idempotencyKey: 'again', seed: 5 };
    await expect(client.run(RunCaseDocument, { input: other })).rejects.toMatchObject({ code: 'CONFLICT' });
    const caseRunId = parseGlobalId(first.runCase.caseRun.id)!.uuid;
    const run = await untilRunOf(caseRunId);
    const rows = await test.ownerQuery<any>(
      `SELECT count(DISTINCT dataset_version_id)::int AS datasets, count(DISTINCT pipeline_version_id)::int AS pipelines
       FROM runs WHERE tenant_id = $1`,
      [context.tenantId],
    );
    expect(rows).toEqual([{ datasets: 1, pipelines: 1 }]);
    await app.services.runs.cancel(context, run);
    const ended = await untilEnded(caseRunId);
    expect(ended).toMatchObject({
      state: 'FAILED',
      error: { code: 'CONFLICT', message: expect.stringMatching(/cancelled/) },
    });
  });

  it('goes on once, however often its job is repeated', async () => {
    const client = await clientWith(await keyIn(DEMO_KEY_FILE));
    const context = await demoContext();
    const { runCase: started } = await client.run(RunCaseDocument, { input: { slug: 'cardiovascular-risk' } });
    expect(started.caseRun).toMatchObject({ state: 'RUNNING', run: null });
    const caseRunId = parseGlobalId(started.caseRun.id)!.uuid;
    const again = setInterval(() => void repeat(context, caseRunId), 400);
    const stages: string[] = [];
    const events = client.subscribe(CaseRunEventsDocument, { caseRunId: started.caseRun.id, after: 0 });
    for await (const { caseRunEvents } of events) stages.push(caseRunEvents.stage);
    clearInterval(again);
    const { caseRun } = await client.run(CaseRunResultDocument, { id: started.caseRun.id });
    expect(caseRun).toMatchObject({ state: 'SUCCEEDED', met: true });
    expect(stages).toEqual(STAGES);
    // As its document says, its deployment does not answer what its model has not seen.
    const { samples } = CASES.find(({ slug }) => slug === 'cardiovascular-risk')!.definition;
    const strange = { ...samples[0], age_years: 500, systolic_pressure_mm_hg: 40 };
    const ask = (rows: Record<string, unknown>[]) =>
      client.run(PredictDocument, { input: { deployment: 'cardiovascular-risk', rows } });
    await expect(ask([samples[0], strange])).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: 'rows[1].age_years' }, { path: 'rows[1].systolic_pressure_mm_hg' }],
    });
    await expect(ask([{}])).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect((await ask([samples[0]])).predict.predictions).toHaveLength(1);
    const uploads = await test.ownerQuery(`SELECT id FROM datasets WHERE name LIKE '%(seed 2008)'`);
    expect(uploads).toHaveLength(1);
    const runs = await test.ownerQuery('SELECT id FROM runs WHERE tenant_id = $1 AND seed = 2008', [context.tenantId]);
    expect(runs).toHaveLength(1);
  });

  it('leaves a deployment of the tenant alone that has the name of the case', async () => {
    await app.services.cases.publish([SMALL_CASE]);
    const owner = { ...(await test.createTenant()), role: 'OWNER' } as const;
    const { secret } = await app.services.apiKeys.create(owner, { name: 'x', role: 'OWNER' });
    const client = await clientWith(secret);
    const { slug } = SMALL_CASE;
    const deployed = async (seed: number) => (await runCase(client, slug, { seed })).caseRun;
    const first = await deployed(1);
    expect(first.deployment).toMatchObject({ name: slug });
    // The tenant goes on with a model of its own under that name.
    const steps = SMALL_CASE.definition.pipeline.steps.filter(({ kind }) => ['SELECT_COLUMNS', 'TRAIN'].includes(kind));
    const { createPipeline } = await client.run<any>(
      'mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }',
      { input: { name: 'own', steps } },
    );
    const data = await client.run<any>('query ($id: ID!) { caseRun(id: $id) { datasetVersion { id } } }', first);
    const datasetVersionId = data.caseRun.datasetVersion.id;
    const start = { pipelineId: createPipeline.pipeline.id, datasetVersionId, seed: 3 };
    const { startRun } = await client.run<any>(
      'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }',
      { input: start },
    );
    for await (const _ of client.subscribe(RunEventsDocument, { runId: startRun.run.id, after: 0 }));
    const ofRun = await client.run<any>('query ($id: ID!) { run(id: $id) { modelVersion { id } } }', startRun.run);
    const modelVersionId = ofRun.run.modelVersion.id;
    await client.run('mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }', {
      input: { name: slug, modelVersionId },
    });
    const seen: unknown[] = [];
    for (const seed of [2, 4]) {
      const { deployment, id } = { ...(await deployed(seed)) };
      seen.push(deployment!.name);
      const [{ payload }] = await test.ownerQuery<any>(
        `SELECT payload FROM events WHERE subject_id = $1 AND payload->>'stage' = 'PREDICTING'`,
        [parseGlobalId(id)!.uuid],
      );
      expect(payload.message).toContain(`"${slug}-case"`);
    }
    expect(seen).toEqual([`${slug}-case`, `${slug}-case`]);
    const { deployments } = await client.run<any>(
      '{ deployments { edges { node { name revision modelVersion { id } } } } }',
    );
    const nodes = deployments.edges.map(({ node }: any) => node);
    expect(nodes).toHaveLength(2);
    expect(nodes).toContainEqual({ name: slug, revision: 2, modelVersion: { id: modelVersionId } });
    expect(nodes).toContainEqual(expect.objectContaining({ name: `${slug}-case`, revision: 2 }));
    await app.services.cases.publish(CASES);
  });

  it('is not there for another tenant, though its row is', async () => {
    const other = await test.createTenant();
    const { secret } = await app.services.apiKeys.create({ ...other, role: 'OWNER' }, { name: 'x', role: 'OWNER' });
    const client = await clientWith(secret);
    await expect(client.run(CaseRunResultDocument, { id: maintenance.id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const events = client.subscribe(CaseRunEventsDocument, { caseRunId: maintenance.id, after: 0 });
    await expect(events.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { caseRuns } = await client.run<any>('{ caseRuns { edges { node { id } } } }');
    expect(caseRuns.edges).toEqual([]);
    const rows = await test.ownerQuery('SELECT id FROM case_runs WHERE id = $1', [parseGlobalId(maintenance.id)!.uuid]);
    expect(rows).toHaveLength(1);
  });
});

async function demoContext(): Promise<TenantContext> {
  const [{ id: tenantId }] = await test.ownerQuery<{ id: string }>(`SELECT id FROM tenants WHERE slug = 'demo'`);
  return { tenantId, role: 'OWNER', apiKeyId: null, requestId: 'test' };
}

const repeat = (context: TenantContext, caseRunId: string) =>
  app.platform.database.inTenant(context, (tx) =>
    tx.enqueue(caseRunTask, { tenantId: tx.tenantId, caseRunId, requestId: 'repeat' }),
  );

const caseRunRow = async (id: string) => (await test.ownerQuery<any>('SELECT * FROM case_runs WHERE id = $1', [id]))[0];

async function untilRunOf(caseRunId: string): Promise<string> {
  for (;;) {
    const { run_id: runId } = await caseRunRow(caseRunId);
    if (runId) return runId;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function untilEnded(caseRunId: string): Promise<Record<string, unknown>> {
  for (;;) {
    const row = await caseRunRow(caseRunId);
    if (row.state !== 'RUNNING') return row;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
