import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { DatasetFinding, DatasetVersion, type DatasetService } from '../datasets';
import { eitherOf, replacedBy, tenantOf, uuidOf, type GraphContext, type Page } from '../kernel';
import { LeftOutColumn, ModelVersion, type ModelService } from '../models';
import { PipelineVersion, type PipelineService } from '../pipelines';
import { pointShare, POINTS_TOTAL_MAX } from './events/metric-history';
import { MetricHistory, MetricHistoryArgs } from './events/metric-history.type';
import { Run, RunConnection } from './run.entity';
import { findingsFor } from './work/run.findings';
import { CancelRunInput, CancelRunPayload, RunCost, RunsArgs, StartRunInput, StartRunPayload } from './run.input';
import { checkedTags } from './run.label';
import type { RunService } from './run.service';
import { RunState } from './run-state';

const uuidOrNull = (kind: Parameters<typeof uuidOf>[0], id?: string | null): string | null =>
  id ? uuidOf(kind, id) : null;

@Resolver(() => Run)
export class RunResolver {
  constructor(
    private readonly service: RunService,
    private readonly models: ModelService,
    private readonly pipelines: PipelineService,
    private readonly datasets: DatasetService,
  ) {}

  @Query(() => Run, {
    ...replacedBy('runById'),
    description: 'One run. NOT_FOUND when this tenant has none with this id.',
  })
  run(@Arg('id', () => ID, { description: 'Global id.' }) id: string, @Ctx() context: GraphContext): Promise<Run> {
    return this.service.get(tenantOf(context), uuidOf('Run', id));
  }

  @Query(() => RunConnection, { description: 'The runs of this tenant, newest first.' })
  runs(@Args(() => RunsArgs) args: RunsArgs, @Ctx() context: GraphContext): Promise<Page<Run>> {
    const { filter, state } = args;
    const states = eitherOf({ 'filter.states': filter?.states, state: state ? [state] : null });
    const pipelineId = eitherOf({ 'filter.pipelineId': filter?.pipelineId, pipelineId: args.pipelineId });
    return this.service.list(tenantOf(context), { ...args, filter: { ...filter, states, pipelineId } });
  }

  @Mutation(() => StartRunPayload, {
    description:
      'Starts a training. NOT_FOUND for the ids; VALIDATION_FAILED when the profile of the dataset version shows that ' +
      'it must fail: no such column, a constant or empty target.',
  })
  async startRun(
    @Arg('input', { description: 'What to train on what.' }) input: StartRunInput,
    @Ctx() context: GraphContext,
  ): Promise<StartRunPayload> {
    const { seed, executor, idempotencyKey, name, tags } = input;
    const run = await this.service.start(tenantOf(context), {
      pipelineId: uuidOrNull('Pipeline', input.pipelineId),
      pipelineVersionId: uuidOrNull('PipelineVersion', input.pipelineVersionId),
      datasetVersionId: uuidOf('DatasetVersion', input.datasetVersionId),
      seed,
      executor,
      idempotencyKey,
      name,
      tags: tags && checkedTags(tags),
    });
    return { run };
  }

  @Mutation(() => CancelRunPayload, {
    description: 'Ends a run at once. A run that has ended stays as it is, so calling twice does no harm.',
  })
  async cancelRun(
    @Arg('input', { description: 'Which run.' }) input: CancelRunInput,
    @Ctx() context: GraphContext,
  ): Promise<CancelRunPayload> {
    return { run: await this.service.cancel(tenantOf(context), uuidOf('Run', input.runId)) };
  }

  @FieldResolver(() => ModelVersion, {
    nullable: true,
    description: 'The model it made; null until SUCCEEDED, and once it is deleted.',
  })
  async modelVersion(@Root() run: Run, @Ctx() context: GraphContext): Promise<ModelVersion | null> {
    if (run.state !== RunState.SUCCEEDED) return null;
    const [version] = await this.models.versionsOfRun.load(context, run.id);
    return version ?? null;
  }

  @FieldResolver(() => [LeftOutColumn], {
    nullable: true,
    description: 'Columns that were not used, and why; null until SUCCEEDED, and once the model is deleted.',
  })
  async leftOut(@Root() run: Run, @Ctx() context: GraphContext): Promise<LeftOutColumn[] | null> {
    return (await this.modelVersion(run, context))?.card.leftOut ?? null;
  }

  @FieldResolver(() => [DatasetFinding], {
    description:
      'What was noticed in its data: in the file as a whole, and in the columns that the pipeline does not drop. Warnings ' +
      'first; its log begins with them.',
  })
  async findings(@Root() run: Run, @Ctx() context: GraphContext): Promise<DatasetFinding[]> {
    const [dataset, pipeline] = await Promise.all([
      this.datasetVersion(run, context),
      this.pipelineVersion(run, context),
    ]);
    return findingsFor(dataset, this.pipelines.compile(pipeline));
  }

  @FieldResolver(() => MetricHistory, {
    description:
      `Its metrics so far. At most ${POINTS_TOTAL_MAX} points in all: with many series each has fewer. Drawing together keeps ` +
      'the smallest and the largest value, so that no peak is lost.',
    complexity: ({ args, childComplexity }) => 1 + childComplexity * pointShare(Number(args.pointsMax)),
  })
  metricHistory(
    @Root() run: Run,
    @Args(() => MetricHistoryArgs) args: MetricHistoryArgs,
    @Ctx() context: GraphContext,
  ): Promise<MetricHistory> {
    return this.service.metricHistory(tenantOf(context), run.id, args);
  }

  @FieldResolver(() => PipelineVersion, { description: 'What it trains.' })
  pipelineVersion(@Root() run: Run, @Ctx() context: GraphContext): Promise<PipelineVersion> {
    return this.pipelines.versionById.load(context, run.pipelineVersionId);
  }

  @FieldResolver(() => DatasetVersion, { description: 'What it learns from.' })
  datasetVersion(@Root() run: Run, @Ctx() context: GraphContext): Promise<DatasetVersion> {
    return this.datasets.versionById.load(context, run.datasetVersionId);
  }
}

@Resolver(() => StartRunPayload)
export class StartRunPayloadResolver {
  constructor(private readonly service: RunService) {}

  @FieldResolver(() => RunCost, { description: 'What the run is expected to cost.' })
  cost(@Root() { run }: StartRunPayload, @Ctx() context: GraphContext): Promise<RunCost> {
    return this.service.costOf(tenantOf(context), run);
  }
}

/** The way back from a model to its run. It stands here because models know nothing of runs. */
@Resolver(() => ModelVersion)
export class ModelVersionRunResolver {
  constructor(private readonly service: RunService) {}

  @FieldResolver(() => Run, { description: 'The run that made it.' })
  run(@Root() version: ModelVersion, @Ctx() context: GraphContext): Promise<Run> {
    return this.service.byId.load(context, version.runId);
  }
}
