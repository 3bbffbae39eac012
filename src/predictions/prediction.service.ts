import type { Registry } from 'prom-client';
import { modelKey, type Batcher } from '../compute';
import { newestFirst, type Database } from '../db';
import type { Deployment, DeploymentService } from '../deployments';
import { newId, PraxisError, toGlobalId, type Log, type Page, type PageArgs, type TenantContext } from '../kernel';
import type { ModelService } from '../models';
import { Prediction } from './prediction.entity';
import { ROWS_MAX, type PredictedRow, type PredictPayload } from './prediction.input';
import { PredictionMetrics } from './prediction.metrics';
import { PredictionRecorder, type PredictionRow } from './prediction.recorder';
import type { Row } from './row.cells';
import { ServedModel, type Answer } from './served-model';

export interface PredictRequest {
  /** Name, global id or uuid of a live deployment. */
  deployment: string;
  rows: Row[];
}

export interface PredictionDependencies {
  database: Database;
  deployments: DeploymentService;
  models: ModelService;
  batcher: Batcher;
  registry: Registry;
  log: Log;
}

const SERVED_MAX = 10_000;

/** Predicts, and records what was predicted behind the answer. */
export class PredictionService {
  private readonly recorder: PredictionRecorder;
  private readonly metrics: PredictionMetrics;
  /** By tenant and model version, oldest first. */
  private readonly served = new Map<string, Promise<ServedModel>>();

  constructor(private readonly rooms: PredictionDependencies) {
    this.recorder = new PredictionRecorder(rooms.database, rooms.log, rooms.registry);
    this.metrics = new PredictionMetrics(rooms.registry);
  }

  /**
   * Throws NOT_FOUND or CONFLICT for the deployment, VALIDATION_FAILED with the faulty rows and fields, PAYLOAD_TOO_LARGE,
   * or RATE_LIMITED and UNAVAILABLE above the server's capacity. An abort frees the rows' place in the queue.
   */
  async predict(context: TenantContext, request: PredictRequest, signal?: AbortSignal): Promise<PredictPayload> {
    const startMs = performance.now();
    checkCount(request.rows);
    const deployment = await this.rooms.deployments.resolve(context, request.deployment);
    const model = await this.modelOf(context, deployment.modelVersionId);
    const block = model.encoder.encode(request.rows);
    const output = await this.rooms.batcher.predict(model.source, block, signal);
    const answers = request.rows.map((_, row) => model.answer(output, row));
    const latencyMs = performance.now() - startMs;
    this.metrics.rows.inc(answers.length);
    this.metrics.latencyMs.observe(latencyMs);
    const predictions = this.record(context, { deployment, rows: request.rows, answers, latencyMs });
    return { predictions, modelVersion: model.version, deployment, latencyMs };
  }

  /** Sees predictions of this process at once, those of others within some 50 ms. */
  async get(context: TenantContext, id: string): Promise<Prediction> {
    await this.recorder.flush(context.tenantId);
    const found = await this.rooms.database.inTenant(context, (tx) => tx.repo(Prediction).findOneBy({ id }));
    if (!found) throw PraxisError.notFound('Prediction', id);
    return found;
  }

  async list(context: TenantContext, deploymentId: string, args: PageArgs): Promise<Page<Prediction>> {
    await this.recorder.flush(context.tenantId);
    await this.rooms.deployments.get(context, deploymentId);
    return this.rooms.database.inTenant(context, (tx) => newestFirst(tx.repo(Prediction), { deploymentId }, args));
  }

  /** Stores the predictions that wait, at the end of the process. */
  async drain(): Promise<void> {
    await this.recorder.drain();
  }

  private modelOf(context: TenantContext, versionId: string): Promise<ServedModel> {
    const key = modelKey(context.tenantId, versionId);
    const known = this.served.get(key);
    if (known) return known;
    const model = ServedModel.read(this.rooms.models, context, versionId);
    model.catch(() => this.served.delete(key));
    this.served.set(key, model);
    if (this.served.size > SERVED_MAX) this.served.delete(this.served.keys().next().value as string);
    return model;
  }

  /** Gives an id to each prediction that will be stored. */
  private record(context: TenantContext, made: Made): PredictedRow[] {
    const { deployment, rows, answers } = made;
    const records = deployment.recordFraction > 0 && this.recorder.room(rows.length);
    if (!records) return answers.map(({ value, scores }) => ({ id: null, value, scores }));
    const createdAt = new Date();
    const kept: PredictionRow[] = [];
    const predicted = answers.map(({ value, scores }, row) => {
      const id = newId();
      if (!isSampled(id, deployment.recordFraction)) return { id: null, value, scores };
      kept.push({
        id,
        deployment_id: deployment.id,
        model_version_id: deployment.modelVersionId,
        input: rows[row],
        value,
        scores,
        latency_ms: made.latencyMs,
        request_id: context.requestId,
        created_at: createdAt,
      });
      return { id: toGlobalId('Prediction', id), value, scores };
    });
    this.recorder.add(context.tenantId, kept);
    return predicted;
  }
}

interface Made {
  deployment: Deployment;
  rows: Row[];
  answers: Answer[];
  latencyMs: number;
}

function checkCount(rows: Row[]): void {
  if (rows.length === 0) {
    throw PraxisError.invalid([{ path: 'rows', message: 'is empty', hint: 'send at least one row' }]);
  }
  if (rows.length > ROWS_MAX) {
    throw new PraxisError(
      'PAYLOAD_TOO_LARGE',
      `${rows.length} rows in one request; send at most ${ROWS_MAX} and repeat the request for the rest.`,
    );
  }
}

/** Decided by the random bits of the id alone, so it can be told afterwards whether a prediction was to be recorded. */
function isSampled(id: string, fraction: number): boolean {
  return fraction >= 1 || parseInt(id.slice(0, 8), 16) < fraction * 2 ** 32;
}
