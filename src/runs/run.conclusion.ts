import { DatasetVersion } from '../datasets';
import type { Database, TenantTx } from '../db';
import { byKind, type KindTable, type ModelVariant, type TrainResult } from '../engine';
import { newId, type TenantContext } from '../kernel';
import { linkLineage } from '../lineage';
import type { ModelService } from '../models';
import { Pipeline, type PipelineVersion } from '../pipelines';
import { artifactKey, recordArtifact, recordFiles, type ArtifactRow, type ArtifactStore } from '../storage';
import { withColumns } from './run.card';
import type { RunError } from './run-result.type';
import { RunState } from './run-state';
import { endRun, RunLost, type ClaimedRun, type RunEnding } from './run.store';

/** A written file of the model, and what was measured of it. */
interface ModelFile {
  artifact: ArtifactRow;
  variant: Omit<ModelVariant, 'model'>;
}

/** Columns of a run that only results of a kind fill. */
const OWN_COLUMNS: KindTable<TrainResult, RunEnding['set']> = {
  rows: ({ splitCounts, stepRows }) => ({ split_counts: splitCounts, step_rows: stepRows }),
};

/** Ends runs. Each ending is one transaction: state, event, everything the run made, and the job that follows. */
export class RunConclusion {
  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
    private readonly models: ModelService,
  ) {}

  /** Stores the model and all scores. Throws RunLost when the run was ended or claimed by somebody else meanwhile. */
  async succeed(
    context: TenantContext,
    { run, pipeline }: { run: ClaimedRun; pipeline: PipelineVersion },
    result: TrainResult,
  ): Promise<void> {
    const { ended, files } = await recordFiles(this.artifacts, async (keys) => {
      const files = await this.writeModels(context, result, keys);
      return { files, ended: await this.record(context, { run, pipeline }, { files, result }) };
    });
    await this.deleteFile(ended?.checkpointKey ?? null);
    if (ended) return;
    for (const { artifact } of files) await this.deleteFile(artifact.key);
    throw new RunLost(run.id);
  }

  /** Null where the run was ended or claimed by somebody else. */
  private record(
    context: TenantContext,
    { run, pipeline }: { run: ClaimedRun; pipeline: PipelineVersion },
    { files, result }: { files: ModelFile[]; result: TrainResult },
  ): Promise<Awaited<ReturnType<typeof endRun>>> {
    const { evaluation, leaderboard, executor } = result;
    return this.database.inTenant(context, async (tx) => {
      const set = { evaluation, leaderboard, executor, ...byKind(OWN_COLUMNS, result) };
      const end = await endRun(tx, run.id, { state: RunState.SUCCEEDED, attempt: run.attempt, set });
      if (end) await this.register(tx, { run, pipeline }, { files, result });
      return end;
    });
  }

  /** Ends the run as FAILED, unless it has ended or `attempt` no longer holds it. */
  async fail(context: TenantContext, runId: string, error: RunError, attempt?: number): Promise<void> {
    await this.end(context, runId, { state: RunState.FAILED, attempt, set: { error } });
  }

  private async end(context: TenantContext, runId: string, ending: Parameters<typeof endRun>[2]): Promise<void> {
    const ended = await this.database.inTenant(context, (tx) => endRun(tx, runId, ending));
    await this.deleteFile(ended?.checkpointKey ?? null);
  }

  private async writeModels(context: TenantContext, { variants }: TrainResult, keys: string[]): Promise<ModelFile[]> {
    const files: ModelFile[] = [];
    for (const { model, ...variant } of variants) {
      const id = newId();
      const key = artifactKey(context.tenantId, 'MODEL', id);
      keys.push(key);
      files.push({ variant, artifact: { id, kind: 'MODEL', key, ...(await this.artifacts.write(key, model)) } });
    }
    return files;
  }

  private async register(
    tx: TenantTx,
    { run, pipeline }: { run: ClaimedRun; pipeline: PipelineVersion },
    { files, result }: { files: ModelFile[]; result: TrainResult },
  ): Promise<void> {
    for (const { artifact } of files) await recordArtifact(tx, artifact);
    const { pipelineId } = pipeline;
    const { name } = await tx.repo(Pipeline).findOneByOrFail({ id: pipelineId });
    const variants = files.map(({ artifact: { id: artifactId, byteCount }, variant: { precision, ...figures } }) => ({
      ...{ precision, artifactId, byteCount, figures },
    }));
    const { columns } = await tx.repo(DatasetVersion).findOneByOrFail({ id: run.datasetVersionId });
    const card = withColumns(result.card, columns);
    const model = { pipelineId, name, runId: run.id, card, variants };
    const modelVersionId = await this.models.register(tx, model);
    await linkLineage(tx, [
      { fromKind: 'DatasetVersion', fromId: run.datasetVersionId, toKind: 'Run', toId: run.id },
      { fromKind: 'PipelineVersion', fromId: run.pipelineVersionId, toKind: 'Run', toId: run.id },
      ...(run.pretrainedModelId
        ? [{ fromKind: 'PretrainedModel', fromId: run.pretrainedModelId, toKind: 'Run', toId: run.id } as const]
        : []),
      { fromKind: 'Run', fromId: run.id, toKind: 'ModelVersion', toId: modelVersionId },
    ]);
  }

  /** After the commit; a file that stays behind is garbage, not a fault of the run. */
  private async deleteFile(key: string | null): Promise<void> {
    if (key) await this.artifacts.delete(key).catch(() => undefined);
  }
}
