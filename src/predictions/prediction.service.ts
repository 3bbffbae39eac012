import type { Registry } from 'prom-client';
import { fileKey, modelKey, type Batcher } from '../compute';
import { lookAgain, newestFirst, outsideSnapshot, type Database } from '../db';
import type { Deployment, DeploymentService } from '../deployments';
import { newId, PraxisError, type Log, type Page, type PageArgs, type TenantContext, type Waiter } from '../kernel';
import type { ModelService } from '../models';
import { Prediction } from './prediction.entity';
import { PredictionMetrics } from './prediction.metrics';
import { PredictPayload } from './prediction.payload';
import { PredictionRecorder } from './prediction.recorder';
import { recordingsOf } from './recording';
import { givenRows, type GivenRows } from './given-rows';
import type { Row } from './row.cells';
import { ServedModel } from './served-model';

export interface PredictRequest {
  /** Name, global id or uuid of a live deployment. */
  deployment: string;
  rows?: Row[] | null;
  /** Instead of rows: each input's list of values. */
  columns?: Row | null;
}

export interface PredictionDependencies {
  database: Database;
  deployments: DeploymentService;
  models: ModelService;
  batcher: Batcher;
  registry: Registry;
  log: Log;
}

/** Several times as many as can be open; one that was dropped costs a query. */
const SERVED_MAX = 256;

/** Predicts, and records what was predicted behind the answer. */
export class PredictionService {
  private readonly recorder: PredictionRecorder;
  private readonly metrics: PredictionMetrics;
  /** By tenant and model file, oldest first. */
  private readonly served = new Map<string, Promise<ServedModel>>();

  constructor(private readonly rooms: PredictionDependencies) {
    this.recorder = new PredictionRecorder(rooms.database, rooms.log, rooms.registry);
    this.metrics = new PredictionMetrics(rooms.registry);
  }

  /**
   * Throws NOT_FOUND or CONFLICT for the deployment, VALIDATION_FAILED with the faulty rows and fields, PAYLOAD_TOO_LARGE,
   * or RATE_LIMITED and UNAVAILABLE above the server's capacity, also when the waiter has left before the rows' turn came.
   */
  async predict(context: TenantContext, request: PredictRequest, waiter?: Waiter): Promise<PredictPayload> {
    const startMs = performance.now();
    const given = givenRows(request);
    const deployment = await this.rooms.deployments.resolve(context, request.deployment);
    const model = await this.modelOf(context, deployment);
    const block = given.encode(model.encoder);
    const output = await this.rooms.batcher.predict(model.source, block, waiter);
    const answer = new PredictPayload(deployment, model.version, output);
    answer.latencyMs = performance.now() - startMs;
    this.metrics.rows.inc(given.rowCount);
    this.metrics.latencyMs.observe(answer.latencyMs);
    this.record(context, given, answer);
    return answer;
  }

  /** Sees predictions of this process at once; for those that another one has yet to write it looks again. */
  async get(context: TenantContext, id: string): Promise<Prediction> {
    await this.recorder.flush(context.tenantId);
    const now = outsideSnapshot(context);
    const find = () => this.rooms.database.inTenant(now, (tx) => tx.repo(Prediction).findOneBy({ id }));
    const found = await lookAgain(find);
    if (!found) throw PraxisError.notFound('Prediction', id);
    return found;
  }

  async list(context: TenantContext, deploymentId: string, args: PageArgs): Promise<Page<Prediction>> {
    await this.recorder.flush(context.tenantId);
    await this.rooms.deployments.get(context, deploymentId);
    const now = outsideSnapshot(context);
    return this.rooms.database.inTenant(now, (tx) => newestFirst(tx.repo(Prediction), { deploymentId }, args));
  }

  /** Stores the predictions that wait, at the end of the process. */
  async drain(): Promise<void> {
    await this.recorder.drain();
  }

  private modelOf(context: TenantContext, deployment: Deployment): Promise<ServedModel> {
    const key = modelKey(context.tenantId, fileKey(deployment.modelVersionId, deployment.precision));
    const known = this.served.get(key);
    if (known) return known;
    const model = ServedModel.read(this.rooms.models, context, deployment);
    model.catch(() => this.served.delete(key));
    this.served.set(key, model);
    if (this.served.size > SERVED_MAX) this.served.delete(this.served.keys().next().value as string);
    return model;
  }

  /** Gives an id to each prediction that will be stored. */
  private record({ tenantId, requestId }: TenantContext, given: GivenRows, answer: PredictPayload): void {
    const { recordFraction } = answer.deployment;
    const records = recordFraction > 0 && this.recorder.room(given.rowCount);
    answer.recordedIds = Array.from({ length: given.rowCount }, () => (records ? sampledId(recordFraction) : null));
    if (records) this.recorder.add(tenantId, recordingsOf(requestId, given, answer));
  }
}

/** Null for what is not recorded: decided by the random bits of the id alone, so it can be checked afterwards. */
function sampledId(fraction: number): string | null {
  const id = newId();
  return fraction >= 1 || parseInt(id.slice(0, 8), 16) < fraction * 2 ** 32 ? id : null;
}
