import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import * as pg from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { isUuid, PraxisError, type Log, type Page, type TenantContext } from '../kernel';
import { APP_ROLE, appConnection, SYSTEM_ROLE } from './login/connection';
import { isRetryable, toPraxisError } from './failures';
import { readList, type Filter, type ListArgs, type ListOptions } from './list';
import { Snapshot, type Reading } from './snapshot';
import { SessionLocks } from './session-locks';
import { SystemTx, TenantTx, type Transaction } from './transaction';

/** Why code may step out of the tenants; each is one use, and the lint file lists the callers of `inSystem`. */
export type SystemReason =
  | 'AUTHENTICATE_KEY'
  | 'ONBOARD_TENANT'
  | 'OPERATOR_KEYS'
  | 'ISSUE_OWNER_KEY'
  | 'LIST_TENANTS'
  | 'SEED_LIBRARY'
  | 'AUDIT_PLATFORM'
  | 'CHECK_READINESS';

export interface DatabaseOptions {
  url: string;
  /** Connections at most; one is used per open transaction. */
  poolSize: number;
  log: Log;
  entities: Function[];
}

/** The transaction open on the current async context, and for whom. */
interface Scope {
  /** A tenant's id, or `system`. */
  owner: string;
  tx: Transaction;
}

/** A transaction whose first statement is on its way. */
interface Begun {
  runner: QueryRunner;
  client: pg.PoolClient;
  begun: Promise<unknown>;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const CONNECT_TIMEOUT_MS = 10_000;
const TRIES_MAX = 6;

/**
 * The only way to the tables: short transactions, each bound to one tenant or to the platform. Errors of the database
 * that a caller can act on come out as PraxisError. Never await a socket, a file or another pool inside.
 */
export class Database {
  private readonly scope = new AsyncLocalStorage<Scope>();
  private readonly snapshots = new WeakMap<TenantContext, Snapshot>();
  private openCount = 0;

  private constructor(
    private readonly source: DataSource,
    private readonly log: Log,
    readonly locks: SessionLocks,
  ) {}

  static async open(o: DatabaseOptions): Promise<Database> {
    const source = new DataSource({
      type: 'postgres',
      driver: pg,
      entities: o.entities,
      installExtensions: false,
      poolSize: o.poolSize,
      poolErrorHandler: (error: Error) => o.log.warn({ err: error }, 'an idle database connection was lost'),
      extra: {
        ...appConnection(o.url, 'praxis'),
        pipeline: true,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        idleTimeoutMillis: 60_000,
      },
    });
    await source.initialize();
    await refuseLoginRights(source);
    return new Database(source, o.log, new SessionLocks(o));
  }

  /**
   * One transaction inside the caller's tenant; run again when it loses against another one, so `work` must have no
   * other effects. A nested call of the same tenant joins the open transaction.
   */
  inTenant<T>(context: TenantContext, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    const snapshot = this.scope.getStore() ? undefined : this.snapshots.get(context);
    if (snapshot) return this.read(snapshot, context.tenantId, work);
    return this.run(context.tenantId, beginTenant(context), openTenant(context), guarded(context, work));
  }

  /**
   * Until the returned function is called, all that is read with this very context object comes from one snapshot, so
   * that no commit of others shows in one place and not in another. Writing with it fails meanwhile, and one connection
   * is held from the first read on. A failed statement fails those that follow.
   */
  openSnapshot(context: TenantContext): () => Promise<void> {
    const snapshot = new Snapshot(() => this.beginReading(context));
    this.snapshots.set(context, snapshot);
    return () => {
      this.snapshots.delete(context);
      return snapshot.close();
    };
  }

  /**
   * One statement inside the caller's tenant that nobody waits for: the commit does not wait for the disk, so a crash of
   * the machine may lose the last instant of it, never a part. No scope is followed for its time, as it cannot nest.
   */
  async writeBehind(context: TenantContext, sql: string, params: unknown[]): Promise<void> {
    const begin = `${beginTenant(context)}; SET LOCAL synchronous_commit = off`;
    await retrying(() => this.attempt(begin, openTenant(context), (tx) => tx.query(sql, params)));
  }

  /** One page of a list as this caller sees it; see `readList`. */
  list<E, F extends Filter>(
    context: TenantContext,
    list: ListOptions<E, F>,
    args: ListArgs<F>,
    scope: Record<string, unknown> = {},
  ): Promise<Page<E>> {
    return readList((work) => this.inTenant(context, work), list, args, scope);
  }

  /** One transaction as the platform: key checks, onboarding, seeds. */
  inSystem<T>(reason: SystemReason, work: (tx: SystemTx) => Promise<T>): Promise<T> {
    this.log.debug({ reason }, 'system transaction');
    return this.run(
      'system',
      `BEGIN; SET LOCAL ROLE ${SYSTEM_ROLE}`,
      (runner, client) => new SystemTx(runner, client),
      work,
    );
  }

  /** Of this process: connections with an open transaction, without one, at most, and transactions that wait for one. */
  get pool(): { used: number; idle: number; max: number; waiting: number } {
    const { totalCount, idleCount, waitingCount, options } = (this.source.driver as unknown as { master: pg.Pool })
      .master;
    return { used: totalCount - idleCount, idle: idleCount, max: options.max, waiting: waitingCount };
  }

  async close(): Promise<void> {
    await this.locks.close();
    if (this.source.isInitialized) await this.source.destroy();
  }

  private async run<X extends Transaction, T>(
    owner: string,
    begin: string,
    open: (runner: QueryRunner, client: pg.PoolClient) => X,
    work: (tx: X) => Promise<T>,
  ): Promise<T> {
    const outer = this.scope.getStore();
    if (outer && !outer.tx.ended) {
      if (outer.owner !== owner)
        throw new Error(`A transaction of ${outer.owner} is open; it cannot hold one of ${owner}.`);
      return work(outer.tx as X);
    }
    return retrying(() => this.attempt(begin, open, (tx) => this.inScope({ owner, tx }, () => work(tx))));
  }

  /** Following scopes slows every promise of the process by a few per cent, so only while there is one. */
  private inScope<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
    this.openCount++;
    return this.scope.run(scope, work).finally(() => {
      if (--this.openCount === 0) this.scope.disable();
    });
  }

  /**
   * `begin` travels with the first statement of `work`, without a round trip of its own. Should it fail, the statements
   * behind it run as the application role without a tenant, which sees and changes nothing, and its error is thrown.
   */
  private async attempt<X extends Transaction, T>(
    begin: string,
    open: (runner: QueryRunner, client: pg.PoolClient) => X,
    work: (tx: X) => Promise<T>,
  ): Promise<T> {
    const { runner, client, begun } = await this.begin(begin);
    const tx = open(runner, client);
    let broken: Error | undefined;
    try {
      const result = await work(tx);
      await begun;
      tx.end();
      await commit(client);
      return result;
    } catch (error) {
      tx.end();
      await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      await release(runner, broken);
    }
  }

  private async begin(statement: string): Promise<Begun> {
    const runner = this.source.createQueryRunner();
    const client = (await runner.connect()) as pg.PoolClient;
    const begun = client.query(statement);
    begun.catch(() => undefined);
    // TypeORM would otherwise wrap every save into a transaction of its own.
    Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
    return { runner, client, begun };
  }

  private async beginReading(context: TenantContext): Promise<Reading> {
    const isolation = 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY';
    const { runner, client, begun } = await this.begin(`${beginTenant(context)}; ${isolation}`);
    const tx = openTenant(context)(runner, client);
    const end = async () => {
      tx.end();
      const ending = begun.then(() => client.query('COMMIT'));
      await release(runner, await ending.then(() => undefined, asError));
    };
    return { tx, begun, end };
  }

  private async read<T>(snapshot: Snapshot, owner: string, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    try {
      const { tx, begun } = await snapshot.open();
      const result = await this.inScope({ owner, tx }, () => work(tx));
      await begun;
      return result;
    } catch (error) {
      throw toPraxisError(error);
    }
  }
}

/** A pooler may leave out the startup parameter that drops the rights of the login. */
async function refuseLoginRights(source: DataSource): Promise<void> {
  const [{ role }] = await source.query<{ role: string }[]>('SELECT current_user AS role');
  if (role === APP_ROLE) return;
  await source.destroy();
  const remedy = 'name PostgreSQL itself in DATABASE_URL, as what stands between leaves out the parameter "options"';
  throw new PraxisError(
    'UNAVAILABLE',
    `Connections have the rights of "${role}" in place of "${APP_ROLE}": ${remedy}.`,
  );
}

/** What was begun while the caller might act is rolled back where it may no longer do so in the end. */
function guarded<T>({ refuseEnded }: TenantContext, work: (tx: TenantTx) => Promise<T>): (tx: TenantTx) => Promise<T> {
  if (!refuseEnded) return work;
  return async (tx) => {
    const result = await work(tx);
    refuseEnded();
    return result;
  };
}

function beginTenant({ tenantId }: TenantContext): string {
  if (!isUuid(tenantId)) throw new Error(`Not a tenant id: ${tenantId}`);
  return `BEGIN; SET LOCAL praxis.tenant_id = '${tenantId}'`;
}

const openTenant = (context: TenantContext) => (runner: QueryRunner, client: pg.PoolClient) =>
  new TenantTx(runner, client, context);

/** Again after losing against another transaction; errors come out as PraxisError where a caller can act on them. */
async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRetryable(error) || tries === TRIES_MAX) throw toPraxisError(error);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5 * 2 ** tries));
    }
  }
}

/** PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT')
    throw new Error('The transaction was rolled back: one of its statements had failed before.');
}

/** Gives the connection back, or closes it when it no longer answers. */
function release(runner: QueryRunner, broken: Error | undefined): Promise<void> {
  Object.assign(runner, { isTransactionActive: false, transactionDepth: 0 });
  return (runner as unknown as { releasePostgresConnection(error?: Error): Promise<void> }).releasePostgresConnection(
    broken,
  );
}
