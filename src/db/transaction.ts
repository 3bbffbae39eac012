import type { PoolClient } from 'pg';
import type { EntityTarget, ObjectLiteral, QueryRunner, Repository } from 'typeorm';
import { z } from 'zod';
import { PraxisError, type OperatorContext, type TenantContext } from '../kernel';
import { EVENTS_CHANNEL, type CachedKind } from './events/listener';
import { ATTEMPTS_DEFAULT, EXTRA_ATTEMPTS, type Continuation, type EnqueueOptions, type TaskRef } from './jobs/task';
import { contentHash, toJsonText } from './entities/stored-text';

/** Statements inside an open transaction. Using it after the transaction ended throws. */
export class Transaction {
  private isOpen = true;

  constructor(
    private readonly runner: QueryRunner,
    private readonly client: PoolClient,
  ) {}

  /** The repository of an entity, bound to this transaction. Its columns of type bigint are numbers. */
  repo<E extends ObjectLiteral>(entity: EntityTarget<E>): Repository<E> {
    this.refuseWhenEnded();
    return this.runner.manager.getRepository(entity);
  }

  /** Runs one statement with parameters $1, $2 …; its rows, those of RETURNING included. */
  async query<R = Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<R[]> {
    this.refuseWhenEnded();
    const { rows } = await this.client.query(sql, params);
    return rows as R[];
  }

  /** For the Database only: nothing may run on the connection once it is given back. */
  end(): void {
    this.isOpen = false;
  }

  get ended(): boolean {
    return !this.isOpen;
  }

  private refuseWhenEnded(): void {
    if (!this.isOpen) throw new Error('The transaction has ended; await everything that uses it inside its function.');
  }
}

const continuationPayload = z.looseObject({ tenantId: z.uuid() });

/** What a caller may do inside its tenant. Row-level security keeps every statement there. */
export class TenantTx extends Transaction {
  constructor(
    runner: QueryRunner,
    client: PoolClient,
    private readonly context: TenantContext,
  ) {
    super(runner, client);
  }

  get tenantId(): string {
    return this.context.tenantId;
  }

  /** The key of the caller; null for a job. */
  get apiKeyId(): string | null {
    return this.context.apiKeyId;
  }

  /** Adds a durable job that exists once this transaction commits. The payload must name this tenant. */
  async enqueue<P>(task: TaskRef<P>, payload: P & { tenantId: string }, o: EnqueueOptions = {}): Promise<void> {
    const attempts = (o.maxAttempts ?? ATTEMPTS_DEFAULT) + EXTRA_ATTEMPTS;
    const parsed = toJsonText(task.payload.parse(payload));
    const params = [task.name, parsed, o.jobKey ?? null, o.queueName ?? null, attempts];
    await this.query('SELECT enqueue_job($1, $2, $3, $4, $5)', params);
  }

  /** Adds the job that was to follow. Its payload is checked in full by the task that receives it. */
  enqueueContinuation({ task: name, payload }: Continuation): Promise<void> {
    return this.enqueue({ name, payload: continuationPayload }, payload);
  }

  /**
   * Appends events to a subject's stream and returns the last sequence. Sequences start at 1 and have no gaps;
   * subscribers hear of them on commit. Holds the stream's lock until then, so append late in a long transaction.
   */
  async appendEvents(subjectId: string, events: { kind: string; payload: unknown }[]): Promise<number> {
    const added = events.map(({ kind, payload }) => ({ kind, payload: payload ?? null }));
    const rows = await this.query<{ last: number }>('SELECT append_events($1, $2) AS last', [
      subjectId,
      toJsonText(added),
    ]);
    return rows[0].last;
  }

  /** Removes a subject's events; those who follow it come to an end. */
  async deleteEvents(subjectId: string): Promise<void> {
    await this.query('DELETE FROM event_streams WHERE subject_id = $1', [subjectId]);
    await this.query('SELECT pg_notify($1, $2)', [EVENTS_CHANNEL, `${this.tenantId} ${subjectId}`]);
  }

  /** Tells every process on commit to forget the tenant's cached rows of a kind. */
  async announceChange(kind: CachedKind): Promise<void> {
    await this.query('SELECT pg_notify($1, $2)', [EVENTS_CHANNEL, `${this.tenantId} ${kind}`]);
  }

  /** Records who did what, in the same transaction. */
  async audit(action: string, subjectId: string | null, detail: object = {}): Promise<void> {
    await this.query(
      `INSERT INTO audit_events (tenant_id, api_key_id, request_id, action, subject_id, detail)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [this.tenantId, this.context.apiKeyId, this.context.requestId, action, subjectId, toJsonText(detail)],
    );
  }

  /**
   * Runs `create` once per key and returns the uuid it made; the same key with the same request returns that uuid
   * again, with another request it is a CONFLICT. Without a key it just runs. A second caller waits for the first.
   */
  async idempotent(
    o: { operation: string; key: string | null | undefined; request: unknown },
    create: () => Promise<string>,
  ): Promise<string> {
    if (o.key === null || o.key === undefined) return create();
    refuseWrongKey(o.key);
    const hash = contentHash(o.request);
    const known = await this.findIdempotent(o.operation, o.key);
    if (known && !known.request_hash.equals(hash)) {
      throw new PraxisError('CONFLICT', `The idempotency key "${o.key}" was used for another ${o.operation} request.`);
    }
    if (known) return known.subject_id;
    const subjectId = await create();
    await this.query(
      `INSERT INTO idempotency_keys (tenant_id, operation, key, request_hash, subject_id) VALUES ($1, $2, $3, $4, $5)`,
      [this.tenantId, o.operation, o.key, hash, subjectId],
    );
    return subjectId;
  }

  /** Forgets which requests made these subjects, as they are deleted: the same key makes another one. */
  async forgetRequests(subjectIds: string[]): Promise<void> {
    await this.query('DELETE FROM idempotency_keys WHERE subject_id = ANY($1)', [subjectIds]);
  }

  /** The lock comes first, and in a statement of its own: the second one then sees what the holder committed. */
  private async findIdempotent(operation: string, key: string) {
    const lock = this.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `${this.tenantId} ${operation} ${key}`,
    ]);
    const find = this.query<{ request_hash: Buffer; subject_id: string }>(
      'SELECT request_hash, subject_id FROM idempotency_keys WHERE tenant_id = $1 AND operation = $2 AND key = $3',
      [this.tenantId, operation, key],
    );
    const [, rows] = await Promise.all([lock, find]);
    return rows[0];
  }
}

/** What `SystemTx.audit` records. */
export interface PlatformAct {
  /** `<kind>.<verb>`; see `auditEvents`. */
  action: string;
  subjectId: string;
  /** The tenant it was done to, which sees it as well. */
  tenantId?: string;
  detail?: object;
}

/** Where a tenant's id stands in what is announced. */
const PLATFORM = 'platform';

/** The platform's own door: sees what praxis_system has a policy for, in every tenant. */
export class SystemTx extends Transaction {
  /** Records an act in the platform's audit, and in that of the tenant it was done to. */
  async audit({ apiKeyId, requestId }: OperatorContext, act: PlatformAct): Promise<void> {
    const tenantIds = act.tenantId ? [null, act.tenantId] : [null];
    await this.query(
      `INSERT INTO audit_events (tenant_id, api_key_id, request_id, action, subject_id, detail)
       SELECT tenant_id, $2, $3, $4, $5, $6 FROM unnest($1::uuid[]) tenant_id`,
      [tenantIds, apiKeyId, requestId, act.action, act.subjectId, toJsonText(act.detail ?? {})],
    );
  }

  /** Tells every process on commit to forget the platform's cached rows of a kind. */
  async announceChange(kind: CachedKind): Promise<void> {
    await this.query('SELECT pg_notify($1, $2)', [EVENTS_CHANNEL, `${PLATFORM} ${kind}`]);
  }
}

function refuseWrongKey(key: string): void {
  if (key.length >= 1 && key.length <= 200) return;
  throw PraxisError.invalid([{ path: 'idempotencyKey', message: `must have 1 to 200 characters, got ${key.length}` }]);
}
