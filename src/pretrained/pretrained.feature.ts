import type { Feature, Platform } from '../feature';
import { uploadRoute } from '../uploads';
import { PretrainedModelResolver } from './pretrained-model.resolver';
import { PRETRAINED_PATH, PretrainedModelService } from './pretrained-model.service';

export function createPretrained({ config, database, artifacts }: Platform) {
  const pretrained = new PretrainedModelService(database, artifacts, config);
  const feature: Feature = {
    resolvers: [new PretrainedModelResolver(pretrained)],
    nodes: { PretrainedModel: (context, id) => pretrained.get(context, id) },
    routes: [uploadRoute(PRETRAINED_PATH, pretrained)],
  };
  return { pretrained, feature };
}
