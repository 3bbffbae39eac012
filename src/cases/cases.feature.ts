import type { DatasetService } from '../datasets';
import type { EntityLoader } from '../db';
import type { Deployment, DeploymentService } from '../deployments';
import type { Feature, Platform } from '../feature';
import type { ModelService } from '../models';
import type { PipelineService } from '../pipelines';
import type { PredictionService } from '../predictions';
import type { RunService } from '../runs';
import type { CaseGenerator } from './case-definition';
import { CaseResolver } from './case.resolver';
import { CaseRunAdvance } from './runs/case-run.advance';
import { CaseRunResolver } from './runs/case-run.resolver';
import { CaseRunStore } from './runs/case-run.store';
import { CaseRunTask } from './runs/case-run.task';
import { CaseService } from './case.service';
import { caseLineage } from './case.lineage';

interface Others {
  datasets: DatasetService;
  pipelines: PipelineService;
  runs: RunService;
  models: ModelService;
  deployments: DeploymentService;
  deploymentsById: EntityLoader<Deployment>;
  predictions: PredictionService;
  /** By name, the data of cases that make their own. */
  generators: Readonly<Record<string, CaseGenerator>>;
}

export function createCases({ database, events }: Platform, { deploymentsById, generators, ...dependencies }: Others) {
  const cases = new CaseService(database, events);
  const loaders = {
    datasetVersions: dependencies.datasets.versionById,
    runs: dependencies.runs.byId,
    deployments: deploymentsById,
    predictions: dependencies.predictions,
  };
  const feature: Feature = {
    lineage: caseLineage,
    resolvers: [new CaseResolver(cases), new CaseRunResolver(cases, loaders)],
    nodes: { Case: (context, id) => cases.get(context, id), CaseRun: (context, id) => cases.getRun(context, id) },
    jobs: () => {
      const store = new CaseRunStore(database);
      return [new CaseRunTask(store, new CaseRunAdvance(store, dependencies, cases, generators))];
    },
  };
  return { cases, feature };
}
