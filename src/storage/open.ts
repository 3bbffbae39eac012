import { join } from 'node:path';
import type { ArtifactStore } from './artifact.store';
import { FileArtifactStore } from './file-artifact.store';
import { S3ArtifactStore, type S3Options } from './s3-artifact.store';

export interface StorageSettings {
  s3: Omit<S3Options, 'cacheRoot'> | null;
  dataDir: string;
}

/** The store of an installation: a bucket, or a folder of the data directory. */
export async function openArtifactStore({ s3, dataDir }: StorageSettings): Promise<ArtifactStore> {
  const store = s3
    ? new S3ArtifactStore({ ...s3, cacheRoot: join(dataDir, 'artifact-cache') })
    : new FileArtifactStore(join(dataDir, 'artifacts'));
  await store.prepare();
  return store;
}
