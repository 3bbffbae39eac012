import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { EventLog, type StoredEvent } from '../../src/db';
import { LISTENERS_LOCK, NotificationListener } from '../../src/db/events/listener';
import { newId, type TenantContext } from '../../src/kernel';
import { openTestDatabase, testLog } from '../support';

const database = openTestDatabase();
let events: EventLog;
let tenant: TenantContext;

beforeAll(async () => {
  tenant = await database.createTenant();
  events = await EventLog.open({ database: database.db, url: database.url, log: testLog });
  database.defer(() => events.close());
});

const append = (subject: string, payloads: unknown[], context = tenant) =>
  database.db.inTenant(context, (tx) =>
    tx.appendEvents(
      subject,
      payloads.map((payload) => ({ kind: 'POINT', payload })),
    ),
  );

/** Takes `count` events and ends the subscription. */
async function take(subscription: AsyncIterableIterator<StoredEvent>, count: number): Promise<StoredEvent[]> {
  const taken: StoredEvent[] = [];
  for await (const event of subscription) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

test('events come in order with what was stored, those before the subscription too', async () => {
  const subject = newId();
  expect(await append(subject, ['a', { b: 1 }])).toBe(2);
  const taking = take(events.subscribe(tenant, subject, 0), 3);
  expect(await append(subject, ['NUL \0 and half \ud800'])).toBe(3);
  const taken = await taking;
  expect(taken.map(({ sequence, kind, payload }) => [sequence, kind, payload])).toEqual([
    [1, 'POINT', 'a'],
    [2, 'POINT', { b: 1 }],
    [3, 'POINT', 'NUL \ufffd and half \ufffd'],
  ]);
  expect(taken[0].at).toBeInstanceOf(Date);
});

test('a subscription resumes after a sequence', async () => {
  const subject = newId();
  await append(subject, numbers(5));
  const taken = await take(events.subscribe(tenant, subject, 3), 2);
  expect(taken.map(({ sequence }) => sequence)).toEqual([4, 5]);
});

test('more than a page is read whole', async () => {
  const subject = newId();
  await append(subject, numbers(1_203));
  const taken = await take(events.subscribe(tenant, subject, 0), 1_203);
  expect(taken.map(({ payload }) => payload)).toEqual(numbers(1_203));
});

test('concurrent writers leave no gap, and every subscriber gets each event once', async () => {
  const subject = newId();
  const taking = numbers(20).map((after) => take(events.subscribe(tenant, subject, after - 1), 100 - (after - 1)));
  await Promise.all(numbers(50).map((n) => append(subject, [n, -n])));
  const all = await Promise.all(taking);
  all.forEach((taken, after) => expect(taken.map(({ sequence }) => sequence)).toEqual(numbers(100 - after, after + 1)));
  const values = all[0].map(({ payload }) => payload as number);
  expect(values.filter((value) => value > 0).sort((a, b) => a - b)).toEqual(numbers(50));
});

test('nothing is lost or repeated while the listening connection is cut again and again', async () => {
  const subject = newId();
  const taking = take(events.subscribe(tenant, subject, 0), 120);
  for (const n of numbers(120)) {
    await append(subject, [n]);
    if (n % 20 === 0) await cutListener();
  }
  expect((await taking).map(({ payload }) => payload)).toEqual(numbers(120));
});

test('an event stored while nobody listens comes once the connection is back', async () => {
  const subject = newId();
  const subscription = events.subscribe(tenant, subject, 0);
  const waiting = subscription.next();
  await append(newId(), ['elsewhere']);
  await cutListener();
  await append(subject, ['unheard']);
  expect(await waiting).toMatchObject({ done: false, value: { sequence: 1, payload: 'unheard' } });
  await subscription.return!();
});

test('an event of a transaction that rolls back is not seen and leaves no gap', async () => {
  const subject = newId();
  const aborted = database.db.inTenant(tenant, async (tx) => {
    await tx.appendEvents(subject, [{ kind: 'POINT', payload: 'never' }]);
    throw new Error('aborted');
  });
  await expect(aborted).rejects.toThrow('aborted');
  expect(await append(subject, ['first'])).toBe(1);
});

test('another tenant follows the subject and gets nothing, though the events exist', async () => {
  const other = await database.createTenant('Other');
  const subject = newId();
  const foreign = events.subscribe(other, subject, 0);
  const waiting = foreign.next();
  await append(subject, ['secret']);
  await take(events.subscribe(tenant, subject, 0), 1);
  await append(subject, ['own'], other);
  expect((await waiting).value).toMatchObject({ sequence: 1, payload: 'own' });
  await foreign.return!();
  const stored = await database.ownerQuery('SELECT payload FROM events WHERE subject_id = $1 AND tenant_id = $2', [
    subject,
    tenant.tenantId,
  ]);
  expect(stored).toEqual([{ payload: 'secret' }]);
});

test('a subscription that is returned ends at once and frees everything', async () => {
  const subscriptions = numbers(50).map(() => events.subscribe(tenant, newId(), 0));
  const waiting = subscriptions.map((subscription) => subscription.next());
  expect(events.subscriptionCount).toBe(50);
  await Promise.all(subscriptions.map((subscription) => subscription.return!()));
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ done: true, value: undefined })));
  expect(events.subscriptionCount).toBe(0);
});

test('a thousand subscribers of one subject cause few reads', async () => {
  const subject = newId();
  const inTenant = jest.spyOn(database.db, 'inTenant');
  const taking = numbers(1_000).map(() => take(events.subscribe(tenant, subject, 0), 3));
  for (const n of numbers(3)) await append(subject, [n]);
  const all = await Promise.all(taking);
  const reads = inTenant.mock.calls.length - 3;
  inTenant.mockRestore();
  expect(all.every((taken) => taken.map(({ sequence }) => sequence).join() === '1,2,3')).toBe(true);
  expect(reads).toBeLessThan(30);
});

test('a change is announced to every process when it commits, and not when it is rolled back', async () => {
  const log = await EventLog.open({ database: database.db, url: database.url, log: testLog });
  const heard: (string | null)[] = [];
  const twice = new Promise<void>((resolve) =>
    log.onChange('deployments', (tenantId) => void (heard.push(tenantId) === 2 && resolve())),
  );
  log.onChange('api_keys', () => void heard.push('api_keys'));
  await database.db.inTenant(tenant, (tx) => tx.announceChange('deployments'));
  const failing = database.db.inTenant(tenant, async (tx) => {
    await tx.announceChange('api_keys');
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await database.db.inTenant(tenant, (tx) => tx.announceChange('deployments'));
  await twice;
  expect(heard).toEqual([tenant.tenantId, tenant.tenantId]);
  await log.close();
});

test('wrong arguments are refused', () => {
  expect(() => events.subscribe(tenant, newId(), -1)).toThrow(/whole number/);
  expect(() => events.subscribe(tenant, newId(), 1.5)).toThrow(/whole number/);
  expect(() => events.subscribe(tenant, 'run', 0)).toThrow(/is not an id/);
});

test('closing the log ends what is open and refuses what comes', async () => {
  const log = await EventLog.open({ database: database.db, url: database.url, log: testLog });
  const waiting = log.subscribe(tenant, newId(), 0).next();
  await log.close();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(() => log.subscribe(tenant, newId(), 0)).toThrow(/stopping/);
});

/** Cuts the connections that listen in this test's database. */
const cutListener = () =>
  database.ownerQuery(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'praxis events'`,
  );

describe('a roll call', () => {
  const announce = () => database.db.inTenant(tenant, (tx) => tx.announceChange('api_keys'));

  test('ends when all have dealt with what was announced before', async () => {
    const others = await Promise.all(
      numbers(3).map(() => EventLog.open({ database: database.db, url: database.url, log: testLog })),
    );
    const heard = new Set<EventLog>();
    for (const log of others) log.onChange('api_keys', () => wait(20).then(() => void heard.add(log)));
    try {
      for (let i = 0; i < 20; i++) {
        heard.clear();
        await announce();
        await events.heardByAll(10_000);
        expect(heard.size).toBe(others.length);
      }
    } finally {
      await Promise.all(others.map((log) => log.close()));
    }
  });

  test('does not wait for what listens to something else, as the queue of jobs does', async () => {
    const deaf = { channel: 'praxis_other', onMessage: () => undefined, onListening: () => undefined };
    const other = new NotificationListener({ url: database.url, log: testLog, ...deaf });
    await other.start();
    try {
      // Longer than a test may take.
      await events.heardByAll(100_000);
    } finally {
      await other.close();
    }
  });

  test('waits for one that is stalled, up to the limit', async () => {
    const stalled = new Client({ connectionString: database.url });
    await stalled.connect();
    try {
      await stalled.query(`SELECT pg_advisory_lock_shared(${LISTENERS_LOCK})`);
      const startMs = performance.now();
      await events.heardByAll(300);
      expect(performance.now() - startMs).toBeGreaterThan(290);
    } finally {
      await stalled.end();
    }
  });
});
