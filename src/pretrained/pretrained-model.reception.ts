import { Readable } from 'node:stream';
import { toJsonText, type Database, type TenantTx } from '../db';
import { EngineError, networkFile, readKerasModel, type KerasModel } from '../engine';
import { jobContext, newId, PraxisError, toGlobalId, type TenantContext } from '../kernel';
import { artifactKey, recordArtifact, type ArtifactRow, type ArtifactStore } from '../storage';
import { checkToken, inTurn, refuseEndedMaker, tenantOfAddress, UploadExpired, type ReceivedFile } from '../uploads';
import { ModelFolder } from './folder';
import { PretrainedModel, type PretrainedCard } from './pretrained-model.entity';

export interface ReceptionLimits {
  /** Of the ZIP file, and of what it unpacks to. */
  byteCountMax: number;
}

interface Converted {
  artifact: ArtifactRow;
  card: PretrainedCard;
}

/**
 * Takes models in: the ZIP file goes to the artifact store, is read from there into the file of a network, and is deleted.
 * Holds one chunk of it and its topology in memory; one model is read at a time.
 */
export class PretrainedModelReception {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly artifacts: ArtifactStore,
    private readonly limits: ReceptionLimits,
  ) {}

  /**
   * NOT_FOUND for a wrong id or token, UploadExpired, CONFLICT when a model is in already, PAYLOAD_TOO_LARGE,
   * VALIDATION_FAILED for what cannot be read. Whatever fails, nothing stays and the address can be used again.
   */
  async receive(id: string, token: string, source: Readable, contentLength = 0): Promise<ReceivedFile> {
    const tenantId = tenantOfAddress(id, token);
    const context = jobContext(tenantId, `pretrained-${id}`);
    await this.database.inTenant(context, async (tx) => void (await openOne(tx, id, token)));
    if (contentLength > this.limits.byteCountMax) throw this.tooLarge();
    return inTurn(this.database, id, () => this.take(context, { id, token }, source));
  }

  private async take(
    context: TenantContext,
    { id, token }: { id: string; token: string },
    source: Readable,
  ): Promise<ReceivedFile> {
    const { tenantId } = context;
    const packed = artifactKey(tenantId, 'UPLOAD', newId());
    try {
      await this.artifacts.write(packed, source, { byteCountMax: this.limits.byteCountMax });
      const converted = await this.oneByOne(() => this.convert(tenantId, packed));
      await this.keep(converted, () => this.database.inTenant(context, (tx) => finish(tx, { id, token }, converted)));
      const { warnings } = converted.card;
      return { status: 201, body: { id: toGlobalId('PretrainedModel', id), state: 'READY', warnings } };
    } finally {
      // What stays behind has no row, and is swept.
      await this.artifacts.delete(packed).catch(() => undefined);
    }
  }

  private tooLarge(): PraxisError {
    const { byteCountMax } = this.limits;
    return new PraxisError('PAYLOAD_TOO_LARGE', `The file is larger than the limit of ${byteCountMax} bytes.`);
  }

  private oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async convert(tenantId: string, packed: string): Promise<Converted> {
    try {
      const folder = await ModelFolder.open(await this.artifacts.localPath(packed), this.limits);
      try {
        return await this.write(tenantId, folder);
      } finally {
        folder.close();
      }
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const { message, hint } = error;
      throw PraxisError.invalid([{ path: 'file', message, hint }], message);
    }
  }

  private async write(tenantId: string, folder: ModelFolder): Promise<Converted> {
    const model = readKerasModel(await folder.topology());
    const id = newId();
    const key = artifactKey(tenantId, 'MODEL', id);
    const content = Readable.from(networkFile(model, (path) => folder.read(path)));
    const written = await this.artifacts.write(key, content);
    return { artifact: { id, kind: 'MODEL', key, ...written }, card: cardOf(model) };
  }

  /** Deletes the file again when the row does not come to be; after an unclear commit the sweep decides. */
  private async keep({ artifact }: Converted, commit: () => Promise<void>): Promise<void> {
    try {
      await commit();
    } catch (error) {
      const unclear = error instanceof PraxisError && error.code === 'UNAVAILABLE';
      if (!unclear) await this.artifacts.delete(artifact.key).catch(() => undefined);
      throw error;
    }
  }
}

const cardOf = ({ inputShape, layers, parameterCounts, warnings }: KerasModel): PretrainedCard => ({
  inputShape,
  warnings,
  layers: layers.map(({ name, type }, i) => ({ name: name!, type, parameterCount: parameterCounts[i] })),
});

/** The model that waits at an address, locked until the transaction ends. */
async function openOne(tx: TenantTx, id: string, token: string): Promise<PretrainedModel> {
  const found = await tx.repo(PretrainedModel).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  const model = checkToken(found, token);
  if (model.card) {
    const message = 'This address has taken its model already. Ask for a new one with createPretrainedModel.';
    throw new PraxisError('CONFLICT', message);
  }
  await refuseEndedMaker(tx, token, 'createPretrainedModel');
  if (model.expiresAt.getTime() <= Date.now()) throw new UploadExpired('createPretrainedModel');
  return model;
}

async function finish(
  tx: TenantTx,
  { id, token }: { id: string; token: string },
  { artifact, card }: Converted,
): Promise<void> {
  await openOne(tx, id, token);
  await recordArtifact(tx, artifact);
  await tx.query('UPDATE pretrained_models SET artifact_id = $2, card = $3 WHERE id = $1', [
    id,
    artifact.id,
    toJsonText(card),
  ]);
  await tx.audit('pretrainedModel.receive', id, { byteCount: artifact.byteCount });
}
