import { PraxisError, type Role } from '../kernel';
import { ADMINISTRATORS, CALLERS, EVERYONE, PLATFORM, READERS, WORKERS } from './roles';

/**
 * The one table of who may call what: root field -> roles. A schema with a root field that is not here does not
 * build, so a new operation cannot be forgotten; the tests walk the table with a key of every role.
 */

export const PERMISSIONS: Readonly<Record<string, readonly Role[]>> = {
  // who and where
  me: EVERYONE,
  node: READERS,
  nodeById: READERS,
  nodes: READERS,
  tenant: READERS,
  tenants: PLATFORM,
  onboardTenant: PLATFORM,
  issueOwnerKey: PLATFORM,
  operatorKeys: PLATFORM,
  createOperatorKey: PLATFORM,
  revokeOperatorKey: PLATFORM,
  platformAuditEvents: PLATFORM,
  apiKeys: ADMINISTRATORS,
  createApiKey: ADMINISTRATORS,
  revokeApiKey: ADMINISTRATORS,
  auditEvents: ADMINISTRATORS,
  // data
  dataset: READERS,
  datasetById: READERS,
  datasets: READERS,
  datasetVersion: READERS,
  datasetVersionById: READERS,
  createDataset: WORKERS,
  createUpload: WORKERS,
  reingest: WORKERS,
  deleteDataset: ADMINISTRATORS,
  datasetEvents: READERS,
  datasetEventBatches: READERS,
  // models trained elsewhere
  pretrainedModel: READERS,
  pretrainedModelById: READERS,
  pretrainedModels: READERS,
  createPretrainedModel: WORKERS,
  deletePretrainedModel: ADMINISTRATORS,
  // pipelines
  pipeline: READERS,
  pipelineById: READERS,
  pipelines: READERS,
  pipelineVersion: READERS,
  pipelineVersionById: READERS,
  stepKinds: READERS,
  families: READERS,
  recommendModels: READERS,
  createPipeline: WORKERS,
  updatePipeline: WORKERS,
  // training
  run: READERS,
  runById: READERS,
  runs: READERS,
  startRun: WORKERS,
  cancelRun: WORKERS,
  pauseRun: WORKERS,
  resumeRun: WORKERS,
  updateRun: WORKERS,
  runEvents: READERS,
  runEventBatches: READERS,
  model: READERS,
  modelById: READERS,
  models: READERS,
  modelVersion: READERS,
  modelVersionById: READERS,
  deleteModelVersion: ADMINISTRATORS,
  // serving
  deployment: READERS,
  deploymentById: READERS,
  deploymentByName: READERS,
  deployments: READERS,
  deployModel: WORKERS,
  updateDeployment: WORKERS,
  retireDeployment: WORKERS,
  predict: CALLERS,
  prediction: READERS,
  predictionById: READERS,
  predictions: READERS,
  // lineage and cases
  lineage: READERS,
  case: READERS,
  caseById: READERS,
  caseBySlug: READERS,
  cases: READERS,
  runCase: WORKERS,
  caseRun: READERS,
  caseRunById: READERS,
  caseRuns: READERS,
  caseRunEvents: READERS,
  caseRunEventBatches: READERS,
};

/** Throws unless the role may call the root field. A null role is a caller without a key. */
export function authorise(field: string, role: Role | null): void {
  const roles = PERMISSIONS[field];
  if (role && roles?.includes(role)) return;
  if (!role) throw new PraxisError('UNAUTHENTICATED', 'Send a valid api key as "Authorization: Bearer <key>".');
  if (role === 'OPERATOR' && roles) {
    throw new PraxisError('FORBIDDEN', `An operator key sees no tenant data and may not call "${field}".`);
  }
  throw new PraxisError(
    'FORBIDDEN',
    `A key with role ${role} may not call "${field}"; it takes ${(roles ?? []).join(', ')}.`,
  );
}
