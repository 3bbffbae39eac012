import type { Authenticator } from '../access';
import type { Feature, Platform } from '../feature';
import type { LineageService } from '../lineage';
import type { PipelineService } from '../pipelines';
import {
  ModelCardResolver,
  ModelHistoryStepResolver,
  ModelResolver,
  ModelVariantResolver,
  ModelVersionResolver,
} from './model.resolver';
import { DecisionTreeResolver } from './tree/tree.resolver';
import { modelRoutes } from './files/model.route';
import { ModelService } from './model.service';
import { modelLineage } from './model.lineage';

export function createModels(
  { database, artifacts }: Platform,
  {
    authenticator,
    lineage,
    pipelines,
  }: { authenticator: Authenticator; lineage: LineageService; pipelines: PipelineService },
) {
  const models = new ModelService(database, artifacts, lineage);
  const feature: Feature = {
    lineage: modelLineage,
    resolvers: [
      new ModelResolver(models, pipelines),
      new ModelVersionResolver(models),
      new ModelVariantResolver(models),
      new ModelCardResolver(),
      new ModelHistoryStepResolver(),
      new DecisionTreeResolver(),
    ],
    nodes: {
      Model: (context, id) => models.get(context, id),
      ModelVersion: (context, id) => models.getVersion(context, id),
    },
    routes: modelRoutes(models, authenticator),
  };
  return { models, feature };
}
