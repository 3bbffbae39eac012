import type { LineageKinds } from '../lineage';

export const modelLineage: LineageKinds = {
  Model: { labels: 'SELECT id, name AS label, created_at FROM models' },
  ModelVersion: {
    labels: `SELECT v.id, m.name || ' v' || v.version AS label, v.created_at
      FROM model_versions v JOIN models m ON (m.tenant_id, m.id) = (v.tenant_id, v.model_id)`,
    madeFrom: { Run: 'SELECT id, created_at FROM model_versions WHERE run_id = ANY($1)' },
  },
};
