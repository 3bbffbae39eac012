import DataLoader from 'dataloader';
import type { Registry } from 'prom-client';
import { fileKey, modelKey, type Batcher } from '../compute';
import { lookAgain, outsideSnapshot, type Database } from '../db';
import { UnusualInputPolicy, type Deployment, type DeploymentService } from '../deployments';
import {
  loaderOf,
  PraxisError,
  tenantOf,
  type GraphContext,
  type Log,
  type Page,
  type Spender,
  type TenantContext,
} from '../kernel';
import type { ModelService } from '../models';
import type { ExplainInput } from './explanations/explanation.input';
import { planExplanation } from './explanations/explanation.plan';
import type { Prediction } from './prediction.entity';
import { PredictionMetrics } from './prediction.metrics';
import { PredictPayload } from './answers/prediction.payload';
import { PredictionRecorder } from './blocks/prediction.recorder';
import type { PredictionListArgs } from './prediction.list';
import { PredictionStore } from './blocks/prediction.store';
import { sentRows, type SentRequest } from './rows/sent-rows';
import { ServedModel } from './served-model';
import { notesOn, refuseUnusual } from './notes/unusual-input';

export interface PredictRequest extends SentRequest {
  /** Name, global id or uuid of a live deployment. */
  deployment: string;
  /** Left out or null: the answers are not explained. */
  explain?: ExplainInput | null;
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
  private readonly store: PredictionStore;
  private readonly recorder: PredictionRecorder;
  private readonly metrics: PredictionMetrics;
  /** By tenant and model file, oldest first. */
  private readonly served = new Map<string, Promise<ServedModel>>();

  constructor(private readonly dependencies: PredictionDependencies) {
    this.store = new PredictionStore(dependencies.database, dependencies.models);
    this.recorder = new PredictionRecorder(this.store, dependencies.log, dependencies.registry);
    this.metrics = new PredictionMetrics(dependencies.registry);
  }

  /**
   * Throws NOT_FOUND or CONFLICT for the deployment, VALIDATION_FAILED with the faulty rows and fields (input that the model
   * has not seen is one where the deployment refuses it), PAYLOAD_TOO_LARGE,
   * or RATE_LIMITED and UNAVAILABLE above the server's capacity, also when the waiter has left before the rows' turn came.
   */
  async predict(context: TenantContext, request: PredictRequest, waiter?: Spender): Promise<PredictPayload> {
    const startMs = performance.now();
    const sent = sentRows(request);
    waiter?.addRows(sent.rowCount);
    const deployment = await this.dependencies.deployments.resolve(context, request.deployment);
    const model = await this.modelOf(context, deployment);
    const input = sent.of(model);
    const block = input.encode(model.encoder);
    const { onUnusualInput } = deployment;
    if (onUnusualInput === UnusualInputPolicy.REFUSE) refuseUnusual(model, input);
    const { batcher } = this.dependencies;
    const { explain } = request;
    const plan = explain ? planExplanation(model.version.card, explain, input.rowCount) : null;
    const [output, explained] = await Promise.all([
      batcher.predict(model.source, block, waiter),
      plan && batcher.predict(model.explanationSource(plan), block, waiter),
    ]);
    const answer = new PredictPayload(
      ...([deployment, model.version, output] as const),
      onUnusualInput === UnusualInputPolicy.ANSWER ? null : () => notesOn(model, input),
    );
    if (plan) answer.explain(plan, explained!, input);
    if (model.group) answer.rankWithin(input.columns([model.group])[0] ?? []);
    // To the microsecond, which is as far as the clock can be trusted.
    answer.latencyMs = Math.round((performance.now() - startMs) * 1000) / 1000;
    this.metrics.rows.inc(input.rowCount);
    this.metrics.latency.observeMs(answer.latencyMs);
    const { tenantId, requestId } = context;
    answer.recordedIds = this.recorder.record({ tenantId, requestId, model, input, answer, atMs: Date.now() });
    return answer;
  }

  /** Sees predictions of this process at once; for those that another one has yet to write it looks again. */
  async get(context: TenantContext, id: string): Promise<Prediction> {
    await this.recorder.flush(context.tenantId);
    const now = outsideSnapshot(context);
    const found = await lookAgain(async () => (await this.store.byIds(now, [id])).get(id) ?? null);
    if (!found) throw PraxisError.notFound('Prediction', id);
    return found;
  }

  /** For resolvers: those that one operation asks for in the same tick are read together, when they are stored. */
  load(context: GraphContext, id: string): Promise<Prediction> {
    const read = async (ids: readonly string[]): Promise<(Prediction | Error)[]> => {
      const found = await this.store.byIds(tenantOf(context), ids);
      return ids.map((each) => found.get(each) ?? PraxisError.notFound('Prediction', each));
    };
    return loaderOf(context, this, () => new DataLoader<string, Prediction>(read)).load(id);
  }

  async list(context: TenantContext, deploymentId: string, args: PredictionListArgs): Promise<Page<Prediction>> {
    await this.recorder.flush(context.tenantId);
    await this.dependencies.deployments.get(context, deploymentId);
    return this.store.page(outsideSnapshot(context), deploymentId, args);
  }

  /** Stores the predictions that wait, at the end of the process. */
  async drain(): Promise<void> {
    await this.recorder.drain();
  }

  private modelOf(context: TenantContext, deployment: Deployment): Promise<ServedModel> {
    const key = modelKey(context.tenantId, fileKey(deployment.modelVersionId, deployment.precision));
    const known = this.served.get(key);
    if (known) return known;
    const model = ServedModel.read(this.dependencies.models, context, deployment);
    model.catch(() => this.served.delete(key));
    this.served.set(key, model);
    if (this.served.size > SERVED_MAX) this.served.delete(this.served.keys().next().value as string);
    return model;
  }
}
