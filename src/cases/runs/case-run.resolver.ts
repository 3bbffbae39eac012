import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { DatasetVersion } from '../../datasets';
import { inBatches, oneByOne, type EntityLoader, type EventFeed, type Showing } from '../../db';
import { Deployment } from '../../deployments';
import { BATCHES_SENT, eitherOf, oneNamed, resolverOf, replacedBy, tenantOf, uuidOf } from '../../kernel';
import type { EventBatch, GraphContext, Page } from '../../kernel';
import { Prediction, type PredictionService } from '../../predictions';
import { Run } from '../../runs';
import { CaseRun, CaseRunConnection, CaseRunEvent, CaseRunEventBatch, toCaseRunEvent } from './case-run.entity';
import { Case } from '../case.entity';
import { CaseRunEventsArgs, CaseRunsArgs, RunCaseInput, RunCasePayload } from '../case.input';
import { slugOrUuid } from '../case.resolver';
import type { CaseService } from '../case.service';

const EACH = oneByOne(toCaseRunEvent);
const BATCHES = inBatches(toCaseRunEvent);

export interface CaseRunLoaders {
  datasetVersions: EntityLoader<DatasetVersion>;
  runs: EntityLoader<Run>;
  deployments: EntityLoader<Deployment>;
  predictions: PredictionService;
}

@Resolver(() => CaseRun)
export class CaseRunResolver {
  constructor(
    private readonly service: CaseService,
    private readonly loaders: CaseRunLoaders,
  ) {}

  @Mutation(() => RunCasePayload, {
    description:
      'Executes a case of the library: generates and ingests its data, trains, deploys, predicts its sample rows, and checks ' +
      'the expected metrics. The model answers under the name of the case; where a deployment of the tenant has that name, ' +
      'under `<name>-case` (or `-case-2`, …), and the deployment of the tenant stays as it is. `CaseRun.deployment` and the ' +
      'event PREDICTING tell the name. CONFLICT when the idempotency key was used for another request.',
  })
  runCase(
    @Arg('input', () => RunCaseInput, { description: 'Case and seed.' }) input: RunCaseInput,
    @Ctx() context: GraphContext,
  ): Promise<RunCasePayload> {
    const { slug: written, caseId, ...rest } = input;
    const slug = oneNamed({
      slug: written ? slugOrUuid(written) : null,
      caseId: caseId ? uuidOf('Case', caseId) : null,
    });
    return this.service.run(tenantOf(context), { ...rest, slug });
  }

  @Query(() => CaseRun, {
    ...replacedBy('caseRunById'),
    description: 'One case run. NOT_FOUND when this tenant has none with this id.',
  })
  caseRun(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<CaseRun> {
    return this.service.getRun(tenantOf(context), uuidOf('CaseRun', id));
  }

  @Query(() => CaseRunConnection, { description: 'The case runs of this tenant, newest first.' })
  async caseRuns(@Args(() => CaseRunsArgs) args: CaseRunsArgs, @Ctx() context: GraphContext): Promise<Page<CaseRun>> {
    const caller = tenantOf(context);
    const named = args.caseId ? await this.service.get(caller, slugOrUuid(args.caseId)) : null;
    const caseId = eitherOf({ 'filter.caseId': args.filter?.caseId, caseId: named?.globalId });
    return this.service.listRuns(caller, { ...args, filter: { ...args.filter, caseId } });
  }

  @Subscription(() => CaseRunEvent, {
    description:
      'The stages of a case run after `after`, those stored first, then each as it is reached; ends with the case run. ' +
      'NOT_FOUND when this tenant has no case run with this id.',
    subscribe: ({ args, context, info }) =>
      resolverOf(info, CaseRunResolver).follow(context as GraphContext, args as CaseRunEventsArgs, EACH),
  })
  caseRunEvents(@Root() event: CaseRunEvent, @Args(() => CaseRunEventsArgs) _args: CaseRunEventsArgs): CaseRunEvent {
    return event;
  }

  @Subscription(() => CaseRunEventBatch, {
    description: `As \`caseRunEvents\`, several in one message. ${BATCHES_SENT} Ends with the case run.`,
    subscribe: ({ args, context, info }) =>
      resolverOf(info, CaseRunResolver).follow(context as GraphContext, args as CaseRunEventsArgs, BATCHES),
  })
  caseRunEventBatches(
    @Root() batch: EventBatch<CaseRunEvent>,
    @Args(() => CaseRunEventsArgs) _args: CaseRunEventsArgs,
  ): EventBatch<CaseRunEvent> {
    return batch;
  }

  @FieldResolver(() => Case, { description: 'The case, as it is now.' })
  case(@Root() run: CaseRun, @Ctx() context: GraphContext): Promise<Case> {
    return this.service.byId.load(context, run.caseId);
  }

  @FieldResolver(() => DatasetVersion, { nullable: true, description: 'Its data; null until it is ingested.' })
  datasetVersion(@Root() { datasetVersionId: id }: CaseRun, @Ctx() context: GraphContext) {
    return id && this.loaders.datasetVersions.load(context, id);
  }

  @FieldResolver(() => Run, { nullable: true, description: 'Its training; null until the data is ingested.' })
  run(@Root() { runId: id }: CaseRun, @Ctx() context: GraphContext) {
    return id && this.loaders.runs.load(context, id);
  }

  @FieldResolver(() => [Run], {
    description: 'The trainings to compare with, in the order of `Case.comparisons`; empty until the data is ingested.',
  })
  comparisonRuns(@Root() { comparisonRunIds: ids }: CaseRun, @Ctx() context: GraphContext): Promise<Run[]> {
    return Promise.all((ids ?? []).map((id) => this.loaders.runs.load(context, id)));
  }

  @FieldResolver(() => Deployment, {
    nullable: true,
    description: 'Where its model answers, with the name it was given; null until then.',
  })
  deployment(@Root() { deploymentId: id }: CaseRun, @Ctx() context: GraphContext) {
    return id && this.loaders.deployments.load(context, id);
  }

  @FieldResolver(() => Prediction, { nullable: true, description: 'Its first sample prediction; null until then.' })
  prediction(@Root() { predictionId: id }: CaseRun, @Ctx() context: GraphContext) {
    return id && this.loaders.predictions.load(context, id);
  }

  follow<T>(
    context: GraphContext,
    { caseRunId, after }: CaseRunEventsArgs,
    showing: Showing<T>,
  ): Promise<EventFeed<T>> {
    return this.service.events(tenantOf(context), uuidOf('CaseRun', caseRunId), after, showing);
  }
}
