import { randomBytes } from 'node:crypto';
import { newId } from '../../src/kernel';
import type { TestDatabase } from './database';

export interface RunRow {
  state?: string;
  name?: string;
  tags?: readonly string[];
}

export interface RunRows {
  datasetId: string;
  datasetVersionId: string;
  pipelineId: string;
  runIds: string[];
}

/** Runs of one pipeline with the rows that they stand on, written as the owner; ids are UUIDs. */
export async function addRuns(database: TestDatabase, tenantId: string, runs: RunRow[] = [{}]): Promise<RunRows> {
  const [datasetId, datasetVersionId, artifact, pipelineId, recipe] = Array.from({ length: 5 }, newId);
  const sql = (text: string, ...params: unknown[]) => database.ownerQuery(text, [tenantId, ...params]);
  const hash = randomBytes(32);
  await sql(`INSERT INTO artifacts VALUES ($1, $2, 'PARQUET', $3, 0, $4)`, artifact, artifact, hash);
  await sql(`INSERT INTO datasets (tenant_id, id, name, format) VALUES ($1, $2, 'd', 'CSV')`, datasetId);
  await sql(
    `INSERT INTO dataset_versions (tenant_id, id, dataset_id, version, content_hash, row_count, byte_count, columns, findings, artifact_id)
     VALUES ($1, $2, $3, 1, $4, 0, 0, '[]', '[]', $5)`,
    ...[datasetVersionId, datasetId, hash, artifact],
  );
  await sql(`INSERT INTO pipelines (tenant_id, id, name) VALUES ($1, $2, 'p')`, pipelineId);
  await sql(
    `INSERT INTO pipeline_versions (tenant_id, id, pipeline_id, version, steps, edges, content_hash) VALUES ($1, $2, $3, 1, '[]', '[]', $4)`,
    ...[recipe, pipelineId, hash],
  );
  const runIds = runs.map(newId);
  for (const [i, { state = 'SUCCEEDED', name = '', tags = [] }] of runs.entries()) {
    await sql(
      `INSERT INTO runs (tenant_id, id, pipeline_version_id, dataset_version_id, state, seed, name, tags)
       VALUES ($1, $2, $3, $4, $5, 1, $6, $7)`,
      ...[runIds[i], recipe, datasetVersionId, state, name, tags],
    );
  }
  return { datasetId, datasetVersionId, pipelineId, runIds };
}
