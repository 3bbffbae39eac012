import type { DatasetService } from '../datasets';
import type { Feature, Platform } from '../feature';
import type { PretrainedModelService } from '../pretrained';
import { PipelineResolver, PipelineStepResolver, PipelineVersionResolver } from './pipeline.resolver';
import { PipelineService } from './pipeline.service';
import { RecommendationResolver } from './advice/recommendation.resolver';
import { pipelineLineage } from './pipeline.lineage';

export function createPipelines(
  { database }: Platform,
  { pretrained, datasets }: { pretrained: PretrainedModelService; datasets: DatasetService },
) {
  const pipelines = new PipelineService(database, pretrained);
  const feature: Feature = {
    lineage: pipelineLineage,
    resolvers: [
      new PipelineResolver(pipelines),
      new PipelineVersionResolver(pipelines),
      new PipelineStepResolver(),
      new RecommendationResolver(datasets),
    ],
    nodes: {
      Pipeline: (context, id) => pipelines.get(context, id),
      PipelineVersion: (context, id) => pipelines.getVersion(context, id),
    },
  };
  return { pipelines, feature };
}
