import type { LineageKinds } from '../lineage';

export const runLineage: LineageKinds = {
  Run: {
    labels: `SELECT r.id, p.name || ' (' || lower(r.state) || ')' AS label, r.created_at FROM runs r
      JOIN pipeline_versions v ON (v.tenant_id, v.id) = (r.tenant_id, r.pipeline_version_id)
      JOIN pipelines p ON (p.tenant_id, p.id) = (v.tenant_id, v.pipeline_id)`,
    madeFrom: {
      DatasetVersion: 'SELECT id, created_at FROM runs WHERE dataset_version_id = ANY($1)',
      PretrainedModel: 'SELECT id, created_at FROM runs WHERE pretrained_model_id = ANY($1)',
    },
  },
};
