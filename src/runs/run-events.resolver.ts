import { GraphQLSafeInt } from 'graphql-scalars';
import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { tenantOf, uuidOf, type GraphContext } from '../kernel';
import { RunEvent } from './run-event.type';
import type { RunService } from './run.service';

/**
 * The subscription's resolver. Its class is made around the service, because type-graphql calls `subscribe` without
 * an instance.
 */
export function runEventsResolver(service: RunService): object {
  @Resolver()
  class RunEventsResolver {
    @Subscription(() => RunEvent, {
      description:
        'The events of a run after `after`, those stored first, then each as it happens; ends with the run. ' +
        'NOT_FOUND when this tenant has no run with this id.',
      subscribe: ({ args, context }) => {
        const { runId, after } = args as { runId: string; after: number };
        return service.events(tenantOf(context as GraphContext), uuidOf('Run', runId), after);
      },
    })
    runEvents(
      @Root() event: RunEvent,
      @Arg('runId', () => ID, { description: 'Global id of the run.' }) _runId: string,
      @Arg('after', () => GraphQLSafeInt, {
        defaultValue: 0,
        description: 'Sequence of the last event already seen; 0 for all.',
      })
      _after: number,
    ): RunEvent {
      return event;
    }
  }
  return new RunEventsResolver();
}
