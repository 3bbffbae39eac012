import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { EventFeed, type EventStream } from '../../db';
import { PraxisError } from '../../kernel';
import type { OperationContext } from '../operations/context';
import { toGraphQLError, toPraxisError } from '../errors';
import type { ApiMetrics } from '../metrics';
import { Broadcast } from './broadcast';
import { Delivery } from './delivery';
import { each } from './each';
import type { Channel } from './outlet';
import { Gate, Quota, type QuotaLimits } from './quota';
import { renderMessage, selectionOf } from './selection';
import { TextCache } from './text-cache';

/** Subscriptions of one tenant that are being opened at a time: each asks the database for its subject. */
const OPENING_MAX = 4;
/** Of all messages that are kept for those who are a little behind. */
const TEXT_CHARACTERS_MAX = 16_000_000;

const isStream = (source: object): source is AsyncIterable<unknown> => Symbol.asyncIterator in source;

/** Opens subscriptions, and lets those of one stream that select the same share what is sent. */
export class FanOut {
  private readonly broadcasts = new WeakMap<EventStream, Map<string, { broadcast: Broadcast; users: number }>>();
  private readonly texts = new TextCache(TEXT_CHARACTERS_MAX);
  private readonly gate = new Gate(OPENING_MAX);
  private readonly quota: Quota;

  constructor(
    limits: QuotaLimits,
    private readonly metrics: ApiMetrics,
  ) {
    this.quota = new Quota('subscriptions', limits, 'end those that nobody needs, or follow several events by one');
  }

  /**
   * A stream of results that ends with the subscription; those of events are written to the channel and not given. Or the
   * result that refuses it.
   */
  async subscribe(args: ExecutionArgs, channel: Channel): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
    const { caller } = args.contextValue as OperationContext;
    let leave = () => {};
    try {
      if (!caller) throw new PraxisError('UNAUTHENTICATED', 'Send a valid api key as "Authorization: Bearer <key>".');
      leave = this.quota.take(caller);
      const tenant = 'tenantId' in caller ? caller.tenantId : caller.role;
      const source = await this.gate.pass(tenant, async () =>
        channel.outlet.isOpen ? createSourceEventStream(args) : {},
      );
      if (!isStream(source)) return (leave(), source);
      return this.follow(source, args, { channel, leave: this.counted(leave) });
    } catch (error) {
      leave();
      return { errors: [toGraphQLError(toPraxisError(error))] };
    }
  }

  private follow(
    source: AsyncIterable<unknown>,
    args: ExecutionArgs,
    { channel, leave }: { channel: Channel; leave: () => void },
  ): AsyncGenerator<ExecutionResult> {
    if (!(source instanceof EventFeed)) return each(source, args, { channel, leave });
    const { broadcast, release } = this.broadcastOf(source, args);
    return new Delivery({ broadcast, feed: source, channel, onEnd: () => (release(), leave()) });
  }

  private broadcastOf(feed: EventFeed<unknown>, args: ExecutionArgs): { broadcast: Broadcast; release: () => void } {
    const { stream } = feed.subscription;
    const selection = selectionOf(args);
    const selections = this.broadcasts.get(stream) ?? new Map<string, { broadcast: Broadcast; users: number }>();
    this.broadcasts.set(stream, selections);
    const present = selections.get(selection) ?? { broadcast: this.open(feed, args), users: 0 };
    selections.set(selection, present);
    present.users++;
    const release = () => void (--present.users === 0 && selections.delete(selection));
    return { broadcast: present.broadcast, release };
  }

  private open({ subscription, showing }: EventFeed<unknown>, args: ExecutionArgs): Broadcast {
    return new Broadcast({
      stream: subscription.stream,
      showing,
      render: (message) => renderMessage(args, message),
      texts: this.texts,
      onSent: (events) => this.metrics.eventsSent.inc(events),
    });
  }

  private counted(leave: () => void): () => void {
    this.metrics.subscriptions.inc();
    let isOpen = true;
    return () => {
      if (isOpen) this.metrics.subscriptions.dec();
      isOpen = false;
      leave();
    };
  }
}
