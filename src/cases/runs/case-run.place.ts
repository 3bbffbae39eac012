import type { DeploymentService } from '../../deployments';
import type { TenantContext } from '../../kernel';
import type { ModelService } from '../../models';
import type { CaseRun } from './case-run.entity';
import type { CaseRunStore } from './case-run.store';

export interface Place {
  name: string;
  /** Of the deployment that moves; null where a new one is made. */
  deploymentId: string | null;
}

/** Behind the name of a case, where a deployment of the tenant has that. */
const SUFFIX = '-case';

/**
 * Where the model of a case run is to answer: the live deployment that runs of the case have made, or a free name. A
 * deployment that the tenant has made, or has given another model, is not touched.
 */
export async function findPlace(
  context: TenantContext,
  { store, deployments, models }: { store: CaseRunStore; deployments: DeploymentService; models: ModelService },
  { caseId, runId, name }: Pick<CaseRun, 'caseId' | 'runId'> & { name: string },
): Promise<Place> {
  const live = await deployments.listLive(context, name, name + SUFFIX);
  const runs = await models.runsOfVersions(
    context,
    live.map(({ modelVersionId }) => modelVersionId),
  );
  const ids = { runIds: [...runs.values()], deploymentIds: live.map(({ id }) => id) };
  const noted = await store.noted(context, { caseId, ...ids });
  // Of the case are those that a run of it has noted, or was about to note when it was interrupted, as long as a model of
  // the case answers there.
  const ofCase = live.find(({ id, modelVersionId }) => {
    const training = runs.get(modelVersionId)!;
    return noted.has(training) && (training === runId || noted.has(id));
  });
  if (ofCase) return { name: ofCase.name, deploymentId: ofCase.id };
  return { name: freeName(name, new Set(live.map((deployment) => deployment.name))), deploymentId: null };
}

function freeName(name: string, taken: Set<string>): string {
  for (let count = 0; ; count++) {
    const free = name + (count === 0 ? '' : SUFFIX) + (count < 2 ? '' : `-${count}`);
    if (!taken.has(free)) return free;
  }
}
