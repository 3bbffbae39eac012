import { EntityLoader } from '../db';
import type { Feature, Platform } from '../feature';
import type { ModelService } from '../models';
import { Deployment } from './deployment.entity';
import { DeploymentPayloadResolver, DeploymentResolver } from './deployment.resolver';
import { DeploymentService } from './deployment.service';
import { deploymentLineage } from './deployment.lineage';

export function createDeployments({ database, events, inference }: Platform, { models }: { models: ModelService }) {
  const deployments = new DeploymentService(database, models, inference);
  const deploymentsById = new EntityLoader(database, Deployment, 'Deployment');
  events.onChange('deployments', (tenantId) => void (tenantId && deployments.forget(tenantId)));
  const feature: Feature = {
    lineage: deploymentLineage,
    resolvers: [
      new DeploymentResolver(deployments, models.versionById),
      new DeploymentPayloadResolver(models.versionById),
    ],
    nodes: { Deployment: (context, id) => deployments.get(context, id) },
  };
  return { deployments, deploymentsById, feature };
}
