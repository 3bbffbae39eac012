import type { LineageKinds } from '../lineage';

export const deploymentLineage: LineageKinds = {
  Deployment: {
    labels: `SELECT id, name || CASE precision WHEN 'float32' THEN '' ELSE ' (' || precision || ')' END AS label, created_at
      FROM deployments`,
    linkedFrom: ['ModelVersion'],
  },
};
