import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { GraphQLJSONObject } from 'graphql-scalars';
import { type Client, createClient } from 'graphql-ws';
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  Float,
  InputType,
  Int,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { IsInt, Max, ValidateNested } from 'class-validator';
import WebSocket from 'ws';
import { createFeatures } from '../../src/app';
import { ApiKey, createAccess, generateKey } from '../../src/access';
import { createAudit } from '../../src/audit';
import type { Database } from '../../src/db';
import { containerOf, createSchema, createServer, NodeResolver, type ServerOptions } from '../../src/graphql';
import { type GraphContext, newId, PraxisError, type Role, tenantOf } from '../../src/kernel';
import { createLineage } from '../../src/lineage';
import { createTenants, Tenant } from '../../src/tenants';
import { openTestDatabase, openTestPlatform, testLog, type TestDatabase } from '../support';

@InputType({ description: 'A pair.' })
class PairInput {
  @Field(() => Int, { description: 'At most 10.' })
  @IsInt()
  @Max(10)
  size!: number;
}

@InputType({ description: 'Rows and pairs.' })
class ProbeInput {
  @Field(() => [GraphQLJSONObject], { description: 'Rows.' })
  rows!: Record<string, unknown>[];
  @Field(() => [PairInput], { nullable: true, description: 'Pairs.' })
  @ValidateNested({ each: true })
  pairs?: PairInput[];
}

@ArgsType()
class ProbeArgs {
  @Field(() => String, {
    description:
      'How to end: ok, invalid, bug, slow, with a text as long as is said, or with the moment of the transaction.',
  })
  end!: string;
}

/** Stands where features will: fields of the permission table that fail, take input and push in known ways. */
@Resolver()
export class ProbeResolver {
  inFlight: Promise<void> = Promise.resolve();
  closedStreams = 0;

  constructor(private readonly database: Database) {}

  @Query(() => String, { description: 'Fails as asked.' })
  async run(@Ctx() context: GraphContext, @Args() { end }: ProbeArgs): Promise<string> {
    if (end === 'invalid')
      throw PraxisError.invalid([{ path: 'rows[3].age', message: 'is no number', hint: 'send 3' }]);
    if (end === 'bug') throw new TypeError(`secret detail of ${tenantOf(context).tenantId}`);
    if (end === 'slow') await this.inFlight;
    if (end.startsWith('long ')) return 'x'.repeat(Number(end.slice(5)));
    return end === 'moment' ? this.moment(context) : end;
  }

  /** PostgreSQL's clock stands still within a transaction. */
  private async moment(context: GraphContext): Promise<string> {
    const [{ now }] = await this.database.inTenant(tenantOf(context), (tx) =>
      tx.query<{ now: string }>('SELECT now()::text'),
    );
    return now;
  }

  @Query(() => Float, { description: 'Counts rows.' })
  async dataset(@Arg('input', { description: 'Rows.' }) input: ProbeInput): Promise<number> {
    return input.rows.length;
  }

  @Subscription(() => Int, {
    description: 'Counts up; fails after the third when asked to.',
    subscribe: ({ args, context }) => count(args.end as string, context as GraphContext),
  })
  runEvents(@Root() value: number, @Args() _args: ProbeArgs): number {
    return value;
  }
}

async function* count(end: string, context: GraphContext): AsyncGenerator<number> {
  tenantOf(context);
  for (let value = 1; value <= 3; value++) yield value;
  if (end === 'bug') throw new TypeError('secret detail');
  if (end === 'refuse') throw new PraxisError('CONFLICT', 'The run was deleted.');
  while (end === 'forever') {
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield 4;
  }
}

/** With a blank, as a folder may have. */
export const DATA_DIR = '/srv/praxis data';

const LIMITED: ServerOptions['config'] = {
  dataDir: DATA_DIR,
  bodyBytesMax: 1_000_000,
  drainMs: 2_000,
  corsOrigins: [],
  publicUrl: null,
  trustedProxies: [],
  sockets: { perKey: 100, perTenant: 200 },
  subscriptions: { perKey: 500, perTenant: 1_000 },
};

export interface Answer {
  status: number;
  headers: Headers;
  data?: any;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, any> }[];
  text: string;
}

export interface Platform extends TestDatabase {
  server: FastifyInstance;
  probe: ProbeResolver;
  url: string;
  /** Makes a key straight in the database. Without a tenant it is an operator's. */
  createKey(role: Role, tenantId: string | null, o?: { expiresAt?: Date; revokedAt?: Date }): Promise<string>;
  ask(query: string, o?: { key?: string; variables?: object; headers?: Record<string, string> }): Promise<Answer>;
  post(body: string | Buffer | undefined, headers?: Record<string, string>): Promise<Answer>;
  connect(key: string | undefined): Client;
}

type PlatformOptions = Partial<ServerOptions['config']> & Pick<ServerOptions, 'pace'>;

/** The platform's own features on a real server, port and database, and the probe in place of the others. */
export function startPlatform({ pace, ...config }: PlatformOptions = {}): Platform {
  const sockets: Client[] = [];
  const platform = {} as Platform;
  afterAll(async () => {
    await Promise.all(sockets.map((client) => client.dispose()));
    await platform.server?.close();
  });
  const database = openTestDatabase({ entities: [Tenant, ApiKey] });
  Object.setPrototypeOf(platform, database);
  beforeAll(async () => {
    platform.probe = new ProbeResolver(platform.db);
    const all = { ...LIMITED, ...config };
    platform.server = await buildServer(platform, { config: all, pace });
    await platform.server.listen({ port: 0, host: '127.0.0.1' });
    platform.url = `http://127.0.0.1:${(platform.server.server.address() as AddressInfo).port}`;
  });
  platform.createKey = (role, tenantId, o = {}) => insertKey(platform, role, tenantId, o);
  platform.post = async (body, headers = {}) => {
    const all = { 'content-type': 'application/json', ...headers };
    return read(await fetch(`${platform.url}/graphql`, { method: 'POST', body: body as never, headers: all }));
  };
  platform.ask = (query, { key, variables, headers } = {}) =>
    platform.post(JSON.stringify({ query, variables }), {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...headers,
    });
  platform.connect = (key) => {
    const connectionParams = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const url = `${platform.url.replace('http', 'ws')}/graphql`;
    const client = createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
    sockets.push(client);
    return client;
  };
  return platform;
}

async function buildServer(platform: Platform, options: Pick<ServerOptions, 'config' | 'pace'>) {
  const { db, url } = platform;
  const parts = await openTestPlatform({ database: db, url, dataDir: DATA_DIR });
  platform.defer(() => parts.close());
  const { features } = createFeatures(parts);
  const access = createAccess(parts);
  const origins = createLineage(parts);
  for (const { lineage = {} } of features) origins.lineage.describe(lineage);
  const basics = [access, createAudit(parts), createTenants(parts), origins].map(({ feature }) => feature);
  const nodes = new NodeResolver(Object.assign({}, ...basics.map((feature) => feature.nodes)));
  const resolvers = [nodes, ...basics.flatMap((feature) => feature.resolvers), platform.probe];
  const classes = resolvers.map(({ constructor }) => constructor) as [Function, ...Function[]];
  const { registry } = parts;
  return createServer({
    schema: createSchema(classes, containerOf(resolvers)),
    services: { authenticator: access.authenticator, database: db, registry },
    metrics: { token: null, read: () => registry.metrics() },
    ...options,
    log: testLog,
  });
}

async function insertKey(
  platform: Platform,
  role: Role,
  tenantId: string | null,
  o: { expiresAt?: Date; revokedAt?: Date },
) {
  const { secret, prefix, hash } = generateKey();
  await platform.ownerQuery(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash, expires_at, revoked_at)
     VALUES ($1, $2, 'test', $3, $4, $5, $6, $7)`,
    [newId(), tenantId, role, prefix, hash, o.expiresAt ?? null, o.revokedAt ?? null],
  );
  return secret;
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, data: json.data, errors: json.errors, text };
}

/** Everything a subscription sends until it ends; its errors when it ends with them. */
export async function collect(client: Client, query: string, variables?: Record<string, unknown>) {
  const values: unknown[] = [];
  const errors = await new Promise<any>((resolve) =>
    client.subscribe(
      { query, variables },
      { next: (value) => values.push(value), error: resolve, complete: () => resolve(null) },
    ),
  );
  return { values: values as any[], errors };
}
