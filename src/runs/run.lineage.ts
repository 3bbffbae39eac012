import type { LineageKinds } from '../lineage';
import { NAMES_OF_PIPELINE_VERSIONS } from '../pipelines';

export const runLineage: LineageKinds = {
  Run: {
    labels: `SELECT r.id, named.name || ' (' || lower(r.state) || ')' AS label, r.created_at
      FROM runs r JOIN (${NAMES_OF_PIPELINE_VERSIONS}) named ON named.id = r.pipeline_version_id`,
    madeFrom: {
      DatasetVersion: 'SELECT id, created_at FROM runs WHERE dataset_version_id = ANY($1)',
      PretrainedModel: 'SELECT id, created_at FROM runs WHERE pretrained_model_id = ANY($1)',
    },
  },
};
