import type { LineageKinds } from '../lineage';

export const datasetLineage: LineageKinds = {
  Dataset: {
    labels: 'SELECT id, name AS label, created_at FROM datasets',
    parts: {
      DatasetVersion: 'SELECT id FROM dataset_versions WHERE dataset_id = ANY($1)',
      Upload: 'SELECT id FROM uploads WHERE dataset_id = ANY($1)',
    },
  },
  DatasetVersion: {
    labels: `SELECT v.id, d.name || ' v' || v.version AS label, v.created_at
      FROM dataset_versions v JOIN datasets d ON (d.tenant_id, d.id) = (v.tenant_id, v.dataset_id)`,
  },
};
