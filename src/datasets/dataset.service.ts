import DataLoader from 'dataloader';
import type { Readable } from 'node:stream';
import { In } from 'typeorm';
import { EntityLoader, EventFeed } from '../db';
import type { Continuation, Database, EventLog, Showing, TenantTx } from '../db';
import type { DownloadFile } from '../downloads';
import type { Table, TableSource } from '../engine';
import { loaderOf, newId, PraxisError, tenantOf } from '../kernel';
import type { GraphContext, Page, PageArgs, TenantContext } from '../kernel';
import type { LineageService } from '../lineage';
import { findArtifactKey, type ArtifactStore } from '../storage';
import type { ReceivedFile, UploadAddress } from '../uploads';
import { deleteDataset } from './dataset.deletion';
import { DatasetDownloads } from './tables/dataset.download';
import type { DatasetDownloadFormat } from './types/dataset-download.type';
import { type DatasetPreview, previewOf } from './types/dataset-preview.type';
import { type DatasetSample, drawSample } from './types/dataset-sample.type';
import { DatasetVersion } from './dataset-version.entity';
import { Dataset } from './dataset.entity';
import { datasetList, datasetVersionList, uploadList, type DatasetListArgs } from './dataset.list';
import type { DatasetFormat } from './ingest/files/file-kind';
import type { Cell, NumberedRow } from './ingest/profile/preview';
import type { StatedColumn } from './ingest/columns/stated';
import { readParquetTable } from './ingest/table';
import { ParquetSource } from './tables/table-source';
import { Upload } from './upload/upload.entity';
import { readAgain, type ReadingRequest } from './upload/reading';
import { UploadService } from './upload/upload.service';
import { insertUpload, issueAddress } from './upload/upload.store';
import { shown } from '../formats';

export interface DatasetDependencies {
  database: Database;
  artifacts: ArtifactStore;
  events: EventLog;
  lineage: LineageService;
}

export interface DatasetOptions {
  uploadBytesMax: number;
  /** How long the file of an upload is kept, from when it came in. */
  uploadKeepDays: number;
}

export interface CreateDatasetRequest {
  name: string;
  format: DatasetFormat;
  /** What is said of columns of the file. */
  columns?: StatedColumn[] | null;
  idempotencyKey?: string | null;
}

export interface CreateUploadRequest {
  datasetId: string;
  columns?: StatedColumn[] | null;
  idempotencyKey?: string | null;
}

export interface DatasetUpload {
  dataset: Dataset;
  upload: UploadAddress;
}

export class DatasetService {
  readonly byId: EntityLoader<Dataset>;
  readonly versionById: EntityLoader<DatasetVersion>;
  readonly uploadById: EntityLoader<Upload>;
  private readonly uploads: UploadService;
  private readonly downloads: DatasetDownloads;

  constructor(
    private readonly dependencies: DatasetDependencies,
    options: DatasetOptions,
  ) {
    this.byId = new EntityLoader(dependencies.database, Dataset, 'Dataset');
    this.versionById = new EntityLoader(dependencies.database, DatasetVersion, 'DatasetVersion');
    this.uploadById = new EntityLoader(dependencies.database, Upload, 'Upload');
    this.downloads = new DatasetDownloads(dependencies.artifacts);
    this.uploads = new UploadService(dependencies.database, dependencies.artifacts, options);
  }

  /** A dataset and the address for its first file. The continuation is enqueued when that file is READY or REFUSED. */
  async create(
    context: TenantContext,
    { idempotencyKey: key, ...request }: CreateDatasetRequest,
    continuation: Continuation | null = null,
  ): Promise<DatasetUpload> {
    return this.dependencies.database.inTenant(context, async (tx) => {
      const uploadId = await tx.idempotent({ operation: 'createDataset', key, request }, async () => {
        const { id } = await insertDataset(tx, request);
        return insertUpload(tx, { datasetId: id, columns: request.columns, continuation });
      });
      return this.address(tx, uploadId);
    });
  }

  /** The address for a new version. NOT_FOUND when the tenant has no such dataset. */
  async createUpload(
    context: TenantContext,
    { idempotencyKey: key, ...request }: CreateUploadRequest,
    continuation: Continuation | null = null,
  ): Promise<DatasetUpload> {
    return this.dependencies.database.inTenant(context, async (tx) => {
      const { datasetId, columns } = request;
      if (!(await tx.repo(Dataset).existsBy({ id: datasetId }))) throw PraxisError.notFound('Dataset', datasetId);
      const create = async () => {
        const id = await insertUpload(tx, { datasetId, columns, continuation });
        await tx.audit('dataset.upload', datasetId, { uploadId: id });
        return id;
      };
      const uploadId = await tx.idempotent({ operation: 'createUpload', key, request }, create);
      return this.address(tx, uploadId);
    });
  }

  /** Begins another reading of a file that is kept; see upload/reading.ts for what it throws. */
  async reingest(
    context: TenantContext,
    { idempotencyKey: key, ...request }: ReadingRequest & { idempotencyKey?: string | null },
  ): Promise<{ dataset: Dataset; upload: Upload }> {
    return this.dependencies.database.inTenant(context, async (tx) => {
      const isThere = await tx.repo(Upload).existsBy({ id: request.uploadId });
      if (!isThere) throw PraxisError.notFound('Upload', request.uploadId);
      const begin = () => readAgain(tx, request, context.requestId);
      const id = await tx.idempotent({ operation: 'reingest', key, request }, begin);
      const upload = await tx.repo(Upload).findOneByOrFail({ id });
      return { upload, dataset: await tx.repo(Dataset).findOneByOrFail({ id: upload.datasetId }) };
    });
  }

  /** For good, with its files; see dataset.deletion.ts for what it throws. */
  async delete(context: TenantContext, id: string): Promise<void> {
    const keys = await this.dependencies.database.inTenant(context, (tx) =>
      deleteDataset(tx, this.dependencies.lineage, id),
    );
    // The rows are gone; bytes that stay behind are swept.
    await Promise.allSettled(keys.map((key) => this.dependencies.artifacts.delete(key)));
  }

  /** The same way as an upload over HTTP, for bytes that are here already. */
  async ingestBytes(
    context: TenantContext,
    { bytes, ...request }: { name: string; format: DatasetFormat; bytes: Uint8Array | Readable },
    continuation: Continuation | null = null,
  ): Promise<{ dataset: Dataset; uploadId: string }> {
    const { dataset, upload } = await this.create(context, request, continuation);
    const token = upload.path.slice(upload.path.indexOf('token=') + 'token='.length);
    await this.uploads.receive(upload.id, token, bytes);
    return { dataset, uploadId: upload.id };
  }

  /** Takes the file of an upload; see UploadService.receive. */
  async receive(uploadId: string, token: string, source: Readable, contentLength?: number): Promise<ReceivedFile> {
    const received = await this.uploads.receive(uploadId, token, source, contentLength);
    return { status: 202, body: { ...received, state: 'INGESTING' } };
  }

  async get(context: TenantContext, id: string): Promise<Dataset> {
    const dataset = await this.dependencies.database.inTenant(context, (tx) => tx.repo(Dataset).findOneBy({ id }));
    if (!dataset) throw PraxisError.notFound('Dataset', id);
    return dataset;
  }

  list(context: TenantContext, args: DatasetListArgs): Promise<Page<Dataset>> {
    return this.dependencies.database.list(context, datasetList, args);
  }

  async getVersion(context: TenantContext, id: string): Promise<DatasetVersion> {
    const version = await this.dependencies.database.inTenant(context, (tx) =>
      tx.repo(DatasetVersion).findOneBy({ id }),
    );
    if (!version) throw PraxisError.notFound('DatasetVersion', id);
    return version;
  }

  listVersions(context: TenantContext, datasetId: string, args: PageArgs): Promise<Page<DatasetVersion>> {
    return this.dependencies.database.list(context, datasetVersionList, args, { dataset_id: datasetId });
  }

  listUploads(context: TenantContext, datasetId: string, args: PageArgs): Promise<Page<Upload>> {
    return this.dependencies.database.list(context, uploadList, args, { dataset_id: datasetId });
  }

  /** Null for a version made before its first rows were kept; one query for all versions of an operation. */
  async preview(context: GraphContext, version: DatasetVersion, rowsMax: number): Promise<DatasetPreview | null> {
    const rows = await this.keptRows<Cell[]>(context, version.id, 'first_rows');
    return rows && previewOf(version.columns, rows.slice(0, rowsMax));
  }

  /** Null for a version made before samples were kept. */
  async sample(
    context: GraphContext,
    version: DatasetVersion,
    asked: { rows: number; seed: number },
  ): Promise<DatasetSample | null> {
    const kept = await this.keptRows<NumberedRow>(context, version.id, 'sample_rows');
    return kept && drawSample(version.columns, kept, asked);
  }

  /** Not among the columns of the entity, so that they are read where they are asked for only. */
  private keptRows<R>(context: GraphContext, id: string, column: 'first_rows' | 'sample_rows'): Promise<R[] | null> {
    const sql = `SELECT id, ${column} AS rows FROM dataset_versions WHERE id = ANY($1)`;
    const read = async (ids: readonly string[]): Promise<(R[] | null)[]> => {
      const found = await this.dependencies.database.inTenant(tenantOf(context), (tx) =>
        tx.query<{ id: string; rows: R[] | null }>(sql, [ids]),
      );
      const byVersion = new Map(found.map(({ id, rows }) => [id, rows]));
      return ids.map((id) => byVersion.get(id) ?? null);
    };
    return loaderOf(context, `dataset_versions.${column}`, () => new DataLoader(read)).load(id);
  }

  async getUpload(context: TenantContext, id: string): Promise<Upload> {
    const upload = await this.dependencies.database.inTenant(context, (tx) => tx.repo(Upload).findOneBy({ id }));
    if (!upload) throw PraxisError.notFound('Upload', id);
    return upload;
  }

  /** The newest upload of a dataset; one query for all datasets of an operation. */
  latestUpload(context: GraphContext, datasetId: string): Promise<Upload> {
    const read = async (ids: readonly string[]): Promise<(Upload | Error)[]> => {
      const found = await this.dependencies.database.inTenant(tenantOf(context), (tx) => latestUploads(tx, ids));
      const byDataset = new Map(found.map((upload) => [upload.datasetId, upload]));
      return ids.map((id) => byDataset.get(id) ?? PraxisError.notFound('Upload', id));
    };
    return loaderOf(context, this, () => new DataLoader(read)).load(datasetId);
  }

  /** The events after `after` and those to come, until the dataset is deleted. NOT_FOUND when the tenant has no such dataset. */
  async events<T>(context: TenantContext, id: string, after: number, showing: Showing<T>): Promise<EventFeed<T>> {
    await this.get(context, id);
    return new EventFeed(this.dependencies.events.subscribe(context, id, after, takesMore), showing);
  }

  /** The table of a version as a file. NOT_FOUND. */
  async getFile(context: TenantContext, versionId: string, format: DatasetDownloadFormat): Promise<DownloadFile> {
    return this.dependencies.database.inTenant(context, async (tx) => {
      const version = await this.getVersion(context, versionId);
      const { name } = await this.get(context, version.datasetId);
      const key = await findArtifactKey(tx, version.artifactId);
      return this.downloads.file(name, { version, key: key! }, format);
    });
  }

  /**
   * The table of a version as typed arrays, for `work` processes: DuckDB is loaded. Times are numbers (milliseconds since
   * 1970, UTC), booleans are categories `false` and `true`. VALIDATION_FAILED for a column that is not there.
   */
  async readTable(context: TenantContext, versionId: string, o: { columns?: string[] } = {}): Promise<Table> {
    const version = await this.getVersion(context, versionId);
    const columns = o.columns ? o.columns.map((name) => columnOf(version, name)) : version.columns;
    const key = await this.dependencies.database.inTenant(context, (tx) => findArtifactKey(tx, version.artifactId));
    return readParquetTable(await this.dependencies.artifacts.localPath(key!), columns);
  }

  /** As `readTable`, for a version that memory does not hold: its file is read as parts of it are asked for. */
  async openTable(context: TenantContext, versionId: string): Promise<TableSource> {
    const { artifactId, columns, rowCount } = await this.getVersion(context, versionId);
    const key = await this.dependencies.database.inTenant(context, (tx) => findArtifactKey(tx, artifactId));
    return new ParquetSource(await this.dependencies.artifacts.localPath(key!), columns, Number(rowCount));
  }

  private async address(tx: TenantTx, uploadId: string): Promise<DatasetUpload> {
    const upload = await issueAddress(tx, uploadId);
    const { datasetId } = await tx.repo(Upload).findOneByOrFail({ id: uploadId });
    return { dataset: await tx.repo(Dataset).findOneByOrFail({ id: datasetId }), upload };
  }
}

/** A dataset takes another file at any time. */
const takesMore = () => false;

async function insertDataset(tx: TenantTx, { name, format }: Omit<CreateDatasetRequest, 'idempotencyKey'>) {
  const dataset = { tenantId: tx.tenantId, id: newId(), name, format, currentVersionId: null, createdAt: new Date() };
  await tx.repo(Dataset).insert(dataset);
  await tx.audit('dataset.create', dataset.id, { name, format });
  return dataset;
}

async function latestUploads(tx: TenantTx, datasetIds: readonly string[]): Promise<Upload[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT DISTINCT ON (dataset_id) id FROM uploads WHERE dataset_id = ANY($1)
     ORDER BY dataset_id, created_at DESC, id`,
    [datasetIds],
  );
  return tx.repo(Upload).findBy({ id: In(rows.map((row) => row.id)) });
}

function columnOf(version: DatasetVersion, name: string) {
  const column = version.columns.find((candidate) => candidate.name === name);
  if (column) return column;
  throw PraxisError.invalid([{ path: 'columns', message: `the dataset version has no column ${shown(name)}` }]);
}
