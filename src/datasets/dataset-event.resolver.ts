import { Min } from 'class-validator';
import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import { inBatches, oneByOne, type EventFeed, type Showing } from '../db';
import { BATCHES_SENT, resolverOf, tenantOf, uuidOf, type EventBatch, type GraphContext } from '../kernel';
import { DatasetEvent, DatasetEventBatch, DatasetVersionReady, toDatasetEvent } from './types/dataset-event.type';
import { DatasetVersion } from './dataset-version.entity';
import type { DatasetService } from './dataset.service';

const EACH = oneByOne(toDatasetEvent);
const BATCHES = inBatches(toDatasetEvent);

@ArgsType()
class DatasetEventsArgs {
  @Field(() => ID, { description: 'Global id of the dataset. NOT_FOUND when this tenant has none with it.' })
  datasetId!: string;

  @Field(() => Int, { defaultValue: 0, description: 'Only events after this sequence; 0 for all.' })
  @Min(0)
  after!: number;
}

@Resolver(() => DatasetVersionReady)
export class DatasetEventResolver {
  constructor(private readonly service: DatasetService) {}

  @Subscription(() => DatasetEvent, {
    description:
      'States, progress, findings and versions of a dataset: those after `after`, then those to come. A dataset takes another ' +
      'file at any time, so they end with its deletion only.',
    subscribe: ({ args, context, info }) =>
      resolverOf(info, DatasetEventResolver).follow(context as GraphContext, args as DatasetEventsArgs, EACH),
  })
  datasetEvents(@Root() event: DatasetEvent, @Args(() => DatasetEventsArgs) _args: DatasetEventsArgs): DatasetEvent {
    return event;
  }

  @Subscription(() => DatasetEventBatch, {
    description: `As \`datasetEvents\`, several in one message. ${BATCHES_SENT}`,
    subscribe: ({ args, context, info }) =>
      resolverOf(info, DatasetEventResolver).follow(context as GraphContext, args as DatasetEventsArgs, BATCHES),
  })
  datasetEventBatches(
    @Root() batch: EventBatch<DatasetEvent>,
    @Args(() => DatasetEventsArgs) _args: DatasetEventsArgs,
  ): EventBatch<DatasetEvent> {
    return batch;
  }

  @FieldResolver(() => DatasetVersion, { description: 'The version.' })
  version(@Root() { versionId }: DatasetVersionReady, @Ctx() context: GraphContext): Promise<DatasetVersion> {
    return this.service.versionById.load(context, versionId);
  }

  follow<T>(
    context: GraphContext,
    { datasetId, after }: DatasetEventsArgs,
    showing: Showing<T>,
  ): Promise<EventFeed<T>> {
    return this.service.events(tenantOf(context), uuidOf('Dataset', datasetId), after, showing);
  }
}
