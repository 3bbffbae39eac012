// Datasets owns tables of a tenant: uploads over HTTP, their ingestion into typed and profiled immutable versions with
// findings, and reading them back as typed arrays for training. The only user of DuckDB.
export type { ColumnProfile } from './types/column.type';
export { DatasetConclusion } from './jobs/dataset.conclusion';
export { DatasetEventResolver } from './dataset-event.resolver';
export { DatasetVersion } from './dataset-version.entity';
export { Dataset } from './dataset.entity';
export { versionsOfDataset } from './dataset.list';
export { datasetRoute } from './tables/dataset.route';
export { DatasetResolver, DatasetVersionResolver, UploadResolver } from './dataset.resolver';
export { DatasetService, type DatasetOptions, type DatasetDependencies, type DatasetUpload } from './dataset.service';
export { DatasetTask, type IngestLimits } from './jobs/dataset.task';
export { DatasetFinding, FindingCodeEnum } from './types/finding.type';
export type { DatasetFormat } from './ingest/files/file-kind';
export { forgetSentFiles } from './upload/sent-file';
export { Upload, UploadState } from './upload/upload.entity';
export { createDatasets } from './datasets.feature';
