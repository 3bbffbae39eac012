import { Batcher } from '../compute';
import type { EntityLoader } from '../db';
import type { Deployment, DeploymentService } from '../deployments';
import type { Feature, Platform } from '../feature';
import type { ModelService } from '../models';
import { PredictionResolver } from './prediction.resolver';
import { PredictionService } from './prediction.service';
import { predictionLineage } from './prediction.lineage';

interface Others {
  deployments: DeploymentService;
  deploymentsById: EntityLoader<Deployment>;
  models: ModelService;
}

export function createPredictions(
  { database, registry, inference, log }: Platform,
  { deployments, deploymentsById, models }: Others,
) {
  const batcher = new Batcher(inference, registry);
  const predictions = new PredictionService({ database, deployments, models, batcher, registry, log });
  const feature: Feature = {
    lineage: predictionLineage,
    resolvers: [new PredictionResolver(predictions, { deployments: deploymentsById, versions: models.versionById })],
    nodes: { Prediction: (context, id) => predictions.get(context, id) },
    drain: () => predictions.drain(),
  };
  return { predictions, feature };
}
