import { PraxisError, type Role } from '../kernel';
import { ADMINISTRATORS, CALLERS, EVERYONE, PLATFORM, READERS } from './roles';

/**
 * The one table of who may read what, however it is reached: object type -> roles. An entry of a field takes the place of
 * that of the type it returns. A schema with an object type that is not here does not build.
 */

/** What keys and the audit trail hold; an operator sees those of the platform. */
const KEEPERS: readonly Role[] = [...ADMINISTRATORS, ...PLATFORM];
/** Every key of a tenant. */
const MEMBERS: readonly Role[] = [...new Set([...READERS, ...CALLERS])];

const listsOf = (...types: string[]): string[] => types.flatMap((type) => [`${type}Connection`, `${type}Edge`]);

const TYPES: readonly [readonly Role[], readonly string[]][] = [
  [EVERYONE, ['Viewer', 'Viewer.apiKey', 'Tenant', 'PageInfo']],
  [PLATFORM, ['TenantSummary', ...listsOf('TenantSummary'), 'OnboardTenantPayload', 'IssueOwnerKeyPayload']],
  [KEEPERS, ['ApiKey', ...listsOf('ApiKey'), 'AuditEvent', ...listsOf('AuditEvent'), 'IssuedApiKey']],
  [KEEPERS, ['CreateApiKeyPayload', 'RevokeApiKeyPayload']],
  // What `predict` answers, with the model version that answered. Not what it was made of: its run, its inputs and their
  // statistics, its evaluation.
  [MEMBERS, ['PredictPayload', 'PredictedRow', 'TargetPrediction', 'Score', 'RowNotes', 'InputNote']],
  [MEMBERS, ['Explanation', 'Contribution']],
  [MEMBERS, ['Deployment', 'Model', 'ModelVersion', 'ModelCard', 'ModelTarget']],
  // data
  [READERS, ['Dataset', 'DatasetVersion', ...listsOf('Dataset', 'DatasetVersion'), 'DatasetPreview', 'DatasetSample']],
  [READERS, ['ColumnProfile', 'Histogram', 'Quantiles', 'TopValue', 'DatasetFinding', 'FindingReading']],
  [READERS, ['Upload', ...listsOf('Upload'), 'UploadAddress', 'UploadColumn', 'ReingestPayload']],
  [READERS, ['DatasetEvent', 'DatasetEventBatch', 'DatasetStateChanged', 'DatasetVersionReady', 'IngestProgress']],
  [READERS, ['DatasetUploadPayload', 'DeleteDatasetPayload']],
  [READERS, ['PretrainedModel', ...listsOf('PretrainedModel'), 'PretrainedLayer']],
  [READERS, ['PretrainedModelUploadPayload', 'DeletePretrainedModelPayload']],
  // pipelines
  [READERS, ['Pipeline', 'PipelineVersion', ...listsOf('Pipeline', 'PipelineVersion'), 'PipelineStep', 'StepEdge']],
  [READERS, ['StepKindInfo', 'Family', 'ModelRecommendation', 'Estimate']],
  [READERS, ['CreatePipelinePayload', 'UpdatePipelinePayload']],
  // training
  [
    READERS,
    ['Run', ...listsOf('Run'), 'RunCost', 'RunError', 'RunExecutor', 'SplitCounts', 'StepRows', 'LeaderboardEntry'],
  ],
  [
    READERS,
    ['RunEvent', 'RunEventBatch', 'LogLine', 'MetricPoint', 'RunProgress', 'RunStateChanged', 'RunControlRequested'],
  ],
  [
    READERS,
    ['Metric', 'MetricHistory', 'MetricHistoryPoint', 'MetricSeries', 'Evaluation', 'GroupScores', 'ConfusionMatrix'],
  ],
  [
    READERS,
    ['RocCurve', 'PrecisionRecallCurve', 'CalibrationCurve', 'MetricBaseline', 'UndefinedMetric', 'ModelWarning'],
  ],
  [READERS, ['Importances', 'ColumnImportance', 'PermutationImportance', 'RankedGroups']],
  [READERS, ['StartRunPayload', 'CancelRunPayload', 'PauseRunPayload', 'ResumeRunPayload', 'UpdateRunPayload']],
  [
    READERS,
    [
      ...listsOf('Model', 'ModelVersion'),
      'ModelInput',
      'ModelHistory',
      'ModelHistoryStep',
      'ModelDecision',
      'ModelCalibration',
      'ModelFolds',
      'ErrorCosts',
      'RareLevels',
      'ModelVocabulary',
      'LeftOutColumn',
    ],
  ],
  [READERS, ['ModelVariant', 'VariantDifference', 'VariantLatency', 'VariantMetric', 'ModelAsset']],
  [READERS, ['DecisionTree', 'TreeRule']],
  [READERS, ['DeleteModelVersionPayload']],
  // serving
  [READERS, [...listsOf('Deployment'), 'DeploymentPayload', 'Prediction', ...listsOf('Prediction')]],
  // lineage and cases
  [READERS, ['Lineage', 'LineageNode', 'LineageEdge']],
  [READERS, ['Case', ...listsOf('Case'), 'CaseAlternative', 'CaseCheck', 'CaseColumn', 'CaseData', 'CaseDocument']],
  [READERS, ['CaseComparison']],
  [READERS, ['CaseExpectation', 'CaseImplementationStep', 'CaseMetricReason', 'CaseOperations', 'CaseReference']],
  [READERS, ['CaseTechnique', 'CaseRun', ...listsOf('CaseRun'), 'CaseRunError', 'CaseRunEvent', 'CaseRunEventBatch']],
  [READERS, ['RunCasePayload']],
];

export const TYPE_PERMISSIONS: Readonly<Record<string, readonly Role[]>> = Object.fromEntries(
  TYPES.flatMap(([roles, names]) => names.map((name) => [name, roles])),
);

/** Throws unless the role may read objects of the type. A null role is a caller without a key. */
export function authoriseType(type: string, roles: readonly Role[], role: Role | null): void {
  if (role && roles.includes(role)) return;
  if (!role) throw new PraxisError('UNAUTHENTICATED', 'Send a valid api key as "Authorization: Bearer <key>".');
  throw new PraxisError('FORBIDDEN', `A key with role ${role} may not read ${type}; it takes ${roles.join(', ')}.`);
}
