import type { LineageKinds } from '../lineage';

export const pipelineLineage: LineageKinds = {
  Pipeline: { labels: 'SELECT id, name AS label, created_at FROM pipelines' },
  PipelineVersion: {
    labels: `SELECT v.id, p.name || ' v' || v.version AS label, v.created_at
      FROM pipeline_versions v JOIN pipelines p ON (p.tenant_id, p.id) = (v.tenant_id, v.pipeline_id)`,
  },
};
