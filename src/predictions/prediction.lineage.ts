import type { LineageKinds } from '../lineage';

/** What answered the predictions `p`. */
const ANSWERED_BY =
  "CROSS JOIN LATERAL (VALUES ('Deployment', p.deployment_id), ('ModelVersion', p.model_version_id)) a (kind, id)";
/** Of the predictions among $1. */
const BLOCKS = 'p.block_id IN (SELECT prediction_block(i) FROM unnest($1::uuid[]) i)';

/**
 * Predictions are too many for edges of their own: their blocks say what answered. Down from a model version they are found
 * through its deployments, which the blocks' index leads with; up, their id names the block.
 */
export const predictionLineage: LineageKinds = {
  Prediction: {
    labels: `SELECT id, value AS label, created_at FROM predictions p WHERE ${BLOCKS}`,
    writtenLater: true,
    edges: {
      downstream: "SELECT 'Prediction', p.id FROM predictions p WHERE p.deployment_id = reach.id",
      upstream: `SELECT a.kind, a.id FROM predictions p ${ANSWERED_BY}
        WHERE p.block_id = prediction_block(reach.id) AND p.id = reach.id`,
      among: `SELECT a.kind, a.id, 'Prediction', p.id, p.created_at FROM predictions p ${ANSWERED_BY}
        WHERE ${BLOCKS} AND p.id = ANY($1) AND a.id = ANY($1)`,
    },
  },
};
