/** What TypeORM maps: the rows of features. */
import { ApiKey } from './access';
import { Case, CaseRun } from './cases';
import { Dataset, DatasetVersion, Upload } from './datasets';
import { Deployment } from './deployments';
import { Model, ModelAsset, ModelVariant, ModelVersion } from './models';
import { Pipeline, PipelineVersion } from './pipelines';
import { PretrainedModel } from './pretrained';
import { Run } from './runs';
import { Tenant } from './tenants';

export const ENTITIES = [
  ...[ApiKey, Tenant, Case, CaseRun, Dataset, DatasetVersion, Upload, Pipeline, PipelineVersion],
  ...[Run, Model, ModelVersion, ModelVariant, ModelAsset, PretrainedModel, Deployment],
];
