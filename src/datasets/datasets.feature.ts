import type { Authenticator } from '../access';
import type { Feature, Platform, Workshop } from '../feature';
import type { LineageService } from '../lineage';
import { uploadRoute } from '../uploads';
import { DatasetConclusion } from './jobs/dataset.conclusion';
import { DatasetEventResolver } from './dataset-event.resolver';
import { DatasetResolver, DatasetVersionResolver, UploadResolver } from './dataset.resolver';
import { datasetRoute } from './tables/dataset.route';
import { DatasetService } from './dataset.service';
import { DatasetTask } from './jobs/dataset.task';
import { datasetLineage } from './dataset.lineage';

export function createDatasets(
  { config, database, events, artifacts }: Platform,
  { authenticator, lineage }: { authenticator: Authenticator; lineage: LineageService },
) {
  const datasets = new DatasetService({ database, events, artifacts, lineage }, config);
  const feature: Feature = {
    lineage: datasetLineage,
    resolvers: [
      new DatasetResolver(datasets),
      new DatasetVersionResolver(datasets),
      new UploadResolver(datasets),
      new DatasetEventResolver(datasets),
    ],
    nodes: {
      Dataset: (context, id) => datasets.get(context, id),
      DatasetVersion: (context, id) => datasets.getVersion(context, id),
    },
    routes: [uploadRoute('/uploads', datasets), datasetRoute(datasets, authenticator)],
    jobs: ({ scratch }: Workshop) => [
      new DatasetTask(database, artifacts, new DatasetConclusion(database, artifacts), {
        scratch,
        file: config.ingestLimits,
        memoryMb: Math.floor(config.ingestMemoryMb / config.ingestions),
      }),
    ],
  };
  return { datasets, feature };
}
