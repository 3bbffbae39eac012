import type { DatasetService } from '../datasets';
import type { Feature, Platform } from '../feature';
import type { ModelService } from '../models';
import type { PipelineService } from '../pipelines';
import type { PretrainedModelService } from '../pretrained';
import { RunConclusion } from './work/run.conclusion';
import { RunControl } from './run.control';
import { RunControlResolver } from './run-control.resolver';
import { RunData } from './work/run.data';
import { RunEventResolver } from './events/run-event.resolver';
import { gpuRunTask, runTask } from './work/run.job';
import { ModelVersionRunResolver, RunResolver, StartRunPayloadResolver } from './run.resolver';
import { RunService } from './run.service';
import { RunTask } from './work/run.task';
import { runLineage } from './run.lineage';

interface Others {
  datasets: DatasetService;
  pipelines: PipelineService;
  pretrained: PretrainedModelService;
  models: ModelService;
}

export function createRuns(
  { config, database, events, artifacts }: Platform,
  { datasets, pipelines, pretrained, models }: Others,
) {
  const runs = new RunService({ database, events, artifacts, datasets, pipelines, pretrained });
  const feature: Feature = {
    lineage: runLineage,
    resolvers: [
      new RunResolver(runs, models, pipelines, datasets),
      new StartRunPayloadResolver(runs),
      new RunControlResolver(new RunControl(database)),
      new RunEventResolver(runs),
      new ModelVersionRunResolver(runs),
    ],
    nodes: { Run: (context, id) => runs.get(context, id) },
    jobs: ({ pool, scratch }) => {
      const data = new RunData(datasets, scratch, config.trainingBytesMax);
      const conclusion = new RunConclusion(database, artifacts, models);
      const dependencies = { database, events, artifacts, pool, data, datasets, pipelines, pretrained };
      return [runTask, gpuRunTask].map((ref) => new RunTask(dependencies, conclusion, ref));
    },
  };
  return { runs, feature };
}
