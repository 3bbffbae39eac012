import type { LineageKinds } from '../lineage';

export const pretrainedLineage: LineageKinds = {
  PretrainedModel: { labels: 'SELECT id, name AS label, created_at FROM pretrained_models' },
};
