import type { OperationDefinitionNode } from 'graphql';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { DurationMetric } from '../kernel/process/duration.metric';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What /metrics tells of the API. Labels come from closed sets: never a tenant, an id or text of a caller. */
export class ApiMetrics {
  readonly http: Histogram<'method' | 'route' | 'status'>;
  readonly operations: Counter<'type' | 'field' | 'outcome'>;
  private readonly duration: DurationMetric<'type' | 'field'>;
  readonly abandoned: Counter;
  readonly sockets: Gauge;
  readonly subscriptions: Gauge;
  readonly eventsSent: Counter;
  readonly cuts: Counter<'reason'>;

  constructor(readonly registry: Registry) {
    const registers = [registry];
    this.http = new Histogram({
      name: 'praxis_http_request_duration_seconds',
      help: 'Duration of HTTP requests.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    });
    this.operations = new Counter({
      name: 'praxis_graphql_operations_total',
      help: 'GraphQL operations by type, first root field and outcome (ok or error code).',
      labelNames: ['type', 'field', 'outcome'],
      registers,
    });
    this.duration = new DurationMetric(registry, {
      name: 'praxis_graphql_operation_duration_seconds',
      help: 'Duration of GraphQL operations over HTTP by type and first root field.',
      labelNames: ['type', 'field'],
      buckets: SECONDS,
    });
    new Gauge({ name: 'praxis_api_processes', help: 'Processes that answer on this port.', registers }).set(1);
    this.abandoned = new Counter({
      name: 'praxis_http_requests_abandoned_total',
      help: 'HTTP requests whose client left before its body was in.',
      registers,
    });
    this.sockets = new Gauge({
      name: 'praxis_websocket_connections',
      help: 'Open GraphQL WebSocket connections.',
      registers,
    });
    this.subscriptions = new Gauge({
      name: 'praxis_subscriptions',
      help: 'Open subscriptions, over sockets and event streams.',
      registers,
    });
    this.eventsSent = new Counter({
      name: 'praxis_subscription_events_total',
      help: 'Events sent to subscribers; those of a batch are counted one by one.',
      registers,
    });
    this.cuts = new Counter({
      name: 'praxis_connections_cut_total',
      help: 'Sockets and event streams that the server ended: key, rights, slow, silent (no answer to a ping), limit, protocol or going (away).',
      labelNames: ['reason'],
      registers,
    });
  }

  /** The field is one of the schema, as the operation has passed validation; null for a refused document. */
  countOperation(operation: OperationDefinitionNode | undefined, outcome: string, elapsedMs?: number): void {
    const first = operation?.selectionSet.selections[0];
    const field = first?.kind === 'Field' ? first.name.value : operation ? 'fragment' : 'refused';
    const type = operation?.operation ?? 'refused';
    this.operations.inc({ type, field, outcome });
    if (elapsedMs !== undefined) this.duration.observeMs(elapsedMs, { type, field });
  }
}
