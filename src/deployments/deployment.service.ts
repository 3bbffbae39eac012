import { Raw } from 'typeorm';
import { fileKey, isExplanation, modelKey, versionOfFile, type InferencePool } from '../compute';
import { type Database, type TenantTx } from '../db';
import type { Precision } from '../engine';
import { isUuid, jobContext, newId, parseGlobalId, PraxisError, type Page, type TenantContext } from '../kernel';
import { linkLineage } from '../lineage';
import type { ModelService } from '../models';
import { Deployment, DeploymentState, type UnusualInputPolicy } from './deployment.entity';
import { deploymentList, type DeploymentListArgs } from './deployment.list';
import { LiveDeployments } from './live-deployments';
import { shown } from '../formats';

/** What is left out or null stays as it is, or is the default of a new deployment. */
export interface DeploymentSettings {
  recordFraction?: number | null;
  onUnusualInput?: UnusualInputPolicy | null;
}

export interface DeployRequest extends DeploymentSettings {
  name: string;
  /** Uuid. */
  modelVersionId: string;
  /** Which of its files; float32 when left out. */
  precision?: Precision;
  idempotencyKey?: string | null;
}

/** For whoever must not move a deployment of others: the one that may move, by uuid, or null for none. Else CONFLICT. */
export interface Only {
  replaces: string | null;
}

/** One statement, so two callers who deploy under one name at the same time make one deployment. */
const UPSERT = `
  INSERT INTO deployments (tenant_id, id, name, state, model_version_id, record_fraction, created_at, updated_at, precision,
    on_unusual_input)
  VALUES ($1, $2, $3, 'READY', $4, coalesce($5::real, 1), $6, $6, $7, coalesce($8, 'NOTE'))
  ON CONFLICT (tenant_id, name) WHERE state <> 'RETIRED' DO UPDATE SET
    model_version_id = excluded.model_version_id,
    precision = excluded.precision,
    revision = deployments.revision + ((deployments.model_version_id, deployments.precision) <>
      (excluded.model_version_id, excluded.precision))::int,
    record_fraction = coalesce($5::real, deployments.record_fraction),
    on_unusual_input = coalesce($8, deployments.on_unusual_input),
    updated_at = excluded.updated_at
  RETURNING id, revision`;

/** Names have at most 63 characters. */
const NAME_LENGTH_MAX = 63;

/** As `fileKey` names them. */
const LIVE_FILES = `
  SELECT DISTINCT model_version_id || '/' || precision AS file FROM deployments WHERE state = 'READY'`;

export class DeploymentService {
  private readonly live: LiveDeployments;
  /** Files, opened or being opened, whose deployments are not stored yet. */
  private readonly deploying: string[] = [];

  constructor(
    private readonly database: Database,
    private readonly models: ModelService,
    private readonly pool: InferencePool,
  ) {
    this.live = new LiveDeployments((context, nameOrId) => this.get(context, nameOrId));
  }

  /**
   * Makes the version answer under the name; a live deployment of that name moves in one statement, and no request fails
   * meanwhile. The session is opened first, outside the transaction, so a model that cannot run is never deployed.
   */
  async deploy(context: TenantContext, request: DeployRequest, only?: Only): Promise<Deployment> {
    if (isUuid(request.name)) {
      throw PraxisError.invalid([
        { path: 'input.name', message: 'looks like an id', hint: 'use a name people can read' },
      ]);
    }
    const file = fileKey(request.modelVersionId, request.precision ?? 'float32');
    this.deploying.push(file);
    try {
      return await this.warmAndStore(context, request, only);
    } finally {
      this.deploying.splice(this.deploying.indexOf(file), 1);
    }
  }

  private async warmAndStore(context: TenantContext, request: DeployRequest, only?: Only): Promise<Deployment> {
    await this.warm(context, request);
    const { idempotencyKey: key, ...asked } = request;
    const id = await this.database.inTenant(context, (tx) =>
      tx.idempotent({ operation: 'deployModel', key, request: asked }, () => this.upsert(tx, request, only)),
    );
    await this.forget(context.tenantId);
    return this.get(context, id);
  }

  async update(context: TenantContext, id: string, settings: DeploymentSettings): Promise<Deployment> {
    return this.change(context, id, async (tx, deployment) => {
      if (deployment.state === DeploymentState.RETIRED) {
        throw new PraxisError('CONFLICT', `Deployment ${shown(deployment.name)} is retired and cannot be changed.`);
      }
      const { recordFraction, onUnusualInput } = settings;
      await tx.query(
        `UPDATE deployments SET record_fraction = coalesce($2, record_fraction),
           on_unusual_input = coalesce($3, on_unusual_input), updated_at = now() WHERE id = $1`,
        [id, recordFraction ?? null, onUnusualInput ?? null],
      );
      await tx.audit('deployment.update', id, { recordFraction, onUnusualInput });
    });
  }

  async retire(context: TenantContext, id: string): Promise<Deployment> {
    return this.change(context, id, async (tx, deployment) => {
      if (deployment.state === DeploymentState.RETIRED) return;
      await tx.query(`UPDATE deployments SET state = 'RETIRED', updated_at = now() WHERE id = $1`, [id]);
      await tx.audit('deployment.retire', id, { name: deployment.name });
    });
  }

  /** By uuid (live or retired), global id, or the name of a live deployment. */
  async get(context: TenantContext, nameOrId: string): Promise<Deployment> {
    const uuid = uuidIn(nameOrId);
    const found = uuid ? await this.findById(context, uuid) : await this.findByName(context, nameOrId);
    if (found) return found;
    if (uuid) throw PraxisError.notFound('Deployment', nameOrId);
    throw new PraxisError('NOT_FOUND', `No live deployment named ${shown(nameOrId)} in this tenant.`);
  }

  private findById(context: TenantContext, id: string): Promise<Deployment | null> {
    return this.database.inTenant(context, (tx) => tx.repo(Deployment).findOneBy({ id }));
  }

  /** The live one of this name. */
  async findByName(context: TenantContext, name: string): Promise<Deployment | null> {
    // Longer than any that there is: not sent to the database.
    if (name.length > NAME_LENGTH_MAX) return null;
    return this.database.inTenant(context, (tx) =>
      tx.repo(Deployment).findOneBy({ name, state: DeploymentState.READY }),
    );
  }

  /** Live ones of this name, or of one that begins with `beginning`; the oldest first. */
  async listLive(context: TenantContext, name: string, beginning: string): Promise<Deployment[]> {
    const state = DeploymentState.READY;
    const longer = Raw((column) => `starts_with(${column}, :beginning)`, { beginning });
    return this.database.inTenant(context, (tx) =>
      tx.repo(Deployment).find({
        where: [
          { state, name },
          { state, name: longer },
        ],
        order: { createdAt: 'ASC', id: 'ASC' },
      }),
    );
  }

  /** Like `get`, from memory where it was read less than a second ago; refuses a retired deployment. */
  async resolve(context: TenantContext, nameOrId: string): Promise<Deployment> {
    const deployment = await this.live.get(context, nameOrId);
    if (deployment.state !== DeploymentState.RETIRED) return deployment;
    throw new PraxisError(
      'CONFLICT',
      `Deployment ${shown(deployment.name)} is retired; deploy a model under a name first.`,
    );
  }

  list(context: TenantContext, args: DeploymentListArgs): Promise<Page<Deployment>> {
    return this.database.list(context, deploymentList, args);
  }

  /** After a change: what leads to the tenant's deployments is read again, and models out of service are closed. */
  async forget(tenantId: string): Promise<void> {
    this.live.expire(tenantId);
    // Should it fail, the models stay open until others need the room.
    await this.closeUnused(jobContext(tenantId, 'deployments')).catch(() => undefined);
  }

  private async closeUnused(context: TenantContext): Promise<void> {
    const { tenantId } = context;
    const open = this.pool.openFiles(tenantId);
    if (open.length === 0) return;
    const before = [...this.deploying];
    const live = await this.database.inTenant(context, (tx) => tx.query<{ file: string }>(LIVE_FILES));
    const used = new Set([...live.map(({ file }) => file), ...before, ...this.deploying]);
    const versions = new Set([...used].map(versionOfFile));
    for (const file of open) {
      const isUsed = used.has(file) || (isExplanation(file) && versions.has(versionOfFile(file)));
      if (!isUsed) this.pool.evict(modelKey(tenantId, file));
    }
  }

  /** Opens the session of a model file in this process. Throws NOT_FOUND, or what makes the model unusable. */
  private async warm(context: TenantContext, { modelVersionId, precision = 'float32' }: DeployRequest): Promise<void> {
    const { tenantId } = context;
    await this.models.getVariant(context, modelVersionId, precision);
    const load = () => this.models.files.read(context, modelVersionId, precision);
    await this.pool.open({ tenantId, key: modelKey(tenantId, fileKey(modelVersionId, precision)), load });
  }

  private async upsert(tx: TenantTx, request: DeployRequest, only?: Only): Promise<string> {
    const { name, modelVersionId, precision = 'float32', recordFraction, onUnusualInput } = request;
    const fresh = newId();
    const parameters = [
      tx.tenantId,
      fresh,
      name,
      modelVersionId,
      recordFraction ?? null,
      new Date(),
      precision,
      onUnusualInput ?? null,
    ];
    const [{ id, revision }] = await tx.query<{ id: string; revision: number }>(UPSERT, parameters);
    if (only && id !== (only.replaces ?? fresh)) {
      throw new PraxisError('CONFLICT', `Meanwhile ${shown(name)} leads to another deployment; it was left as it is.`);
    }
    await tx.announceChange('deployments');
    await tx.audit('deployment.deploy', id, { name, modelVersionId, precision, revision });
    await linkLineage(tx, [{ fromKind: 'ModelVersion', fromId: modelVersionId, toKind: 'Deployment', toId: id }]);
    return id;
  }

  private async change(
    context: TenantContext,
    id: string,
    apply: (tx: TenantTx, deployment: Deployment) => Promise<void>,
  ): Promise<Deployment> {
    const changed = await this.database.inTenant(context, async (tx) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const deployment = await tx.repo(Deployment).findOne({ where: { id }, lock });
      if (!deployment) throw PraxisError.notFound('Deployment', id);
      await apply(tx, deployment);
      await tx.announceChange('deployments');
      return tx.repo(Deployment).findOneByOrFail({ id });
    });
    await this.forget(context.tenantId);
    return changed;
  }
}

function uuidIn(nameOrId: string): string | null {
  const parsed = parseGlobalId(nameOrId);
  if (parsed) return parsed.kind === 'Deployment' ? parsed.uuid : null;
  return isUuid(nameOrId) ? nameOrId : null;
}
