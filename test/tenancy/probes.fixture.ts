/** For every root field of the schema: how a stranger would use it to reach another tenant's rows. */
import { OWN_KINDS, type World } from './world.fixture';

/**
 * What the stranger must get, while the same call by the owner of the rows finds them:
 * - REFUSED: NOT_FOUND, and nothing changes anywhere.
 * - NOTHING: an answer without a row, neither theirs nor his.
 * - OWN: only his own rows, though the owner's are there.
 * - SHARED: what everybody gets, from the platform.
 * - PLATFORM: FORBIDDEN for every tenant; an operator gets an answer.
 */
export type Outcome = 'REFUSED' | 'NOTHING' | 'OWN' | 'SHARED' | 'PLATFORM';

export interface Probe {
  outcome: Outcome;
  query: string;
  /** The owner of the rows calls with `theirs` and `own` both his world. */
  variables(theirs: World, ours: World): Record<string, unknown>;
  /** CONFLICT where the owner's row is there but past what is asked; null where the owner gets it. */
  ownerCode: 'CONFLICT' | null;
}

type Variables = Probe['variables'];

const none: Variables = () => ({});

const probe = (outcome: Outcome, query: string, variables: Variables = none): Probe => ({
  ...{ outcome, query, variables, ownerCode: null },
});

/** A field that finds one object by its id. */
const byId = (field: string, kind: (typeof OWN_KINDS)[number]): Probe =>
  probe('REFUSED', `query ($id: ID!) { ${field}(id: $id) { id } }`, ({ ids }) => ({ id: ids[kind] }));

/** The same, null and no error when there is none. */
const findById = (kind: (typeof OWN_KINDS)[number]): Record<string, Probe[]> => {
  const field = `${kind[0].toLowerCase()}${kind.slice(1)}ById`;
  return {
    [field]: [probe('NOTHING', `query ($id: ID!) { ${field}(id: $id) { id } }`, ({ ids }) => ({ id: ids[kind] }))],
  };
};

/** A subscription to the events of one object, one by one and in batches. */
const streams = (field: string, kind: (typeof OWN_KINDS)[number]): Record<string, Probe[]> => {
  const argument = `${kind[0].toLowerCase()}${kind.slice(1)}Id`;
  const stream = (name: string, selection: string) =>
    probe(
      'REFUSED',
      `subscription ($${argument}: ID!) { ${name}(${argument}: $${argument}) { ${selection} } }`,
      ({ ids }) => ({ [argument]: ids[kind] }),
    );
  return {
    [`${field}s`]: [stream(`${field}s`, 'sequence')],
    [`${field}Batches`]: [stream(`${field}Batches`, 'lastSequence')],
  };
};

const PAGE = '{ edges { cursor node { id } } pageInfo { endCursor } }';

/** A list: from its start, and on both sides of a cursor of the other tenant's list; by ids of its rows, named in `filter`. */
const list = (field: string, page = PAGE, filter: Record<string, (typeof OWN_KINDS)[number]> = {}): Probe[] => [
  probe('OWN', `{ ${field} ${page} }`),
  probe('OWN', `query ($after: String) { ${field}(after: $after) ${page} }`, ({ cursors }) => ({
    after: cursors[field],
  })),
  probe(
    'OWN',
    `query ($before: String) { all: ${field} ${page} newer: ${field}(last: 5, before: $before) ${page} }`,
    ({ cursors }) => ({ before: cursors[field] }),
  ),
  ...Object.entries(filter).map(([name, kind]) =>
    probe('NOTHING', `query ($${name}: ID!) { ${field}(filter: { ${name}: $${name} }) ${page} }`, ({ ids }) => ({
      [name]: ids[kind],
    })),
  ),
];

/** A mutation that is refused for ids of the other tenant in its input. */
const refused = (field: string, selection: string, input: Variables): Probe =>
  mutation('REFUSED', field, selection, input);

/** The same for what only runs that are under way take; the owner's run has ended. */
const refusedUnderWay = (field: string, input: Variables): Probe => ({
  ...refused(field, 'run { id state }', input),
  ownerCode: 'CONFLICT',
});

function mutation(outcome: Outcome, field: string, selection: string, input: Variables): Probe {
  const type = `${field[0].toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`;
  return probe(outcome, query, (theirs, ours) => ({ input: input(theirs, ours) }));
}

/** The same work asked for again with an idempotency key that the other tenant has used as well. */
const retried = (field: string, selection: string): Probe =>
  mutation('OWN', field, selection, (theirs, ours) => ({
    ...ours.inputs[field],
    idempotencyKey: theirs.inputs[field].idempotencyKey,
  }));

const NODE = 'query ($id: ID!) { node(id: $id) { id } }';
const NODE_BY_ID = 'query ($id: ID!) { nodeById(id: $id) { id } }';
const LOOKED_UP = OWN_KINDS.filter((kind) => !['Tenant', 'ApiKey'].includes(kind));
const LINEAGE =
  'query ($of: ID!) { lineage(of: $of, direction: BOTH, depth: 10) { nodes { id label } edges { from to } } }';
/** A tenant and its keys lead to nothing. */
const LINKED_KINDS = OWN_KINDS.filter((kind) => !['Tenant', 'ApiKey'].includes(kind));
const RECOMMEND = `query ($datasetVersionId: ID!) {
  recommendModels(datasetVersionId: $datasetVersionId, target: "machine_failure") { family } }`;
const PREDICTED = 'ids deployment { id } modelVersion { id }';

const sampleOf = (world: World) => (world.inputs.predict.rows as object[]).slice(0, 1);

const idOf = (globalId: string): string => Buffer.from(globalId, 'base64url').toString().split(':')[1];

/** In this order; what ends a row comes last. */
export const PROBES: Record<string, Probe[]> = {
  // who and where
  me: [probe('OWN', '{ me { apiKey { id name } tenant { id name slug } } }')],
  tenant: [probe('OWN', '{ tenant { id name slug } }')],
  node: OWN_KINDS.map((kind) => probe('REFUSED', NODE, ({ ids }) => ({ id: ids[kind] }))),
  nodes: [
    probe('NOTHING', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', ({ ids }) => ({ ids: Object.values(ids) })),
  ],
  nodeById: OWN_KINDS.map((kind) => probe('NOTHING', NODE_BY_ID, ({ ids }) => ({ id: ids[kind] }))),
  ...Object.assign({}, ...LOOKED_UP.map(findById)),
  deploymentByName: [
    probe('NOTHING', 'query ($name: String!) { deploymentByName(name: $name) { id } }', ({ deployment }) => ({
      name: deployment,
    })),
    probe('OWN', '{ deploymentByName(name: "predictive-maintenance") { id modelVersion { id } } }'),
  ],
  lineage: [
    ...LINKED_KINDS.map((kind) => probe('REFUSED', LINEAGE, ({ ids }) => ({ of: ids[kind] }))),
    ...LINKED_KINDS.map((kind) =>
      probe('REFUSED', 'query ($nodeId: ID!) { lineage(nodeId: $nodeId) { nodes { id } } }', ({ ids }) => ({
        nodeId: ids[kind],
      })),
    ),
    probe('OWN', LINEAGE, (_, ours) => ({ of: ours.caseId })),
  ],
  apiKeys: list('apiKeys', '{ edges { cursor node { id name prefix } } }'),
  auditEvents: [
    ...list('auditEvents', '{ edges { cursor node { id subjectId apiKeyId requestId detail } } }', {
      apiKeyId: 'ApiKey',
    }),
    probe('OWN', '{ auditEvents(action: "case.run") { edges { node { subjectId } } } }'),
  ],
  tenants: [probe('PLATFORM', '{ tenants { edges { node { id slug name } } } }')],
  operatorKeys: [probe('PLATFORM', '{ operatorKeys { edges { node { id name } } } }')],
  createOperatorKey: [mutation('PLATFORM', 'createOperatorKey', 'apiKey { id }', () => ({ name: 'one more' }))],
  revokeOperatorKey: [
    mutation('PLATFORM', 'revokeOperatorKey', 'apiKey { name }', ({ operatorKeyId }) => ({ apiKeyId: operatorKeyId })),
  ],
  issueOwnerKey: [
    mutation('PLATFORM', 'issueOwnerKey', 'tenant { id }', ({ ids }) => ({ tenantId: ids.Tenant, reason: 'Lost.' })),
  ],
  platformAuditEvents: [
    probe('PLATFORM', '{ platformAuditEvents { edges { cursor node { action subjectId apiKeyId detail } } } }'),
  ],
  onboardTenant: [
    mutation('PLATFORM', 'onboardTenant', 'tenant { id }', () => ({
      ...{ name: 'Newcomer', slug: 'newcomer', adminEmail: 'new@example.org', plan: 'TRIAL', idempotencyKey: 'new' },
    })),
  ],

  // data
  dataset: [
    byId('dataset', 'Dataset'),
    probe(
      'REFUSED',
      `query ($id: ID!) { dataset(id: $id) { name latestUpload { id state } uploads ${PAGE} versions { edges { node { id } } } } }`,
      ({ ids }) => ({ id: ids.Dataset }),
    ),
  ],
  datasets: list('datasets', '{ edges { cursor node { id name latestUpload { id } currentVersion { id } } } }'),
  datasetVersion: [
    byId('datasetVersion', 'DatasetVersion'),
    probe(
      'REFUSED',
      'query ($id: ID!) { datasetVersion(id: $id) { upload { id source { id } } preview { rows } sample { rows } } }',
      ({ ids }) => ({
        id: ids.DatasetVersion,
      }),
    ),
  ],
  ...streams('datasetEvent', 'Dataset'),
  createDataset: [retried('createDataset', 'dataset { id } upload { id }')],
  createUpload: [
    refused('createUpload', 'dataset { id } upload { id }', ({ inputs }) => inputs.createUpload),
    refused('createUpload', 'dataset { id } upload { id }', ({ ids }) => ({ datasetId: ids.Dataset })),
    retried('createUpload', 'dataset { id } upload { id }'),
  ],
  reingest: [
    refused('reingest', 'dataset { id } upload { id }', ({ inputs }) => inputs.reingest),
    refused('reingest', 'dataset { id } upload { id }', ({ inputs, uploadId }) => ({ ...inputs.reingest, uploadId })),
    retried('reingest', 'dataset { id } upload { id source { id } }'),
  ],

  // models trained elsewhere
  pretrainedModel: [byId('pretrainedModel', 'PretrainedModel')],
  pretrainedModels: list('pretrainedModels', '{ edges { cursor node { id name layers { name } } } }'),
  createPretrainedModel: [retried('createPretrainedModel', 'pretrainedModel { id } upload { id }')],

  // pipelines
  pipeline: [byId('pipeline', 'Pipeline')],
  pipelines: list('pipelines', '{ edges { cursor node { id name currentVersion { id } } } }'),
  pipelineVersion: [byId('pipelineVersion', 'PipelineVersion')],
  stepKinds: [probe('SHARED', '{ stepKinds { kind title description parameterSchema } }')],
  families: [probe('SHARED', '{ families { name title parameterSchema } }')],
  recommendModels: [probe('REFUSED', RECOMMEND, ({ ids }) => ({ datasetVersionId: ids.DatasetVersion }))],
  createPipeline: [retried('createPipeline', 'pipeline { id }')],
  updatePipeline: [
    refused('updatePipeline', 'pipeline { id name }', ({ ids }, ours) => ({
      ...{ pipelineId: ids.Pipeline, name: `renamed by ${ours.word}`, steps: ours.inputs.createPipeline.steps },
    })),
  ],

  // training
  run: [byId('run', 'Run')],
  runs: [
    ...list('runs', '{ totalCount edges { cursor node { id name tags } } }', {
      ...{ pipelineId: 'Pipeline', pipelineVersionId: 'PipelineVersion' },
      datasetVersionId: 'DatasetVersion',
    }),
    probe(
      'OWN',
      `query ($datasetId: ID!) { all: runs ${PAGE} of: runs(filter: { datasetId: $datasetId }) ${PAGE} }`,
      ({ ids }) => ({ datasetId: ids.Dataset }),
    ),
    probe('OWN', '{ runs(state: SUCCEEDED) { edges { node { id } } } }'),
    probe(
      'OWN',
      '{ runs(last: 5, sort: { field: NAME }, filter: { states: [SUCCEEDED] }) { totalCount edges { node { id } } } }',
    ),
    probe('NOTHING', `query ($pipelineId: ID!) { runs(pipelineId: $pipelineId) ${PAGE} }`, ({ ids }) => ({
      pipelineId: ids.Pipeline,
    })),
  ],
  ...streams('runEvent', 'Run'),
  model: [byId('model', 'Model')],
  models: list('models', '{ edges { cursor node { id name } } }', { pipelineId: 'Pipeline' }),
  modelVersion: [byId('modelVersion', 'ModelVersion')],
  startRun: [
    refused('startRun', 'run { id }', ({ inputs }) => inputs.startRun),
    refused('startRun', 'run { id }', ({ ids }, ours) => ({ ...ours.inputs.startRun, pipelineId: ids.Pipeline })),
    refused('startRun', 'run { id }', ({ ids }, ours) => ({
      ...ours.inputs.startRun,
      datasetVersionId: ids.DatasetVersion,
    })),
    refused('startRun', 'run { id }', ({ ids }, { inputs: { startRun } }) => ({
      ...{ pipelineVersionId: ids.PipelineVersion, datasetVersionId: startRun.datasetVersionId },
      ...{ seed: startRun.seed, idempotencyKey: startRun.idempotencyKey },
    })),
    retried('startRun', 'run { id }'),
  ],
  cancelRun: [refused('cancelRun', 'run { id state }', ({ ids }) => ({ runId: ids.Run }))],
  pauseRun: [refusedUnderWay('pauseRun', ({ ids }) => ({ runId: ids.Run }))],
  resumeRun: [refusedUnderWay('resumeRun', ({ ids }) => ({ runId: ids.Run }))],
  updateRun: [refusedUnderWay('updateRun', ({ ids }) => ({ runId: ids.Run, learningRate: 0.5 }))],

  // serving
  deployment: [
    byId('deployment', 'Deployment'),
    probe('REFUSED', 'query ($id: ID!) { deployment(id: $id) { id } }', ({ deployment }) => ({ id: deployment })),
    probe('REFUSED', 'query ($id: ID!) { deployment(id: $id) { id } }', ({ ids }) => ({ id: idOf(ids.Deployment) })),
    probe('OWN', '{ deployment(id: "predictive-maintenance") { id modelVersion { id } } }'),
  ],
  deployments: list('deployments', '{ edges { cursor node { id name modelVersion { id } } } }', {
    modelVersionId: 'ModelVersion',
  }),
  prediction: [byId('prediction', 'Prediction')],
  predictions: [
    probe('REFUSED', `query ($deploymentId: ID!) { predictions(deploymentId: $deploymentId) ${PAGE} }`, ({ ids }) => ({
      deploymentId: ids.Deployment,
    })),
    probe(
      'OWN',
      `query ($deploymentId: ID!, $after: String) { predictions(deploymentId: $deploymentId, after: $after) ${PAGE} }`,
      ({ cursors }, { ids }) => ({ deploymentId: ids.Deployment, after: cursors.predictions }),
    ),
    probe(
      'OWN',
      `query ($deploymentId: ID!, $before: String) { all: predictions(deploymentId: $deploymentId) ${PAGE}
        newer: predictions(deploymentId: $deploymentId, last: 5, before: $before) ${PAGE} }`,
      ({ cursors }, { ids }) => ({ deploymentId: ids.Deployment, before: cursors.predictions }),
    ),
    probe(
      'OWN',
      `query ($deploymentId: ID!, $modelVersionId: ID!) { all: predictions(deploymentId: $deploymentId) ${PAGE}
        of: predictions(deploymentId: $deploymentId, filter: { modelVersionId: $modelVersionId }) ${PAGE} }`,
      (theirs, { ids }) => ({ deploymentId: ids.Deployment, modelVersionId: theirs.ids.ModelVersion }),
    ),
  ],
  predict: [
    ...[
      (world: World) => world.deployment,
      (world: World) => world.ids.Deployment,
      (world: World) => idOf(world.ids.Deployment),
    ].map((named) =>
      refused('predict', PREDICTED, (theirs, ours) => ({ deployment: named(theirs), rows: sampleOf(ours) })),
    ),
    mutation('OWN', 'predict', PREDICTED, (_, ours) => ({
      deployment: 'predictive-maintenance',
      rows: sampleOf(ours),
    })),
  ],
  deployModel: [
    refused('deployModel', 'deployment { id }', ({ inputs }) => inputs.deployModel),
    refused('deployModel', 'deployment { id }', ({ ids }, ours) => ({
      name: ours.deployment,
      modelVersionId: ids.ModelVersion,
    })),
    retried('deployModel', 'deployment { id }'),
    mutation('OWN', 'deployModel', 'deployment { id }', (theirs, { ids }) => ({
      ...{ name: theirs.deployment, modelVersionId: ids.ModelVersion },
    })),
  ],
  updateDeployment: [
    refused('updateDeployment', 'deployment { id }', ({ ids }) => ({
      deploymentId: ids.Deployment,
      recordFraction: 0,
    })),
  ],

  // cases
  caseById: [probe('SHARED', 'query ($id: ID!) { caseById(id: $id) { id slug } }', ({ caseId }) => ({ id: caseId }))],
  caseBySlug: [probe('SHARED', '{ caseBySlug(slug: "predictive-maintenance") { id slug } }')],
  case: [probe('SHARED', '{ case(id: "predictive-maintenance") { id slug } }')],
  cases: [probe('SHARED', '{ cases { edges { cursor node { id slug } } } }')],
  caseRun: [byId('caseRun', 'CaseRun')],
  caseRuns: [
    ...list('caseRuns', '{ edges { cursor node { id run { id } deployment { id } prediction { id } } } }'),
    probe('OWN', '{ caseRuns(caseId: "predictive-maintenance") { edges { node { id } } } }'),
  ],
  ...streams('caseRunEvent', 'CaseRun'),
  runCase: [retried('runCase', 'caseRun { id }')],

  // endings
  createApiKey: [
    mutation('OWN', 'createApiKey', 'apiKey { id }', (_, { word }) => ({ name: `${word} key`, role: 'VIEWER' })),
  ],
  retireDeployment: [
    refused('retireDeployment', 'deployment { id state }', ({ ids }) => ({ deploymentId: ids.Deployment })),
  ],
  deletePretrainedModel: [
    refused('deletePretrainedModel', 'id', ({ ids: { PretrainedModel: id } }) => ({ id, pretrainedModelId: id })),
  ],
  deleteModelVersion: [
    {
      ...refused('deleteModelVersion', 'id', ({ ids: { ModelVersion: modelVersionId } }) => ({ modelVersionId })),
      ownerCode: 'CONFLICT',
    },
  ],
  deleteDataset: [refused('deleteDataset', 'id', ({ spareDatasetId: id }) => ({ id, datasetId: id }))],
  revokeApiKey: [refused('revokeApiKey', 'apiKey { id }', ({ spareKeyId: id }) => ({ id, apiKeyId: id }))],
};
