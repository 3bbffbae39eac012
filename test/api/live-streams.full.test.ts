/** Events are read, executed and written as text once for all who select the same; each gets all of them once, in order. */
import { parse } from 'graphql';
import { CASES } from '../../seeds/library';
import { DatasetEventResolver } from '../../src/datasets';
import { selectionOf } from '../../src/graphql/live/selection';
import { toGlobalId } from '../../src/kernel';
import { BATCHES, EVENTS, LiveFixture, numbers, sequencesOf } from './live.fixture';

const live = LiveFixture.open();

/** `count` subscriptions of one dataset, a hundred on a socket, each past the first event. */
async function subscribers(count: number, { id, query = EVENTS }: { id: string; query?: string }) {
  const { secret } = await live.key('VIEWER');
  const perSocket = Math.min(count, 100);
  const sockets = await Promise.all(numbers(count / perSocket).map(() => live.connect(secret)));
  for (const socket of sockets) for (const n of numbers(perSocket)) socket.subscribe(`${n}`, query, { id });
  for (const socket of sockets)
    for (const n of numbers(perSocket)) await socket.until(() => socket.of(`${n}`).length > 0);
  const all = () => sockets.flatMap((socket) => numbers(perSocket).map((n) => sequencesOf(socket.of(`${n}`))));
  const reach = async (sequence: number) => {
    for (const socket of sockets)
      for (const n of numbers(perSocket)) await socket.until(() => sequencesOf(socket.of(`${n}`)).at(-1) === sequence);
  };
  return { sockets, all, reach };
}

test('many subscribers cost one reading and one execution of each event', async () => {
  const { id, uuid } = await live.dataset();
  const executed = jest.spyOn(DatasetEventResolver.prototype, 'datasetEvents');
  const { all, reach } = await subscribers(400, { id });
  const read = jest.spyOn(live.app.platform.database, 'inTenant');
  for (let i = 0; i < 10; i++) await live.append(uuid, 2);
  await reach(21);
  const counts = { executed: executed.mock.calls.length, read: read.mock.calls.length };
  executed.mockRestore();
  read.mockRestore();
  expect(all()).toEqual(all().map(() => numbers(21)));
  expect(counts.executed).toBe(21);
  expect(counts.read).toBeLessThanOrEqual(12);
});

test('subscribers who come at any position, while events come, get each once', async () => {
  const { id, uuid } = await live.dataset();
  await live.append(uuid, 49);
  const socket = await live.connect((await live.key()).secret);
  const emitting = (async () => {
    for (let i = 0; i < 50; i++) await live.append(uuid, 5);
  })();
  for (const after of numbers(50, 0)) {
    socket.subscribe(`e${after}`, EVENTS, { id, after });
    if (after < 40) socket.subscribe(`b${after}`, BATCHES, { id, after });
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await emitting;
  for (const after of numbers(50, 0)) {
    for (const name of after < 40 ? [`e${after}`, `b${after}`] : [`e${after}`]) {
      await socket.until(() => sequencesOf(socket.of(name)).at(-1) === 300);
      expect(sequencesOf(socket.of(name))).toEqual(numbers(300 - after, after + 1));
    }
  }
});

test('batches carry what has come since the last one', async () => {
  const { id, uuid } = await live.dataset();
  const { sockets, reach, all } = await subscribers(20, { id, query: BATCHES });
  for (let i = 0; i < 60; i++) await live.append(uuid, 3);
  await reach(181);
  expect(all()).toEqual(all().map(() => numbers(181)));
  const batches = sockets[0].of('1').map(({ payload }) => payload.data.datasetEventBatches);
  expect(batches.length).toBeLessThan(60);
  for (const { firstSequence, lastSequence, events } of batches) {
    expect([firstSequence, lastSequence]).toEqual([events[0].sequence, events.at(-1).sequence]);
  }
});

test('a reader that stops holds nobody up, and gets the rest in larger batches', async () => {
  const { id, uuid } = await live.dataset();
  const slow = await subscribers(100, { id, query: BATCHES });
  const quick = await subscribers(5, { id, query: BATCHES });
  slow.sockets[0].socket.pause();
  for (let i = 0; i < 30; i++) await live.append(uuid, 100);
  await quick.reach(3_001);
  slow.sockets[0].socket.resume();
  await slow.reach(3_001);
  expect(slow.all()).toEqual(slow.all().map(() => numbers(3_001)));
  const sizes = slow.sockets[0].of('50').map(({ payload }) => payload.data.datasetEventBatches.events.length);
  expect(Math.max(...sizes)).toBeGreaterThan(100);
}, 30_000);

test('what an event shows may depend on role and address, never on the position', () => {
  const document = parse(EVENTS);
  const other = parse(EVENTS.replace('{ sequence }', '{ sequence at }'));
  const literal = parse('subscription ($a: Int!) { datasetEvents(datasetId: "x", after: $a) { at @skip(if: $a) } }');
  const select = (variableValues: object, role = 'VIEWER', of = document, address = 'http://a') =>
    selectionOf({
      ...{ schema: null as never, document: of, variableValues: variableValues as never },
      contextValue: { caller: { role }, address },
    });
  expect(select({ id: 'x', after: 3 })).toBe(select({ id: 'x', after: 900 }));
  expect(select({ id: 'x' })).not.toBe(select({ id: 'x' }, 'OWNER'));
  expect(select({ id: 'x' })).not.toBe(select({ id: 'x' }, 'VIEWER', other));
  expect(select({ id: 'x' })).not.toBe(select({ id: 'x' }, 'VIEWER', document, 'http://b'));
  expect(select({ id: 'x', more: 1 })).not.toBe(select({ id: 'x', more: 2 }));
  expect(select({ a: 1 }, 'VIEWER', literal)).not.toBe(select({ a: 2 }, 'VIEWER', literal));
});

describe('the end', () => {
  const STAGES =
    'subscription ($id: ID!, $after: SafeInt!) { caseRunEvents(caseRunId: $id, after: $after) { sequence } }';
  const STAGE_BATCHES = STAGES.replace('caseRunEvents', 'caseRunEventBatches').replace('sequence', 'lastSequence');
  const finish = (id: string) =>
    live.database.db.inTenant(live.owner, (tx) =>
      tx.appendEvents(id, [{ kind: 'stage', payload: { stage: 'FINISHED', message: 'Done.', runId: null } }]),
    );
  const start = async () => {
    await live.app.services.cases.publish([CASES[0]]);
    const { caseRun } = await live.app.services.cases.run(live.owner, { slug: CASES[0].slug });
    return { uuid: caseRun.id, id: toGlobalId('CaseRun', caseRun.id) };
  };

  test.each([2, 3, 1_000, Number.MAX_SAFE_INTEGER])('comes at once after %d of 2 events', async (after) => {
    const { id, uuid } = await start();
    await finish(uuid);
    const socket = await live.connect((await live.key()).secret);
    socket.subscribe('each', STAGES, { id, after });
    socket.subscribe('batch', STAGE_BATCHES, { id, after });
    for (const name of ['each', 'batch']) {
      await socket.until(() => socket.of(name).length > 0);
      expect(socket.of(name)).toEqual([{ id: name, type: 'complete' }]);
    }
  });

  test('comes with the last event, whatever it was asked after', async () => {
    const { id, uuid } = await start();
    const socket = await live.connect((await live.key()).secret);
    socket.subscribe('some', STAGES, { id, after: 1 });
    socket.subscribe('none', STAGES, { id, after: 500 });
    await finish(uuid);
    for (const name of ['some', 'none']) await socket.until(() => socket.of(name).at(-1)?.type === 'complete');
    expect(socket.of('some').map(({ type }) => type)).toEqual(['next', 'complete']);
    expect(socket.of('none').map(({ type }) => type)).toEqual(['complete']);
  });

  test('of a dataset is its deletion', async () => {
    const { id, uuid } = await live.dataset();
    const { sockets } = await subscribers(1, { id });
    await live.app.services.datasets.delete(live.owner, uuid);
    await sockets[0].until(() => sockets[0].of('1').at(-1)?.type === 'complete');
  });
});

describe('limits', () => {
  let url: string;
  beforeAll(async () => {
    const limits = {
      SOCKETS_PER_KEY: '2',
      SOCKETS_PER_TENANT: '3',
      SUBSCRIPTIONS_PER_KEY: '5',
      SUBSCRIPTIONS_PER_TENANT: '8',
    };
    const environment = Object.entries(limits).map(([name, value]) => [`PRAXIS_${name}`, value]);
    ({ url } = await live.serve(Object.fromEntries(environment)));
  });

  test('of sockets: the next one is closed with the limit, and takes nothing from other tenants', async () => {
    const owner = await live.database.createTenant('Sockets');
    const [one, two] = [await live.key('OWNER', { of: owner }), await live.key('VIEWER', { of: owner })];
    const open = [await live.connect(one.secret, { url }), await live.connect(one.secret, { url })];
    const third = await live.connect(one.secret, { url });
    await third.until(() => third.closed !== null);
    expect(third.closed).toEqual({
      code: 1013,
      reason: expect.stringMatching(/^RATE_LIMITED: At most 2 sockets .* key/),
    });
    open.push(await live.connect(two.secret, { url }));
    const fifth = await live.connect(two.secret, { url });
    await fifth.until(() => fifth.closed !== null);
    expect(fifth.closed!.reason).toMatch(/At most 3 sockets .* tenant/);
    const stranger = await live.connect((await live.key()).secret, { url });
    expect([stranger, ...open].map(({ closed }) => closed)).toEqual([null, null, null, null]);
    await open[0].end();
    for (;;) {
      const again = await live.connect(one.secret, { url });
      if (again.messages.length > 0) break;
    }
  });

  test('of subscriptions: the next one is refused with the limit, and ends make room', async () => {
    const owner = await live.database.createTenant('Subscriptions');
    const { id } = await live.dataset(owner);
    const [one, two] = [await live.key('OWNER', { of: owner }), await live.key('VIEWER', { of: owner })];
    const [first, second] = [await live.connect(one.secret, { url }), await live.connect(two.secret, { url })];
    for (const n of numbers(6)) first.subscribe(`${n}`, EVENTS, { id });
    await first.until(() => numbers(6).every((n) => first.of(`${n}`).length > 0));
    const refused = numbers(6).flatMap((n) => first.of(`${n}`)[0].payload.errors ?? []);
    expect(refused).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/At most 5 subscriptions .* key: end/),
        extensions: expect.objectContaining({ code: 'RATE_LIMITED', requestId: expect.any(String) }),
      }),
    ]);
    for (const n of numbers(4)) second.subscribe(`${n}`, EVENTS, { id });
    await second.until(() => numbers(4).every((n) => second.of(`${n}`).length > 0));
    expect(numbers(4).flatMap((n) => second.of(`${n}`)[0].payload.errors ?? [])).toHaveLength(1);
    first.send({ id: '1', type: 'complete' });
    first.subscribe('again', EVENTS, { id });
    await first.until(() => first.of('again').length > 0);
    expect(first.of('again')[0].payload.data).toEqual({ datasetEvents: { sequence: 1 } });
  });
});

describe('a peer that keeps to no protocol', () => {
  test.each([
    ['garbage', '{"type":', 4400],
    ['no message', '{"type":"nothing"}', 4400],
    [
      'an operation before the key',
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ me { role } }' } }),
      4401,
    ],
    ['more than may come before the key', 'x'.repeat(1_100_000), 4401],
    ['more than a message may hold', 'x'.repeat(1_100_000), 1009, 'with a key'],
  ])('is closed: %s', async (_what, message, code, withKey = '') => {
    const socket = await live.connect(withKey ? (await live.key()).secret : undefined);
    socket.send(message);
    await socket.until(() => socket.closed !== null);
    expect(socket.closed!.code).toBe(code);
  });

  test('is closed when it shows no key in time', async () => {
    const socket = await live.connect();
    await socket.until(() => socket.closed !== null);
    expect(socket.closed!.code).toBe(4408);
  });

  test('is read more slowly when it floods, and others are not', async () => {
    const [flood, other] = [
      await live.connect((await live.key()).secret),
      await live.connect((await live.key()).secret),
    ];
    for (let i = 0; i < 20_000; i++) flood.send({ type: 'ping' });
    other.subscribe('me', '{ me { role } }');
    await other.until(() => other.of('me').length === 2);
    expect(flood.messages.length).toBeLessThan(10_000);
    expect(flood.closed).toBeNull();
  });
});
