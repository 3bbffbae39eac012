import { Min } from 'class-validator';
import { GraphQLSafeInt } from 'graphql-scalars';
import { Args, ArgsType, Field, ID, Resolver, Root, Subscription } from 'type-graphql';
import { resolverOf, tenantOf, uuidOf, type GraphContext } from '../kernel';
import { RunEvent } from './run-event.type';
import type { RunService } from './run.service';

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
      resolverOf(info, RunEventResolver).follow(context as GraphContext, args as RunEventsArgs),
  })
  runEvents(@Root() event: RunEvent, @Args(() => RunEventsArgs) _args: RunEventsArgs): RunEvent {
    return event;
  }

  follow(context: GraphContext, { runId, after }: RunEventsArgs): Promise<AsyncIterable<RunEvent>> {
    return this.service.events(tenantOf(context), uuidOf('Run', runId), after);
  }
}
