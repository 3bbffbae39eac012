import type { PraxisClient } from './client';
import { PraxisClientError } from './error';
import { CreateDatasetDocument, DatasetEventsDocument, DatasetProfileDocument } from './generated';
import type { CreateDatasetMutation, DatasetEventsSubscription, DatasetFormat, DatasetProfileQuery } from './generated';
import type { Connection } from './http';
import { put, type SendOptions, type UploadSource } from './upload';

export interface UploadOptions extends SendOptions {
  /** Name of the dataset; a path gives its file name when left out. */
  name?: string;
  /** A path gives it by its ending (csv, parquet, jsonl) when left out; else CSV. */
  format?: DatasetFormat;
  /** Makes a retry find the same dataset. */
  idempotencyKey?: string;
}

export type CreatedDataset = CreateDatasetMutation['createDataset']['dataset'];
export type DatasetEvent = DatasetEventsSubscription['datasetEvents'];
export type DatasetProfile = DatasetProfileQuery['dataset'];

export interface WaitOptions {
  onEvent?: (event: DatasetEvent) => void;
  signal?: AbortSignal;
}

export class Datasets {
  constructor(
    private readonly client: PraxisClient,
    private readonly connection: Connection,
  ) {}

  /** Creates a dataset and streams the source into it. Returns when the bytes are there; `ready` waits for the rest. */
  async upload(source: UploadSource, o: UploadOptions = {}): Promise<CreatedDataset> {
    const input = {
      name: o.name ?? nameOf(source),
      format: o.format ?? formatOf(source),
      idempotencyKey: o.idempotencyKey ?? crypto.randomUUID(),
    };
    const { createDataset } = await this.client.run(CreateDatasetDocument, { input });
    await put(this.connection, createDataset.upload.url, source, o);
    return createDataset.dataset;
  }
}

/** The last part of a path without its endings. */
function nameOf(source: UploadSource): string {
  const file = typeof source === 'string' ? source.split(/[\\/]/).pop()! : (source as { name?: string }).name;
  return file?.replace(/(\.\w{1,7}){1,2}$/, '') || 'Untitled';
}

function formatOf(source: UploadSource): DatasetFormat {
  const file = typeof source === 'string' ? source : ((source as { name?: string }).name ?? '');
  const ending = file.replace(/\.gz$/, '').split('.').pop()?.toLowerCase();
  if (ending === 'parquet') return 'PARQUET';
  return ending === 'jsonl' || ending === 'ndjson' ? 'JSONL' : 'CSV';
}
