import type { TenantTx } from '../db';
import { shown } from '../formats';
import { PraxisError, toGlobalId } from '../kernel';
import type { LineageService } from '../lineage';
import { forgetArtifacts } from '../storage';

interface Version {
  model_id: string;
  version: number;
  name: string;
}

/** Whoever adds a version to the model, or deletes one, waits. */
const FIND = `
  SELECT v.model_id, v.version, m.name FROM models m
  JOIN model_versions v ON (v.tenant_id, v.model_id) = (m.tenant_id, m.id)
  WHERE v.id = $1 FOR UPDATE OF m`;

const ARTIFACTS = `
  SELECT artifact_id FROM model_variants WHERE model_version_id = $1
  UNION ALL SELECT artifact_id FROM model_assets WHERE model_version_id = $1`;

/**
 * Removes a model version with its files in all precisions, its assets and its lineage. Returns the keys of the bytes to
 * delete after the commit. NOT_FOUND; CONFLICT, naming them, where deployments lead or led to it.
 */
export async function deleteModelVersion(tx: TenantTx, lineage: LineageService, id: string): Promise<string[]> {
  const [found] = await tx.query<Version>(FIND, [id]);
  if (!found) throw PraxisError.notFound('ModelVersion', toGlobalId('ModelVersion', id));
  const { model_id: modelId, version, name } = found;
  await lineage.forget(tx, { kind: 'ModelVersion', id }, `The model version ${shown(`${name} v${version}`)}`);
  const artifacts = await tx.query<{ artifact_id: string }>(ARTIFACTS, [id]);
  await tx.query('UPDATE models SET deleted_version = greatest(deleted_version, $2) WHERE id = $1', [modelId, version]);
  // Refused by its foreign key where somebody has deployed it meanwhile.
  await tx.query('DELETE FROM model_versions WHERE id = $1', [id]);
  await tx.audit('modelVersion.delete', id, { name, version });
  return forgetArtifacts(
    tx,
    artifacts.map((row) => row.artifact_id),
  );
}
