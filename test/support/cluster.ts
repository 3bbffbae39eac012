import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { migrate, startPostgres, type EmbeddedPostgres } from '../../src/db';
import { isAlive } from '../../src/kernel/process/alive';
import { createLog } from '../../src/kernel/process/log';

/** Where a test run's server is and which database to clone. Written by the global setup, read by every test file. */
export interface TestCluster {
  /** Of the server's login, to its maintenance database. */
  url: string;
  template: string;
}

const HOME_PREFIX = 'praxis-test-';
const READY_FILE = 'ready.json';
const HOME_VARIABLE = 'PRAXIS_TEST_HOME';
const OUTSIDE_VARIABLE = 'PRAXIS_TEST_DATABASE_URL';
const START_TIMEOUT_MS = 60_000;

/** Nothing of a test run outlives it, so nothing has to reach the disk. */
const THROW_AWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** The server of one test run: ours in a temporary directory, or the outside one of PRAXIS_TEST_DATABASE_URL. */
export class TestServer {
  private constructor(
    private readonly home: string,
    private readonly started: Promise<{ cluster: TestCluster; postgres: EmbeddedPostgres | null } | null>,
  ) {}

  /** Begins the start and returns at once: only tests that open a database wait for it. */
  static async begin(): Promise<TestServer> {
    await removeStaleHomes();
    const home = await mkdtemp(join(tmpdir(), `${HOME_PREFIX}${process.pid}-`));
    process.env[HOME_VARIABLE] = home;
    return new TestServer(home, start(home));
  }

  async end(): Promise<void> {
    const started = await this.started;
    if (started) await runOn(started.cluster.url, `DROP DATABASE ${started.cluster.template} WITH (FORCE)`);
    await started?.postgres?.stop();
    await rm(this.home, { recursive: true, force: true });
  }
}

async function start(home: string) {
  try {
    const { chmod } = await import('node:fs/promises');
    await chmod(home, 0o711);
    const outside = process.env[OUTSIDE_VARIABLE];
    const log = createLog('error');
    const postgres = outside ? null : await startPostgres({ dataDir: join(home, 'pg'), log, settings: THROW_AWAY });
    const url = outside ?? postgres!.url;
    const template = `praxis_template_${randomBytes(4).toString('hex')}`;
    await runOn(url, `CREATE DATABASE ${template}`);
    await migrate(withDatabase(url, template));
    writeFileSync(join(home, READY_FILE), JSON.stringify({ cluster: { url, template } }));
    return { cluster: { url, template }, postgres };
  } catch (error) {
    writeFileSync(join(home, READY_FILE), JSON.stringify({ error: String((error as Error).stack) }));
    return null;
  }
}

/** The run's server, once it is up. */
export async function testCluster(): Promise<TestCluster> {
  const file = join(process.env[HOME_VARIABLE]!, READY_FILE);
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!existsSync(file)) {
    if (performance.now() > deadline) throw new Error('The test server did not start in time.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { cluster, error } = JSON.parse(readFileSync(file, 'utf8')) as { cluster?: TestCluster; error?: string };
  if (!cluster) throw new Error(`The test server did not start: ${error}`);
  return cluster;
}

/** The same server and login, another database. */
export const withDatabase = (url: string, database: string): string =>
  url.replace(/^(\w+:\/\/[^/]*\/)[^?]*/, `$1${database}`);

/** Name under which the tests' own connections show in pg_stat_activity. */
export const OWN_CONNECTION = 'praxis test owner';

type Rows = Record<string, unknown>[];

/** Runs one statement as the login and returns its rows. */
export async function runOn(url: string, sql: string, params: unknown[] = []): Promise<Rows> {
  const connection = new OwnerConnection(url);
  try {
    return await connection.query(sql, params);
  } finally {
    await connection.close();
  }
}

/** A connection of the login, made at the first statement, and made again when it was lost. */
export class OwnerConnection {
  private client: Promise<Client> | null = null;

  constructor(private readonly url: string) {}

  async query(sql: string, params: unknown[] = []): Promise<Rows> {
    const client = await (this.client ??= this.connect());
    return (await client.query(sql, params)).rows;
  }

  async close(): Promise<void> {
    await (await this.client)?.end();
  }

  private async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.url, application_name: OWN_CONNECTION });
    client.on('error', () => (this.client = null));
    await client.connect();
    return client;
  }
}

/** Removes what test runs left behind that were killed. */
async function removeStaleHomes(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(HOME_PREFIX));
  for (const name of names) {
    const pid = Number(name.slice(HOME_PREFIX.length).split('-')[0]);
    if (Number.isInteger(pid) && !isAlive(pid))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}
