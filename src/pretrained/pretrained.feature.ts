import type { Feature, Platform } from '../feature';
import type { LineageService } from '../lineage';
import { uploadRoute } from '../uploads';
import { PretrainedModelResolver } from './pretrained-model.resolver';
import { PRETRAINED_PATH, PretrainedModelService } from './pretrained-model.service';
import { pretrainedLineage } from './pretrained.lineage';

export function createPretrained({ config, database, artifacts }: Platform, { lineage }: { lineage: LineageService }) {
  const pretrained = new PretrainedModelService({ database, artifacts, lineage }, config);
  const feature: Feature = {
    lineage: pretrainedLineage,
    resolvers: [new PretrainedModelResolver(pretrained)],
    nodes: { PretrainedModel: (context, id) => pretrained.get(context, id) },
    routes: [uploadRoute(PRETRAINED_PATH, pretrained)],
  };
  return { pretrained, feature };
}
