// Storage owns the bytes: uploads, Parquet files, models, checkpoints, as files or in an S3-compatible bucket.
// The rows that name them are written by the features, in their own transactions, with `recordArtifact`; bytes that no row
// names are swept.
export * from './artifact.row';
export {
  ARTIFACT_KINDS,
  artifactKey,
  StorageFull,
  type ArtifactKind,
  type ArtifactStore,
  type BytePart,
  type StoredArtifact,
  type WriteOptions,
  type WrittenArtifact,
} from './artifact.store';
export { registerDiskMetrics } from './disk.metrics';
export { ArtifactSweep, type SweepDependencies } from './artifact.sweep';
export { FileArtifactStore } from './file-artifact.store';
export { openArtifactStore, type StorageSettings } from './open';
export { recordFiles } from './record-files';
export { Scratch } from './scratch';
export { S3ArtifactStore, type S3Options } from './s3-artifact.store';
