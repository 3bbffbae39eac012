import { GraphQLSafeInt } from 'graphql-scalars';
import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { tenantOf, uuidOf, type GraphContext } from '../kernel';
import { CaseRunEvent } from './case-run.entity';
import type { CaseService } from './case.service';

/** The class is made around the service, because type-graphql calls `subscribe` without an instance. */
export function caseRunEventsResolver(service: CaseService): object {
  @Resolver()
  class CaseRunEventsResolver {
    @Subscription(() => CaseRunEvent, {
      description:
        'The stages of a case run after `after`, those stored first, then each as it is reached; ends with the case run. ' +
        'NOT_FOUND when this tenant has no case run with this id.',
      subscribe: ({ args, context }) => {
        const { caseRunId, after } = args as { caseRunId: string; after: number };
        return service.events(tenantOf(context as GraphContext), uuidOf('CaseRun', caseRunId), after);
      },
    })
    caseRunEvents(
      @Root() event: CaseRunEvent,
      @Arg('caseRunId', () => ID, { description: 'Global id of the case run.' }) _caseRunId: string,
      @Arg('after', () => GraphQLSafeInt, {
        defaultValue: 0,
        description: 'Sequence of the last event already seen; 0 for all.',
      })
      _after: number,
    ): CaseRunEvent {
      return event;
    }
  }
  return new CaseRunEventsResolver();
}
