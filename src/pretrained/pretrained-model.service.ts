import type { Readable } from 'node:stream';
import { EntityLoader, type Database, type TenantTx } from '../db';
import { originOf, type Estimator } from '../engine';
import { newId, PraxisError, toGlobalId, uuidOf, type Issue, type Page, type TenantContext } from '../kernel';
import type { LineageService } from '../lineage';
import { findArtifactKey, forgetArtifacts, type ArtifactStore } from '../storage';
import { issueAddress, type ReceivedFile, type UploadAddress } from '../uploads';
import { PretrainedModel } from './pretrained-model.entity';
import { pretrainedModelList, type PretrainedModelListArgs } from './pretrained-model.list';
import { PretrainedModelReception } from './pretrained-model.reception';
import { shown } from '../formats';

export interface PretrainedDependencies {
  database: Database;
  artifacts: ArtifactStore;
  lineage: LineageService;
}

export interface PretrainedOptions {
  /** Of a ZIP file, and of what it unpacks to. */
  modelBytesMax: number;
}

export interface PretrainedUpload {
  pretrainedModel: PretrainedModel;
  upload: UploadAddress;
}

/** Where files of pretrained models go in. */
export const PRETRAINED_PATH = '/pretrained-models';
const WAITING = 'is WAITING for its files';

/** Pretrained models of a tenant. An id that this tenant has not is NOT_FOUND. */
export class PretrainedModelService {
  readonly byId: EntityLoader<PretrainedModel>;
  private readonly reception: PretrainedModelReception;

  constructor(
    private readonly dependencies: PretrainedDependencies,
    options: PretrainedOptions,
  ) {
    const { database, artifacts } = dependencies;
    this.byId = new EntityLoader(database, PretrainedModel, 'PretrainedModel');
    this.reception = new PretrainedModelReception(database, artifacts, { byteCountMax: options.modelBytesMax });
  }

  /** A model and the address for its files. A retry answers with the same model and a fresh address. */
  async create(
    context: TenantContext,
    { name, idempotencyKey: key }: { name: string; idempotencyKey?: string | null },
  ): Promise<PretrainedUpload> {
    return this.dependencies.database.inTenant(context, async (tx) => {
      const request = { name };
      const id = await tx.idempotent({ operation: 'createPretrainedModel', key, request }, () => insert(tx, name));
      const { address, hash } = issueAddress(tx, id, PRETRAINED_PATH);
      await tx.repo(PretrainedModel).update({ id }, { tokenHash: hash, expiresAt: address.expiresAt });
      return { pretrainedModel: await find(tx, id), upload: address };
    });
  }

  /** Takes a ZIP file; see PretrainedModelReception. */
  receive(id: string, token: string, source: Readable, contentLength?: number): Promise<ReceivedFile> {
    return this.reception.receive(id, token, source, contentLength);
  }

  get(context: TenantContext, id: string): Promise<PretrainedModel> {
    return this.dependencies.database.inTenant(context, (tx) => find(tx, id));
  }

  list(context: TenantContext, args: PretrainedModelListArgs): Promise<Page<PretrainedModel>> {
    return this.dependencies.database.list(context, pretrainedModelList, args);
  }

  /** For good, with its file. CONFLICT, naming them, when runs went on from it: their origin must stay readable. */
  async delete(context: TenantContext, id: string): Promise<void> {
    const { database, artifacts, lineage } = this.dependencies;
    const keys = await database.inTenant(context, (tx) => remove(tx, lineage, id));
    // The row is gone; bytes that stay behind are swept.
    await Promise.allSettled(keys.map((key) => artifacts.delete(key)));
  }

  /** The model that an estimator goes on from; null when it starts afresh. CONFLICT when the model is not READY. */
  async modelOf(context: TenantContext, estimator: Estimator): Promise<PretrainedModel | null> {
    const origin = originOf(estimator);
    if (origin === null) return null;
    const model = await this.get(context, uuidOf('PretrainedModel', origin));
    if (model.artifactId) return model;
    throw new PraxisError(
      'CONFLICT',
      `The pretrained model ${shown(model.name)} ${WAITING}: PUT them to its address first.`,
    );
  }

  /** What is wrong with the model that an estimator names, at a path below the estimator; none when it can be gone on from. */
  async faultsOf(context: TenantContext, estimator: Estimator): Promise<Issue[]> {
    const path = 'parameters.model';
    try {
      await this.modelOf(context, estimator);
      return [];
    } catch (error) {
      if (!(error instanceof PraxisError)) throw error;
      if (error.code === 'CONFLICT') {
        return [{ path, message: `names a model that ${WAITING}`, hint: 'PUT its files to its address first' }];
      }
      if (error.code !== 'NOT_FOUND') throw error;
      const hint = 'make one with createPretrainedModel; `pretrainedModels` lists those that are there';
      return [{ path, message: 'is the id of no pretrained model of this tenant', hint }];
    }
  }

  /** The file of the network that an estimator goes on from (engine/network/network-file.ts), or null. */
  async readNetwork(context: TenantContext, estimator: Estimator): Promise<Uint8Array | null> {
    const model = await this.modelOf(context, estimator);
    if (!model) return null;
    const key = await this.dependencies.database.inTenant(context, (tx) => findArtifactKey(tx, model.artifactId!));
    return this.dependencies.artifacts.read(key!);
  }
}

async function insert(tx: TenantTx, name: string): Promise<string> {
  const id = newId();
  const { hash, address } = issueAddress(tx, id, '');
  const { expiresAt } = address;
  const row = { tenantId: tx.tenantId, id, name, tokenHash: hash, expiresAt, createdAt: new Date() };
  await tx.repo(PretrainedModel).insert(row);
  await tx.audit('pretrainedModel.create', id, { name });
  return id;
}

async function find(tx: TenantTx, id: string): Promise<PretrainedModel> {
  const model = await tx.repo(PretrainedModel).findOneBy({ id });
  if (!model) throw PraxisError.notFound('PretrainedModel', id);
  return model;
}

/** The keys of its files. */
async function remove(tx: TenantTx, lineage: LineageService, id: string): Promise<string[]> {
  const where = { id };
  const model = await tx.repo(PretrainedModel).findOne({ where, lock: { mode: 'pessimistic_write' } });
  if (!model) throw PraxisError.notFound('PretrainedModel', toGlobalId('PretrainedModel', id));
  await lineage.forget(tx, { kind: 'PretrainedModel', id }, `The pretrained model ${shown(model.name)}`);
  await tx.query('DELETE FROM pretrained_models WHERE id = $1', [id]);
  await tx.audit('pretrainedModel.delete', id, { name: model.name });
  return model.artifactId ? forgetArtifacts(tx, [model.artifactId]) : [];
}
