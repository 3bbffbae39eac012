import { IsNull } from 'typeorm';
import type { Database, TenantTx } from '../../db';
import { PraxisError, toGlobalId, type TenantContext } from '../../kernel';
import { linkLineage, type LineageLink } from '../../lineage';
import { CaseRun, CaseRunStage, CaseRunState, type CaseCheck, type CaseRunError } from './case-run.entity';

/** What a case run has made so far; each is set once, in the transaction that announces the next stage. */
export type Progress = Partial<
  Pick<CaseRun, 'uploadId' | 'datasetVersionId' | 'runId' | 'deploymentId' | 'predictionId'>
>;

export type Ending = { checks: CaseCheck[]; predictionId: string | null } | { error: CaseRunError };

interface Announcement {
  stage: CaseRunStage;
  message: string;
  runId?: string | null;
}

export interface Place {
  name: string;
  /** Of the deployment that moves; null where a new one is made. */
  deploymentId: string | null;
}

/** Behind the name of a case, where a deployment of the tenant has that. */
const SUFFIX = '-case';

/**
 * Live deployments under the name of the case $1 or one with the suffix. Its own are those that a run of the case has noted,
 * or was about to note when it was interrupted ($2), as long as a model of the case answers there.
 */
const LIVE = `
  SELECT d.id, d.name, EXISTS (SELECT FROM case_runs r JOIN model_versions v ON v.tenant_id = r.tenant_id AND v.run_id = r.run_id
    WHERE r.tenant_id = d.tenant_id AND r.case_id = $1 AND v.id = d.model_version_id
      AND (r.run_id = $2 OR EXISTS (SELECT FROM case_runs n
        WHERE n.tenant_id = d.tenant_id AND n.case_id = $1 AND n.deployment_id = d.id))) AS own
  FROM deployments d
  WHERE d.state <> 'RETIRED' AND (d.name = $3 OR starts_with(d.name, $3 || '${SUFFIX}'))
  ORDER BY d.created_at, d.id`;

/** Reads and writes case runs. A write to one that has ended changes nothing and returns false. */
export class CaseRunStore {
  constructor(private readonly database: Database) {}

  async get(context: TenantContext, id: string): Promise<CaseRun> {
    const found = await this.database.inTenant(context, (tx) => tx.repo(CaseRun).findOneBy({ id }));
    if (!found) throw PraxisError.notFound('CaseRun', id);
    return found;
  }

  /** The dataset version that an earlier run of the same content and seed has made: the generator would make it again. */
  async findData(context: TenantContext, run: CaseRun): Promise<string | null> {
    return this.findEarlier(context, {
      select: 'v.id',
      from: 'JOIN dataset_versions v ON v.tenant_id = r.tenant_id AND v.id = r.dataset_version_id',
      run,
      sameSeed: true,
    });
  }

  /** The pipeline version that an earlier run of the same content has trained, so that versions of one model line up. */
  async findPipelineVersion(context: TenantContext, run: CaseRun): Promise<string | null> {
    return this.findEarlier(context, {
      select: 't.pipeline_version_id',
      from: 'JOIN runs t ON t.tenant_id = r.tenant_id AND t.id = r.run_id',
      run,
      sameSeed: false,
    });
  }

  /**
   * Where the model of this run is to answer: the live deployment that runs of the case have made, or a free name. A
   * deployment that the tenant has made, or has given another model, is not touched.
   */
  async findPlace(context: TenantContext, run: CaseRun, name: string): Promise<Place> {
    return this.database.inTenant(context, async (tx) => {
      const live = await tx.query<{ id: string; name: string; own: boolean }>(LIVE, [run.caseId, run.runId, name]);
      const ofCase = live.find((deployment) => deployment.own);
      if (ofCase) return { name: ofCase.name, deploymentId: ofCase.id };
      const taken = new Set(live.map((deployment) => deployment.name));
      return { name: freeName(name, taken), deploymentId: null };
    });
  }

  /** Notes what was made and tells of it, unless a repeated job has done so already. Returns the row as it is now. */
  async progress(context: TenantContext, run: CaseRun, progress: Progress, news?: Announcement): Promise<CaseRun> {
    return this.database.inTenant(context, async (tx) => {
      const open = Object.fromEntries(Object.keys(progress).map((column) => [column, IsNull()]));
      const { affected } = await tx
        .repo(CaseRun)
        .update({ id: run.id, state: CaseRunState.RUNNING, ...open }, progress);
      if (affected) {
        await linkLineage(tx, linksOf(run.id, progress));
        if (news) await announce(tx, run.id, news);
      }
      return tx.repo(CaseRun).findOneByOrFail({ id: run.id });
    });
  }

  async end(context: TenantContext, id: string, ending: Ending): Promise<boolean> {
    const set =
      'error' in ending
        ? { state: CaseRunState.FAILED, error: ending.error }
        : { state: CaseRunState.SUCCEEDED, ...ending, met: ending.checks.every(({ met }) => met) };
    return this.database.inTenant(context, async (tx) => {
      const running = { id, state: CaseRunState.RUNNING };
      const { affected } = await tx.repo(CaseRun).update(running, { ...set, finishedAt: new Date() });
      if (!affected) return false;
      const { runId } = await tx.repo(CaseRun).findOneByOrFail({ id });
      await announce(tx, id, { stage: CaseRunStage.FINISHED, message: summaryOf(ending), runId });
      return true;
    });
  }

  private async findEarlier(
    context: TenantContext,
    { select, from, run, sameSeed }: { select: string; from: string; run: CaseRun; sameSeed: boolean },
  ): Promise<string | null> {
    const rows = await this.database.inTenant(context, (tx) =>
      tx.query<{ found: string }>(
        `SELECT ${select} AS found FROM case_runs r ${from}
         WHERE r.case_id = $1 AND r.case_hash = $2 AND ($3::int IS NULL OR r.seed = $3) ORDER BY r.created_at LIMIT 1`,
        [run.caseId, run.caseHash, sameSeed ? run.seed : null],
      ),
    );
    return rows[0]?.found ?? null;
  }
}

export async function announce(tx: TenantTx, id: string, { stage, message, runId }: Announcement): Promise<void> {
  const payload = { stage, message, runId: runId ? toGlobalId('Run', runId) : null };
  await tx.appendEvents(id, [{ kind: 'stage', payload }]);
}

function freeName(name: string, taken: Set<string>): string {
  for (let count = 0; ; count++) {
    const free = name + (count === 0 ? '' : SUFFIX) + (count < 2 ? '' : `-${count}`);
    if (!taken.has(free)) return free;
  }
}

/** From the document to the prediction: case -> case run -> dataset version -> run -> … -> prediction. */
function linksOf(caseRunId: string, { datasetVersionId, runId }: Progress): LineageLink[] {
  const from = { fromKind: 'CaseRun', fromId: caseRunId } as const;
  const links: LineageLink[] = [];
  if (datasetVersionId) links.push({ ...from, toKind: 'DatasetVersion', toId: datasetVersionId });
  if (runId) links.push({ ...from, toKind: 'Run', toId: runId });
  return links;
}

function summaryOf(ending: Ending): string {
  if ('error' in ending) return ending.error.message;
  const met = ending.checks.filter((check) => check.met).length;
  return `${met} of ${ending.checks.length} expected metrics were met.`;
}
