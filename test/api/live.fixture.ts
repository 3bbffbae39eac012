import type { App } from '../../src/app';
import { newId, parseGlobalId, toGlobalId, type TenantContext } from '../../src/kernel';
import { openTestApp, openTestDatabase, type TestDatabase } from '../support';
import { RawSocket } from './raw-socket';

export const EVENTS =
  'subscription ($id: ID!, $after: Int! = 0) { datasetEvents(datasetId: $id, after: $after) { sequence } }';
export const BATCHES = `subscription ($id: ID!, $after: Int! = 0) { datasetEventBatches(datasetId: $id, after: $after) {
  firstSequence lastSequence events { sequence event { __typename ... on IngestProgress { fraction } } } } }`;

/** A server, a tenant, and datasets whose events the test writes itself. */
export class LiveFixture {
  app!: App;
  url!: string;
  owner!: TenantContext;
  private readonly sockets: RawSocket[] = [];

  constructor(readonly database: TestDatabase) {}

  static open(environment: Record<string, string> = {}): LiveFixture {
    const fixture = new LiveFixture(openTestDatabase());
    beforeAll(async () => {
      ({ app: fixture.app, url: fixture.url } = await fixture.serve(environment));
      fixture.owner = await fixture.database.createTenant('Owner');
    });
    afterEach(() => Promise.all(fixture.sockets.splice(0).map((socket) => socket.end())));
    return fixture;
  }

  async serve(environment: Record<string, string> = {}): Promise<{ app: App; url: string }> {
    const { app } = await openTestApp(this.database, environment);
    return { app, url: await app.listen() };
  }

  /** A key of the tenant, and its uuid. */
  async key(
    role: TenantContext['role'] = 'DEVELOPER',
    o: { of?: TenantContext; expiresAt?: Date } = {},
  ): Promise<{ id: string; secret: string }> {
    const input = { name: 'live', role, expiresAt: o.expiresAt };
    const { id, secret } = await this.app.services.apiKeys.create(o.of ?? this.owner, input);
    return { id: parseGlobalId(id)!.uuid, secret };
  }

  revoke(id: string, app = this.app): Promise<unknown> {
    return app.services.apiKeys.revoke(this.owner, id);
  }

  async connect(key?: string, o: { url?: string; name?: string } = {}): Promise<RawSocket> {
    const socket = await RawSocket.open(o.url ?? this.url, key, o.name);
    this.sockets.push(socket);
    return socket;
  }

  /** A dataset without a file; it has one event. */
  async dataset(of = this.owner): Promise<{ id: string; uuid: string }> {
    const { dataset } = await this.app.services.datasets.create(of, { name: `d ${newId()}`, format: 'CSV' });
    return { id: toGlobalId('Dataset', dataset.id), uuid: dataset.id };
  }

  /** In one commit; gives the last sequence. */
  append(uuid: string, count = 1, of = this.owner): Promise<number> {
    const event = { kind: 'progress', payload: { phase: 'LOADING', fraction: 0.5 } };
    return this.database.db.inTenant(of, (tx) =>
      tx.appendEvents(
        uuid,
        Array.from({ length: count }, () => event),
      ),
    );
  }

  ask(query: string, key: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify({ query }),
    });
  }
}

export const sequencesOf = (messages: any[]): number[] =>
  messages
    .filter(({ type }) => type === 'next')
    .flatMap(({ payload: { data } }) =>
      data.datasetEvents ? [data.datasetEvents.sequence] : data.datasetEventBatches.events.map((e: any) => e.sequence),
    );

export const numbers = (count: number, from = 1): number[] => Array.from({ length: count }, (_, i) => from + i);
