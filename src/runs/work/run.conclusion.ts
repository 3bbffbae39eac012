import { DatasetVersion } from '../../datasets';
import type { Database, TenantTx } from '../../db';
import { byKind, type KindTable, type ModelAsset, type ModelVariant, type TrainResult } from '../../engine';
import { newId, type TenantContext } from '../../kernel';
import { linkLineage } from '../../lineage';
import type { ModelService, NewModelAsset } from '../../models';
import { Pipeline, type PipelineVersion } from '../../pipelines';
import { artifactKey, recordArtifact, recordFiles, type ArtifactRow, type ArtifactStore } from '../../storage';
import { withColumns } from './run.card';
import type { RunError } from '../results/run-result.type';
import { RunState } from '../run-state';
import { endRun, RunLost, type ClaimedRun, type RunEnding } from './run.store';

/** The written files of a model: of a variant what was measured of it. */
interface WrittenModel {
  variants: { artifact: ArtifactRow; variant: Omit<ModelVariant, 'model'> }[];
  assets: { artifact: ArtifactRow; asset: Omit<ModelAsset, 'bytes'> & Pick<NewModelAsset, 'purpose'> }[];
}

const artifactsOf = ({ variants, assets }: WrittenModel): ArtifactRow[] =>
  [...variants, ...assets].map(({ artifact }) => artifact);

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
      const files = await this.writeModel(context, result, keys);
      return { files, ended: await this.record(context, { run, pipeline }, { files, result }) };
    });
    await this.deleteFile(ended?.checkpointKey ?? null);
    if (ended) return;
    for (const { key } of artifactsOf(files)) await this.deleteFile(key);
    throw new RunLost(run.id);
  }

  /** Null where the run was ended or claimed by somebody else. */
  private record(
    context: TenantContext,
    { run, pipeline }: { run: ClaimedRun; pipeline: PipelineVersion },
    { files, result }: { files: WrittenModel; result: TrainResult },
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

  private async writeModel(context: TenantContext, result: TrainResult, keys: string[]): Promise<WrittenModel> {
    const write = async (bytes: Uint8Array): Promise<ArtifactRow> => {
      const id = newId();
      const key = artifactKey(context.tenantId, 'MODEL', id);
      keys.push(key);
      return { id, kind: 'MODEL', key, ...(await this.artifacts.write(key, bytes)) };
    };
    const written: WrittenModel = { variants: [], assets: [] };
    for (const { model, ...variant } of result.variants) {
      written.variants.push({ variant, artifact: await write(model) });
    }
    const assets = [
      ...result.assets.map((asset) => ({ ...asset, purpose: 'SERVING' as const })),
      ...result.explanation.map((asset) => ({ ...asset, purpose: 'EXPLANATION' as const })),
    ];
    for (const { bytes, ...asset } of assets) written.assets.push({ asset, artifact: await write(bytes) });
    return written;
  }

  private async register(
    tx: TenantTx,
    { run, pipeline }: { run: ClaimedRun; pipeline: PipelineVersion },
    { files, result }: { files: WrittenModel; result: TrainResult },
  ): Promise<void> {
    for (const artifact of artifactsOf(files)) await recordArtifact(tx, artifact);
    const { pipelineId } = pipeline;
    const { name } = await tx.repo(Pipeline).findOneByOrFail({ id: pipelineId });
    const variants = files.variants.map(
      ({ artifact: { id: artifactId, byteCount }, variant: { precision, ...figures } }) => ({
        ...{ precision, artifactId, byteCount, figures },
      }),
    );
    const assets = files.assets.map(({ artifact: { id: artifactId, byteCount, sha256 }, asset }) => ({
      ...{ ...asset, artifactId, byteCount, sha256 },
    }));
    const { columns } = await tx.repo(DatasetVersion).findOneByOrFail({ id: run.datasetVersionId });
    const card = withColumns(result.card, columns);
    const model = { pipelineId, name, runId: run.id, card, variants, assets };
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
