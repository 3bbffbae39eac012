import { createReadStream } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { toJsonText, type Database, type TenantTx } from '../../db';
import { newId, type TenantContext } from '../../kernel';
import { linkLineage } from '../../lineage';
import { artifactKey, recordArtifact, recordFiles, type ArtifactRow, type ArtifactStore } from '../../storage';
import { toColumnProfile } from '../types/column.type';
import { DatasetVersion } from '../dataset-version.entity';
import { Dataset } from '../dataset.entity';
import { info, type Finding } from '../ingest/finding';
import type { Ingested } from '../ingest/ingest';
import { READER_VERSION } from '../ingest/reader-version';
import { Upload, UploadState } from '../upload/upload.entity';
import { forgetSentFiles } from '../upload/sent-file';
import { lockUpload, stateEvent } from '../upload/upload.store';

interface Ending {
  state: UploadState.READY | UploadState.REFUSED;
  findings: Finding[];
  version: { id: string; version: number; rowCount: number } | null;
}

const INSERT_VERSION = `
  INSERT INTO dataset_versions (tenant_id, id, dataset_id, version, parent_id, content_hash, row_count, byte_count,
    columns, findings, artifact_id, created_at, first_rows, sample_rows, reader_version, upload_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`;

/**
 * Ends ingestions. Each ending is one transaction: version, states, events, lineage and the job that follows, so nothing
 * half-ingested is ever visible and running the job again changes nothing.
 */
export class DatasetConclusion {
  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
  ) {}

  /** Makes the ingested table the dataset's next version, or finds that it equals the current one. */
  async accept(context: TenantContext, upload: Upload, done: Ingested): Promise<void> {
    const id = newId();
    const key = artifactKey(context.tenantId, 'PARQUET', id);
    const kept = await recordFiles(this.artifacts, async (keys) => {
      keys.push(key);
      const written = await this.artifacts.write(key, createReadStream(done.parquetPath));
      return this.record(context, upload, { done, artifact: { id, kind: 'PARQUET', key, ...written } });
    });
    if (!kept) await this.artifacts.delete(key);
  }

  /** False when the file is not needed: the upload has ended already, or nothing has changed. */
  private record(
    context: TenantContext,
    upload: Upload,
    { done, artifact }: { done: Ingested; artifact: ArtifactRow },
  ): Promise<boolean> {
    return this.database.inTenant(context, async (tx) => {
      const open = await lockUpload(tx, upload.id);
      if (open.state !== UploadState.INGESTING) return false;
      const { current, last } = await lockVersions(tx, upload.datasetId);
      const same = current && isSame(current, done) ? current : null;
      const version = same ?? (await this.insert(tx, open, done, { artifact, parent: current, number: last + 1 }));
      const findings = same ? [...done.findings, unchanged(same.version)] : done.findings;
      await this.end(tx, open, { state: UploadState.READY, findings, version });
      return !same;
    });
  }

  async refuse(context: TenantContext, upload: Upload, findings: Finding[]): Promise<void> {
    await this.database.inTenant(context, async (tx) => {
      const open = await lockUpload(tx, upload.id);
      if (open.state !== UploadState.INGESTING) return;
      await this.end(tx, open, { state: UploadState.REFUSED, findings, version: null });
    });
  }

  /** Removes the file as it was sent where it is kept no longer; called once a reading of it has ended. */
  async forgetFile(context: TenantContext, { id, sourceId }: Upload): Promise<void> {
    const keys = await this.database.inTenant(context, (tx) => forgetSentFiles(tx, sourceId ?? id));
    for (const key of keys) await this.artifacts.delete(key);
  }

  private async insert(
    tx: TenantTx,
    { id: uploadId, datasetId, sourceId }: Upload,
    done: Ingested,
    { artifact, parent, number }: { artifact: ArtifactRow; parent: DatasetVersion | null; number: number },
  ): Promise<Ending['version']> {
    const id = newId();
    const earlier = new Set([...(parent ? [parent.id] : []), ...(await versionsOf(tx, sourceId))]);
    await recordArtifact(tx, artifact);
    await tx.query(INSERT_VERSION, [
      ...[tx.tenantId, id, datasetId, number, parent?.id ?? null, done.contentHash, done.rowCount, artifact.byteCount],
      ...[toJsonText(done.columns.map(toColumnProfile)), toJsonText(done.findings), artifact.id, new Date()],
      ...[toJsonText(done.firstRows), toJsonText(done.sampleRows), READER_VERSION, uploadId],
    ]);
    await tx.repo(Dataset).update({ id: datasetId }, { currentVersionId: id });
    const to = { toKind: 'DatasetVersion', toId: id } as const;
    await linkLineage(tx, [
      { fromKind: 'Dataset', fromId: datasetId, ...to },
      ...[...earlier].map((fromId) => ({ fromKind: 'DatasetVersion', fromId, ...to }) as const),
    ]);
    await tx.audit('dataset.version', datasetId, { version: number, rowCount: done.rowCount });
    return { id, version: number, rowCount: done.rowCount };
  }

  private async end(tx: TenantTx, upload: Upload, { state, findings, version }: Ending): Promise<void> {
    await tx.query('UPDATE uploads SET state = $2, version_id = $3, findings = $4 WHERE id = $1', [
      upload.id,
      state,
      version?.id ?? null,
      toJsonText(findings),
    ]);
    if (upload.continuation) await tx.enqueueContinuation(upload.continuation);
    const ready = version && { versionId: version.id };
    await tx.appendEvents(upload.datasetId, [
      ...findings.map((payload) => ({ kind: 'finding', payload })),
      ...(ready ? [{ kind: 'version', payload: ready }] : []),
      stateEvent(upload.id, state),
    ]);
  }
}

/**
 * The findings and the profile are of the reader, so the same content read by a newer one is another version. So is the same
 * content in another format: a model takes cells as its version has them.
 */
const isSame = (current: DatasetVersion, done: Ingested): boolean =>
  current.contentHash.equals(done.contentHash) &&
  current.readerVersion === READER_VERSION &&
  done.columns.every(({ type, format }, at) => {
    const { type: currentType, cellFormat = null } = current.columns[at];
    // A category is a text with few values, so the content alone does not tell them apart.
    return type === currentType && isDeepStrictEqual(cellFormat, format);
  });

/** The versions that were read from the file of an upload before. */
async function versionsOf(tx: TenantTx, sourceId: string | null): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT v.id FROM dataset_versions v JOIN uploads u ON (u.tenant_id, u.id) = (v.tenant_id, v.upload_id)
     WHERE $1 IN (u.id, u.source_id)`,
    [sourceId],
  );
  return rows.map(({ id }) => id);
}

/** Holds the dataset, so that two uploads that end at the same time get numbers one after the other. */
async function lockVersions(
  tx: TenantTx,
  datasetId: string,
): Promise<{ current: DatasetVersion | null; last: number }> {
  const where = { id: datasetId };
  const { currentVersionId } = await tx.repo(Dataset).findOneOrFail({ where, lock: { mode: 'pessimistic_write' } });
  const current = currentVersionId ? await tx.repo(DatasetVersion).findOneBy({ id: currentVersionId }) : null;
  const [{ last }] = await tx.query<{ last: number | null }>(
    'SELECT max(version)::int AS last FROM dataset_versions WHERE dataset_id = $1',
    [datasetId],
  );
  return { current, last: last ?? 0 };
}

const unchanged = (version: number): Finding =>
  info('UNCHANGED', {
    message: `The content equals version ${version}, so no new version was made.`,
    fix: 'Nothing to do. If a change was expected, check that the right file was sent.',
  });
