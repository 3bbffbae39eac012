import { Gauge, type Registry } from 'prom-client';
import type { Database } from './database';

/** One look serves all metrics of a scrape; the size of a large database takes a moment to find. */
const FRESH_MS = 10_000;

interface Facts {
  bytes: number;
  connections: number;
  connectionsMax: number;
}

const FACTS = `SELECT pg_database_size(current_database()) AS bytes,
  (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()) AS connections,
  current_setting('max_connections')::int AS "connectionsMax"`;

/**
 * The pool of this process, and the database, which is the same for all: whoever adds up the metrics of several processes
 * takes it once. While the database is away it has no value.
 */
export function registerDatabaseMetrics(registry: Registry, database: Database): void {
  const registers = [registry];
  new Gauge({
    ...{ name: 'praxis_database_pool_connections', help: 'Connections of the pools of all processes, by use.' },
    ...{ labelNames: ['state'] as const, registers },
    collect() {
      const { used, idle } = database.pool;
      this.set({ state: 'used' }, used);
      this.set({ state: 'idle' }, idle);
    },
  });
  const ofPool = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read());
      },
    });
  ofPool('praxis_database_pool_connections_max', 'Connections that the pools may have.', () => database.pool.max);
  ofPool('praxis_database_pool_waiting', 'Transactions that wait for a connection.', () => database.pool.waiting);

  let facts: Promise<Facts | null> = Promise.resolve(null);
  let readAt = -Infinity;
  const look = () => {
    if (performance.now() - readAt < FRESH_MS) return facts;
    readAt = performance.now();
    return (facts = readFacts(database));
  };
  const ofDatabase = (name: string, help: string, key: keyof Facts) =>
    new Gauge({
      ...{ name, help, registers, aggregator: 'max' },
      async collect() {
        this.reset();
        const found = await look();
        this.set(found ? found[key] : NaN);
      },
    });
  ofDatabase('praxis_database_size_bytes', 'Size of the database on disk.', 'bytes');
  ofDatabase('praxis_database_connections', 'Connections of all clients to the database.', 'connections');
  ofDatabase('praxis_database_connections_max', 'Connections that the server allows.', 'connectionsMax');
}

async function readFacts(database: Database): Promise<Facts | null> {
  const rows = await database.inSystem('CHECK_READINESS', (tx) => tx.query<Facts>(FACTS)).catch(() => [] as Facts[]);
  return rows[0] ?? null;
}
