import { IsNull, Not, type FindOptionsWhere } from 'typeorm';
import type { Database, TenantTx } from '../../db';
import { PraxisError, toGlobalId, type TenantContext } from '../../kernel';
import { linkLineage, type LineageLink } from '../../lineage';
import { CaseRun, CaseRunStage, CaseRunState, type CaseCheck, type CaseRunError } from './case-run.entity';

/** What a case run has made so far; each is set once, in the transaction that announces the next stage. */
export type Progress = Partial<
  Pick<CaseRun, 'uploadId' | 'datasetVersionId' | 'runId' | 'comparisonRunIds' | 'deploymentId' | 'predictionId'>
>;

export type Ending = { checks: CaseCheck[]; predictionId: string | null } | { error: CaseRunError };

interface Announcement {
  stage: CaseRunStage;
  message: string;
  runId?: string | null;
}

const NOTED = `
  SELECT run_id AS id FROM case_runs WHERE case_id = $1 AND run_id = ANY($2)
  UNION SELECT deployment_id FROM case_runs WHERE case_id = $1 AND deployment_id = ANY($3)`;

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
    const { caseId, caseHash, seed } = run;
    const datasetVersionId = Not(IsNull());
    return (await this.first(context, { caseId, caseHash, seed, datasetVersionId }))?.datasetVersionId ?? null;
  }

  /** The trainings of the first run of the same content, that of its model first: versions of each model line up behind them. */
  async findTrainings(context: TenantContext, { caseId, caseHash }: CaseRun): Promise<string[]> {
    return (await this.first(context, { caseId, caseHash, runId: Not(IsNull()) }))?.trainingIds ?? [];
  }

  /** Of these runs and deployments, those that runs of a case have noted. */
  async noted(
    context: TenantContext,
    { caseId, runIds, deploymentIds }: { caseId: string; runIds: string[]; deploymentIds: string[] },
  ): Promise<Set<string>> {
    const rows = await this.database.inTenant(context, (tx) =>
      tx.query<{ id: string }>(NOTED, [caseId, runIds, deploymentIds]),
    );
    return new Set(rows.map(({ id }) => id));
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

  private first(context: TenantContext, where: FindOptionsWhere<CaseRun>): Promise<CaseRun | null> {
    return this.database.inTenant(context, (tx) => tx.repo(CaseRun).findOne({ where, order: { createdAt: 'ASC' } }));
  }
}

export async function announce(tx: TenantTx, id: string, { stage, message, runId }: Announcement): Promise<void> {
  const payload = { stage, message, runId: runId ? toGlobalId('Run', runId) : null };
  await tx.appendEvents(id, [{ kind: 'stage', payload }]);
}

/** From the document to the prediction: case -> case run -> dataset version -> run -> … -> prediction. */
function linksOf(caseRunId: string, { datasetVersionId, runId, comparisonRunIds }: Progress): LineageLink[] {
  const from = { fromKind: 'CaseRun', fromId: caseRunId } as const;
  const links: LineageLink[] = [];
  if (datasetVersionId) links.push({ ...from, toKind: 'DatasetVersion', toId: datasetVersionId });
  if (runId) links.push({ ...from, toKind: 'Run', toId: runId });
  for (const toId of comparisonRunIds ?? []) links.push({ ...from, toKind: 'Run', toId });
  return links;
}

function summaryOf(ending: Ending): string {
  if ('error' in ending) return ending.error.message;
  const met = ending.checks.filter((check) => check.met).length;
  return `${met} of ${ending.checks.length} expected metrics were met.`;
}
