import { contentHash, EntityLoader, type Database, type TenantTx } from '../db';
import { newId, PraxisError, type Issue, type Page, type PageArgs, type TenantContext } from '../kernel';
import { linkLineage } from '../lineage';
import type { PretrainedModelService } from '../pretrained';
import { requestOf } from '../engine';
import { checkPipeline, refuseUnknownKinds, type CompiledPipeline } from './steps/pipeline.compiler';
import { Pipeline, PipelineVersion } from './pipeline.entity';
import { pipelineList, pipelineVersionList, type PipelineListArgs } from './pipeline.list';
import type { Step, StepEdge } from './steps/step-graph';
import { toStepFault } from './steps/step-fault';
import { estimatorOf } from './steps/step-kind';

export interface PipelineContent {
  steps: Step[];
  edges: StepEdge[];
}

/** Pipelines and their immutable versions. Throws VALIDATION_FAILED with one issue per fault, NOT_FOUND for ids. */
export class PipelineService {
  readonly byId: EntityLoader<Pipeline>;
  readonly versionById: EntityLoader<PipelineVersion>;

  constructor(
    private readonly database: Database,
    private readonly pretrained: Pick<PretrainedModelService, 'faultsOf'>,
  ) {
    this.byId = new EntityLoader(database, Pipeline, 'Pipeline');
    this.versionById = new EntityLoader(database, PipelineVersion, 'PipelineVersion');
  }

  async create(
    context: TenantContext,
    input: PipelineContent & { name: string; idempotencyKey?: string | null },
  ): Promise<Pipeline> {
    const { name, idempotencyKey: key, edges } = input;
    const steps = checkPipeline(input.steps, edges);
    return this.database.inTenant(context, async (tx) => {
      const request = { name, steps, edges };
      const id = await tx.idempotent({ operation: 'createPipeline', key, request }, async () => {
        await this.refuseWrongReferences(context, steps);
        const pipeline = { tenantId: tx.tenantId, id: newId(), name, currentVersionId: null, createdAt: new Date() };
        await tx.repo(Pipeline).insert(pipeline);
        await this.addVersion(tx, pipeline.id, 1, { steps, edges });
        await tx.audit('pipeline.create', pipeline.id);
        return pipeline.id;
      });
      return find(tx, id);
    });
  }

  /** The pipeline, with a new current version when the content differs from the current one. */
  async update(
    context: TenantContext,
    pipelineId: string,
    input: PipelineContent & { name?: string | null },
  ): Promise<Pipeline> {
    const content = { steps: checkPipeline(input.steps, input.edges), edges: input.edges };
    return this.database.inTenant(context, async (tx) => {
      await tx.query('SELECT FROM pipelines WHERE id = $1 FOR UPDATE', [pipelineId]);
      const pipeline = await find(tx, pipelineId);
      const current = await tx.repo(PipelineVersion).findOneByOrFail({ id: pipeline.currentVersionId! });
      if (input.name) await tx.repo(Pipeline).update({ id: pipelineId }, { name: input.name });
      if (!hashOf(content).equals(current.contentHash)) {
        await this.refuseWrongReferences(context, content.steps);
        await this.addVersion(tx, pipelineId, current.version + 1, content);
      }
      await tx.audit('pipeline.update', pipelineId);
      return find(tx, pipelineId);
    });
  }

  async get(context: TenantContext, id: string): Promise<Pipeline> {
    return this.database.inTenant(context, (tx) => find(tx, id));
  }

  async getVersion(context: TenantContext, id: string): Promise<PipelineVersion> {
    const version = await this.database.inTenant(context, (tx) => tx.repo(PipelineVersion).findOneBy({ id }));
    if (!version) throw PraxisError.notFound('PipelineVersion', id);
    return version;
  }

  list(context: TenantContext, args: PipelineListArgs): Promise<Page<Pipeline>> {
    return this.database.list(context, pipelineList, args);
  }

  listVersions(context: TenantContext, pipelineId: string, args: PageArgs): Promise<Page<PipelineVersion>> {
    return this.database.list(context, pipelineVersionList, args, { pipeline_id: pipelineId });
  }

  compile(version: PipelineVersion): CompiledPipeline {
    refuseUnknownKinds(version.steps);
    return requestOf(version.steps, version.edges);
  }

  /** What a step names must be there and ready, so that not the first run finds out. */
  private async refuseWrongReferences(context: TenantContext, steps: Step[]): Promise<void> {
    const issues: Issue[] = [];
    for (const step of steps) {
      const estimator = estimatorOf(step);
      const faults = estimator ? await this.pretrained.faultsOf(context, estimator) : [];
      issues.push(
        ...faults.map((fault) => ({
          ...fault,
          ...toStepFault(steps, { path: `estimator.${fault.path}`, hint: fault.hint }),
        })),
      );
    }
    if (issues.length > 0) throw PraxisError.invalid(issues);
  }

  private async addVersion(tx: TenantTx, pipelineId: string, version: number, content: PipelineContent): Promise<void> {
    const id = newId();
    const { tenantId } = tx;
    const contentHash = hashOf(content);
    await tx
      .repo(PipelineVersion)
      .insert({ tenantId, id, pipelineId, version, ...content, contentHash, createdAt: new Date() } as never);
    await tx.repo(Pipeline).update({ id: pipelineId }, { currentVersionId: id });
    await linkLineage(tx, [{ fromKind: 'Pipeline', fromId: pipelineId, toKind: 'PipelineVersion', toId: id }]);
  }
}

async function find(tx: TenantTx, id: string): Promise<Pipeline> {
  const pipeline = await tx.repo(Pipeline).findOneBy({ id });
  if (!pipeline) throw PraxisError.notFound('Pipeline', id);
  return pipeline;
}

/** Equal for equal content, whatever the order of keys, steps and edges. */
function hashOf({ steps, edges }: PipelineContent): Buffer {
  const byId = [...steps].sort((a, b) => (a.id < b.id ? -1 : 1));
  const inOrder = edges.map(({ from, to }) => `${from} ${to}`).sort();
  return contentHash([byId, inOrder]);
}
