import type { LineageKinds } from '../lineage';

/** The name of its pipeline, by the id of a version, as SQL: for labels of other features. */
export const NAMES_OF_PIPELINE_VERSIONS = `SELECT version.id, pipeline.name
  FROM pipeline_versions version JOIN pipelines pipeline
    ON (pipeline.tenant_id, pipeline.id) = (version.tenant_id, version.pipeline_id)`;

export const pipelineLineage: LineageKinds = {
  Pipeline: { labels: 'SELECT id, name AS label, created_at FROM pipelines' },
  PipelineVersion: {
    labels: `SELECT v.id, p.name || ' v' || v.version AS label, v.created_at
      FROM pipeline_versions v JOIN pipelines p ON (p.tenant_id, p.id) = (v.tenant_id, v.pipeline_id)`,
  },
};
