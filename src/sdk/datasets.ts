import type { PraxisClient } from './client';
import { PraxisClientError } from './error';
import {
  CreateDatasetDocument,
  DatasetEventsDocument,
  DatasetVersionProfileDocument,
  ReingestDocument,
  type CreateDatasetMutation,
  type DatasetEventsSubscription,
  type DatasetFormat,
  type DatasetVersionProfileQuery,
  type FindingFragment,
  type ReingestMutation,
  type UploadColumnInput,
} from './generated';
import type { Connection } from './http';
import { put, streamOf, type SendOptions, type UploadSource } from './upload';

export interface UploadOptions extends SendOptions {
  /** Name of the dataset; a path or File gives its own when left out. */
  name?: string;
  /** A path or File gives it by its ending (csv, parquet, jsonl) when left out; else CSV. */
  format?: DatasetFormat;
  /** Types and formats of columns; those of the others are recognised. */
  columns?: UploadColumnInput[];
  /** Makes a retry find the same dataset. */
  idempotencyKey?: string;
}

export type CreatedDataset = CreateDatasetMutation['createDataset']['dataset'];
export type DatasetEvent = DatasetEventsSubscription['datasetEvents'];
export type DatasetVersion = DatasetVersionProfileQuery['datasetVersion'];

export type Reingestion = ReingestMutation['reingest'];

export interface ReadyOptions {
  /** Waits for the end of this upload, such as one that `reingest` has begun; left out: for the first version. */
  uploadId?: string;
  onEvent?: (event: DatasetEvent) => void;
  signal?: AbortSignal;
}

const ENDINGS = ['READY', 'REFUSED'];

export class Datasets {
  constructor(
    private readonly client: PraxisClient,
    private readonly connection: Connection,
  ) {}

  /** Creates a dataset and streams the source into it. Returns when the bytes are there; `ready` waits for the rest. */
  async upload(source: UploadSource, o: UploadOptions = {}): Promise<CreatedDataset> {
    // Opened before anything is made for it.
    const bytes = await streamOf(source);
    const file = fileName(source);
    const input = {
      name: o.name ?? (withoutEndings(file) || 'Untitled'),
      format: o.format ?? formatOf(file),
      columns: o.columns,
      idempotencyKey: o.idempotencyKey ?? crypto.randomUUID(),
    };
    const { createDataset } = await this.client.run(CreateDatasetDocument, { input });
    await put(this.connection, createDataset.upload.url, bytes, o);
    return createDataset.dataset;
  }

  /**
   * Follows the ingestion of a dataset's first file, or that of an upload, and returns the profiled version. Throws
   * VALIDATION_FAILED with one issue per finding when the file is refused.
   */
  async ready(datasetId: string, o: ReadyOptions = {}): Promise<DatasetVersion> {
    let findings: FindingFragment[] = [];
    let versionId = '';
    const events = this.client.subscribe(DatasetEventsDocument, { datasetId, after: 0 }, { signal: o.signal });
    for await (const { datasetEvents } of events) {
      o.onEvent?.(datasetEvents);
      const { event } = datasetEvents;
      if (event.__typename === 'DatasetFinding') findings.push(event);
      if (event.__typename === 'DatasetVersionReady') versionId = event.version.id;
      if (event.__typename !== 'DatasetStateChanged' || !ENDINGS.includes(event.state)) continue;
      // The findings and the version of an upload come right before its end.
      if (!o.uploadId || o.uploadId === event.uploadId) {
        if (event.state === 'REFUSED') throw refusal(findings);
        return this.version(versionId);
      }
      findings = [];
    }
    throw new PraxisClientError('UNREACHABLE', 'The events of the dataset ended before it was ready.');
  }

  /** Reads the file of an upload again, with the reader of today; `ready` with the new `uploadId` waits for the end. */
  async reingest(uploadId: string, o: Pick<UploadOptions, 'columns' | 'idempotencyKey'> = {}): Promise<Reingestion> {
    const input = { uploadId, columns: o.columns, idempotencyKey: o.idempotencyKey ?? crypto.randomUUID() };
    return (await this.client.run(ReingestDocument, { input })).reingest;
  }

  /** A version with its columns, profiles and findings. */
  async version(id: string): Promise<DatasetVersion> {
    return (await this.client.run(DatasetVersionProfileDocument, { id })).datasetVersion;
  }
}

function refusal(findings: FindingFragment[]): PraxisClientError {
  const errors = findings.filter(({ severity }) => severity === 'ERROR');
  const issues = errors.map(({ column, row, message, fix }) => {
    const place = [row === null ? '' : `row ${row}`, column === null ? '' : `column "${column}"`].filter(Boolean);
    return { path: place.join(', ') || 'file', message, hint: fix };
  });
  return new PraxisClientError(
    'VALIDATION_FAILED',
    `The file was refused: ${errors[0]?.message ?? 'no reason given'}`,
    {
      issues,
    },
  );
}

/** The last part of a path, or the name of a File. */
function fileName(source: UploadSource): string {
  if (typeof source === 'string') return source.split(/[\\/]/).pop()!;
  return (source as { name?: string }).name ?? '';
}

const withoutEndings = (file: string): string => file.replace(/(\.(csv|tsv|txt|parquet|jsonl|ndjson|json|gz))+$/i, '');

function formatOf(file: string): DatasetFormat {
  const ending = file.replace(/\.gz$/i, '').split('.').pop()?.toLowerCase();
  if (ending === 'parquet') return 'PARQUET';
  return ending === 'jsonl' || ending === 'ndjson' ? 'JSONL' : 'CSV';
}
