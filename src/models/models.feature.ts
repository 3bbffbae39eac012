import type { Authenticator } from '../access';
import type { Feature, Platform } from '../feature';
import type { PipelineService } from '../pipelines';
import { ModelResolver, ModelVersionResolver } from './model.resolver';
import { modelRoute } from './model.route';
import { ModelService } from './model.service';
import { modelLineage } from './model.lineage';

export function createModels(
  { database, artifacts }: Platform,
  { authenticator, pipelines }: { authenticator: Authenticator; pipelines: PipelineService },
) {
  const models = new ModelService(database, artifacts);
  const feature: Feature = {
    lineage: modelLineage,
    resolvers: [new ModelResolver(models, pipelines), new ModelVersionResolver(models)],
    nodes: {
      Model: (context, id) => models.get(context, id),
      ModelVersion: (context, id) => models.getVersion(context, id),
    },
    routes: [modelRoute(models, authenticator)],
  };
  return { models, feature };
}
