import { Min } from 'class-validator';
import { GraphQLSafeInt } from 'graphql-scalars';
import { Args, ArgsType, Field, ID, Resolver, Root, Subscription } from 'type-graphql';
import { inBatches, oneByOne, type EventFeed, type Showing } from '../../db';
import { BATCHES_SENT, resolverOf, tenantOf, uuidOf, type EventBatch, type GraphContext } from '../../kernel';
import { RunEvent, RunEventBatch, toRunEvent } from './run-event.type';
import type { RunService } from '../run.service';

const EACH = oneByOne(toRunEvent);
const BATCHES = inBatches(toRunEvent);

@ArgsType()
class RunEventsArgs {
  @Field(() => ID, { description: 'Global id of the run. NOT_FOUND when this tenant has none with it.' })
  runId!: string;

  @Field(() => GraphQLSafeInt, { defaultValue: 0, description: 'Only events after this sequence; 0 for all.' })
  @Min(0)
  after!: number;
}

@Resolver()
export class RunEventResolver {
  constructor(private readonly service: RunService) {}

  @Subscription(() => RunEvent, {
    description: 'The events of a run after `after`, those stored first, then each as it happens; ends with the run.',
    subscribe: ({ args, context, info }) =>
      resolverOf(info, RunEventResolver).follow(context as GraphContext, args as RunEventsArgs, EACH),
  })
  runEvents(@Root() event: RunEvent, @Args(() => RunEventsArgs) _args: RunEventsArgs): RunEvent {
    return event;
  }

  @Subscription(() => RunEventBatch, {
    description: `As \`runEvents\`, several in one message. ${BATCHES_SENT} Ends with the run.`,
    subscribe: ({ args, context, info }) =>
      resolverOf(info, RunEventResolver).follow(context as GraphContext, args as RunEventsArgs, BATCHES),
  })
  runEventBatches(
    @Root() batch: EventBatch<RunEvent>,
    @Args(() => RunEventsArgs) _args: RunEventsArgs,
  ): EventBatch<RunEvent> {
    return batch;
  }

  follow<T>(context: GraphContext, { runId, after }: RunEventsArgs, showing: Showing<T>): Promise<EventFeed<T>> {
    return this.service.events(tenantOf(context), uuidOf('Run', runId), after, showing);
  }
}
