/** Two tenants with a row of every kind, made through the public API of a real server, and ways to look at them. */
import { CASES } from '../../seeds/library';
import type { CaseSeed } from '../../src/cases/case-definition';
import { NODE_KINDS, type NodeKind, parseGlobalId } from '../../src/kernel';
import { CaseRunEventsDocument, PraxisClient, PraxisClientError, RunEventsDocument } from '../../src/sdk';
import type { TestDatabase } from '../support';

/** Kinds that belong to a tenant; the case library is the same for all. */
export const OWN_KINDS = NODE_KINDS.filter((kind): kind is OwnKind => kind !== 'Case');
type OwnKind = Exclude<NodeKind, 'Case'>;

/** A tenant, and what a stranger could learn of it. */
export interface World {
  tenantId: string;
  key: string;
  client: PraxisClient;
  /** Begins every name it gives. */
  word: string;
  /** A global id of every kind. */
  ids: Record<OwnKind, string>;
  /** Global id of the case that it has run; of the library, so every world has the same. */
  caseId: string;
  /** Global id of an api key that nobody uses. */
  spareKeyId: string;
  /** Global id of a key of an operator that nobody uses; of the platform. */
  operatorKeyId: string;
  /** Global id of a dataset that nothing was made from. */
  spareDatasetId: string;
  /** An upload whose file is kept. */
  uploadId: string;
  /** Name of a live deployment that no other tenant has. */
  deployment: string;
  /** The inputs that made it, with an idempotency key each; the keys are the same in every world. */
  inputs: Record<string, Record<string, unknown> & { idempotencyKey: string }>;
  /** Where to PUT a file that nobody has sent yet. */
  uploadUrl: string;
  /** Where to PUT a model that nobody has sent yet. */
  modelUrl: string;
  /** Of the newest item of each list, by the list's field. */
  cursors: Record<string, string>;
}

const TRAINING = { family: 'logistic', parameters: { epochs: 2 } };

/** As in the library, with just enough data and training for a model; what a case must reach is asked elsewhere. */
export const CASE: CaseSeed = { ...CASES[0], definition: { ...CASES[0].definition, rowCount: 400 } };
CASE.definition.pipeline = {
  edges: [],
  steps: CASE.definition.pipeline.steps.map((step) =>
    step.kind === 'TRAIN' ? { ...step, parameters: TRAINING } : step,
  ),
};
const TARGET = 'machine_failure';

/** Lets a tenant do the main job, a case twice, and everything else that leaves rows. Nothing is under way afterwards. */
export async function makeWorld(caller: Pick<World, 'key' | 'client'>, word: string, seed: number): Promise<World> {
  const { key, client } = caller;
  const { tenant, case: item } = await client.run<any>(`{ tenant { id } case(id: "${CASE.slug}") { id } }`);
  const ids = { Tenant: tenant.id } as World['ids'];
  const tenantId = parseGlobalId(tenant.id)!.uuid;
  const world: World = {
    tenantId,
    key,
    client,
    word,
    ids,
    inputs: {},
    caseId: item.id,
    spareKeyId: '',
    operatorKeyId: '',
    spareDatasetId: '',
    uploadId: '',
    deployment: `${word}-only`,
    uploadUrl: '',
    modelUrl: '',
    cursors: {},
  };
  await runCase(world, { seed, idempotencyKey: 'first case' });
  await runCase(world, { seed: seed + 100, idempotencyKey: 'second case' });
  await readAgain(world);
  await train(world);
  await serve(world);
  world.cursors = await newestCursors(world);
  return world;
}

/** A mutation with one input object; remembers the input. */
async function make(world: World, field: string, input: Record<string, unknown>, selection: string): Promise<any> {
  const type = `${field[0].toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`;
  world.inputs[field] = input as World['inputs'][string];
  return (await world.client.run<any>(query, { input }))[field];
}

async function runCase(world: World, request: { seed: number; idempotencyKey: string }): Promise<void> {
  const { id } = (await make(world, 'runCase', { slug: CASE.slug, ...request }, 'caseRun { id }')).caseRun;
  for await (const _event of world.client.subscribe(CaseRunEventsDocument, { caseRunId: id, after: 0 }));
  const selection = 'state error { message } prediction { id } datasetVersion { id }';
  const { caseRun } = await world.client.run<any>(`query ($id: ID!) { caseRun(id: $id) { ${selection} } }`, { id });
  if (caseRun.state !== 'SUCCEEDED') throw new Error(`The case run failed: ${caseRun.error?.message}`);
  Object.assign(world.ids, {
    CaseRun: id,
    DatasetVersion: caseRun.datasetVersion.id,
    Prediction: caseRun.prediction.id,
  });
}

/** The file of the case, read again: as nothing has changed, no version comes of it. */
async function readAgain(world: World): Promise<void> {
  const { client, ids } = world;
  const query = 'query ($id: ID!) { datasetVersion(id: $id) { upload { id } dataset { id } } }';
  const { upload, dataset } = (await client.run<any>(query, { id: ids.DatasetVersion })).datasetVersion;
  world.uploadId = upload.id;
  const again = await make(world, 'reingest', { uploadId: upload.id, idempotencyKey: 'again' }, 'upload { id }');
  await client.datasets.ready(dataset.id, { uploadId: again.upload.id });
}

/** Two datasets that wait for their files, and a run of an own pipeline on the data of the case. */
async function train(world: World): Promise<void> {
  const { word, ids } = world;
  const unused = { name: `${word} unused`, format: 'CSV', idempotencyKey: 'unused' };
  world.spareDatasetId = (await make(world, 'createDataset', unused, 'dataset { id }')).dataset.id;
  const table = { name: `${word} table`, format: 'CSV', idempotencyKey: 'table' };
  ids.Dataset = (await make(world, 'createDataset', table, 'dataset { id }')).dataset.id;
  const upload = { datasetId: ids.Dataset, idempotencyKey: 'upload' };
  world.uploadUrl = (await make(world, 'createUpload', upload, 'upload { url }')).upload.url;
  const older = { name: `${word} older network`, idempotencyKey: 'older network' };
  await make(world, 'createPretrainedModel', older, 'pretrainedModel { id }');
  const trained = { name: `${word} network`, idempotencyKey: 'network' };
  const created = await make(world, 'createPretrainedModel', trained, 'pretrainedModel { id } upload { url }');
  ids.PretrainedModel = created.pretrainedModel.id;
  world.modelUrl = created.upload.url;
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: TARGET } },
    { id: 'train', kind: 'TRAIN', parameters: TRAINING },
  ];
  const recipe = { name: `${word} pipeline`, steps, idempotencyKey: 'pipeline' };
  const { pipeline } = await make(world, 'createPipeline', recipe, 'pipeline { id currentVersion { id } }');
  Object.assign(ids, { Pipeline: pipeline.id, PipelineVersion: pipeline.currentVersion.id });
  const run = { pipelineId: ids.Pipeline, datasetVersionId: ids.DatasetVersion, seed: 1, idempotencyKey: 'run' };
  ids.Run = (await make(world, 'startRun', run, 'run { id }')).run.id;
  for await (const _event of world.client.subscribe(RunEventsDocument, { runId: ids.Run, after: 0 }));
}

/** The model of that run under an own name, recorded predictions, and a key. */
async function serve(world: World): Promise<void> {
  const { client, word, ids } = world;
  const RESULT = 'query ($id: ID!) { run(id: $id) { modelVersion { id model { id } } } me { apiKey { id } } }';
  const { run, me } = await client.run<any>(RESULT, { id: ids.Run });
  Object.assign(ids, { ApiKey: me.apiKey.id, ModelVersion: run.modelVersion.id, Model: run.modelVersion.model.id });
  const target = { name: world.deployment, modelVersionId: ids.ModelVersion, idempotencyKey: 'deployment' };
  ids.Deployment = (await make(world, 'deployModel', target, 'deployment { id }')).deployment.id;
  await make(world, 'predict', { deployment: world.deployment, rows: CASE.definition.samples }, 'latencyMs');
  const spare = { name: `${word} spare`, role: 'VIEWER' };
  world.spareKeyId = (await make(world, 'createApiKey', spare, 'apiKey { id }')).apiKey.id;
}

async function newestCursors({ client, ids }: World): Promise<Record<string, string>> {
  const lists = [
    'apiKeys',
    'auditEvents',
    'caseRuns',
    'datasets',
    'deployments',
    'models',
    'pipelines',
    'pretrainedModels',
    'runs',
  ];
  const fields = [...lists.map((list) => `${list}(first: 1)`), 'predictions(deploymentId: $id, first: 1)'];
  const selections = fields.map((field) => `${field} { pageInfo { endCursor } }`);
  const pages = await client.run<any>(`query ($id: ID!) { ${selections.join(' ')} }`, { id: ids.Deployment });
  return Object.fromEntries(Object.entries<any>(pages).map(([list, { pageInfo }]) => [list, pageInfo.endCursor]));
}

// ---- calls ------------------------------------------------------------------------------------------------------

export interface Answer {
  data: Record<string, any> | null;
  code: string | null;
  /** Everything that came, as text. */
  text: string;
}

/** A query or mutation over HTTP. */
export async function ask(url: string, key: string, query: string, variables: object): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const { data, errors } = JSON.parse(text);
  return { data: data ?? null, code: errors?.[0].extensions.code ?? null, text };
}

/** The first event of a subscription over WebSocket, or why there is none. */
export async function listen(client: PraxisClient, query: string, variables: Record<string, unknown>): Promise<Answer> {
  const events = client.subscribe<Record<string, unknown>>(query, variables);
  try {
    const { value } = await events.next();
    return { data: value ?? null, code: null, text: JSON.stringify(value ?? null) };
  } catch (error) {
    if (!(error instanceof PraxisClientError)) throw error;
    return { data: null, code: error.code, text: error.message };
  } finally {
    await events.return(undefined);
  }
}

// ---- what a tenant has --------------------------------------------------------------------------------------------

/** The tables that hold tenants' rows. */
export async function tenantTables(database: TestDatabase): Promise<string[]> {
  const rows = await database.ownerQuery<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'tenant_id'`,
  );
  return rows.map(({ name }) => name);
}

/**
 * Every row of some tenants, for each of them in a stable order, each row behind the name of its table. Read past row-level
 * security.
 */
export async function rowsOf(database: TestDatabase, tables: string[], worlds: World[]): Promise<string[][]> {
  // Using a key notes the time; that is no change of the tenant's rows.
  const select = (name: string, tenant = 'tenant_id') =>
    `SELECT ${tenant} AS tenant, '${name} ' || (to_jsonb(r) - 'last_used_at')::text AS row FROM ${name} r
     WHERE ${tenant} = ANY($1)`;
  const all = [...tables.map((name) => select(name)), select('tenants', 'id')];
  const ids = worlds.map(({ tenantId }) => tenantId);
  const rows = await database.ownerQuery<{ tenant: string; row: string }>(all.join(' UNION ALL '), [ids]);
  return ids.map((id) => rows.flatMap(({ tenant, row }) => (tenant === id ? [row] : [])).sort());
}

const UUIDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const WORDS = /[A-Za-z0-9_-]{20,}/g;

/** Uuids in a text, also those inside global ids and cursors. */
export function idsIn(text: string): Set<string> {
  const unpacked = (text.match(WORDS) ?? []).map((word) => Buffer.from(word, 'base64url').toString('latin1'));
  return new Set([text, ...unpacked].flatMap((part) => part.match(UUIDS) ?? []));
}
