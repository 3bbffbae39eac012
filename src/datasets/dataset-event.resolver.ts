import { Min } from 'class-validator';
import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { StoredEvent } from '../db';
import { resolverOf, tenantOf, uuidOf, type GraphContext } from '../kernel';
import { DatasetEvent, DatasetVersionReady, toDatasetEvent } from './dataset-event.type';
import { DatasetVersion } from './dataset-version.entity';
import type { DatasetService } from './dataset.service';

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
    description: 'States, progress, findings and versions of a dataset: those after `after`, then those to come.',
    subscribe: ({ args, context, info }) =>
      resolverOf(info, DatasetEventResolver).follow(context as GraphContext, args as DatasetEventsArgs),
  })
  datasetEvents(@Root() event: StoredEvent, @Args(() => DatasetEventsArgs) _args: DatasetEventsArgs): DatasetEvent {
    return toDatasetEvent(event);
  }

  @FieldResolver(() => DatasetVersion, { description: 'The version.' })
  version(@Root() { versionId }: DatasetVersionReady, @Ctx() context: GraphContext): Promise<DatasetVersion> {
    return this.service.versionById.load(context, versionId);
  }

  follow(context: GraphContext, { datasetId, after }: DatasetEventsArgs): Promise<AsyncIterable<StoredEvent>> {
    return this.service.events(tenantOf(context), uuidOf('Dataset', datasetId), after);
  }
}
