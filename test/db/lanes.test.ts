import { Lanes, type Place } from '../../src/db/jobs/lanes';

/** Who gets the next slot, with a clock of the test's own. */

let now = 0;
beforeEach(() => (now = 1_000));

const place = (tenant: string, lane = 'train'): Place => ({ lane, tenant });

function open(slots: number, perTenant = slots): Lanes {
  return new Lanes({ train: { slots, perTenant }, ingest: { slots: 2, perTenant: 1 } }, () => now);
}

/** Runs a job of a place for some time. */
function turn(lanes: Lanes, at: Place, ms: number): void {
  lanes.start('turn', at);
  now += ms;
  lanes.end('turn');
}

test('takes no more than a lane has, and a lane does not fill another', () => {
  const lanes = open(2);
  lanes.start('1', place('a'));
  lanes.start('2', place('a'));
  expect(lanes.next([place('a'), place('b')])).toBeNull();
  expect(lanes.next([place('a'), place('a', 'ingest')])).toEqual(place('a', 'ingest'));
  lanes.end('1');
  expect(lanes.next([place('a')])).toEqual(place('a'));
});

test('leaves a slot for others where the lane says so', () => {
  const lanes = open(1);
  lanes.start('1', place('a', 'ingest'));
  expect(lanes.next([place('a', 'ingest')])).toBeNull();
  expect(lanes.next([place('a', 'ingest'), place('b', 'ingest')])).toEqual(place('b', 'ingest'));
});

test('prefers the tenant with the fewest jobs, then the one whose turn is longest ago, then the order given', () => {
  const lanes = open(3);
  expect(lanes.next([place('b'), place('a')])).toEqual(place('b'));
  lanes.start('1', place('a'));
  expect(lanes.next([place('a'), place('b')])).toEqual(place('b'));
  lanes.end('1');
  turn(lanes, place('b'), 10);
  expect(lanes.next([place('b'), place('a')])).toEqual(place('a'));
  expect(lanes.next([place('b'), place('a'), place('c')])).toEqual(place('c'));
});

test('a backlog of one tenant takes turns with the jobs of others', () => {
  const lanes = open(1);
  const order: string[] = [];
  const waiting: Record<string, number> = { greedy: 100, small: 3 };
  while (order.length < 8) {
    const places = Object.keys(waiting).filter((tenant) => waiting[tenant] > 0);
    const next = lanes.next(places.map((tenant) => place(tenant)))!;
    waiting[next.tenant]--;
    order.push(next.tenant);
    turn(lanes, next, 10);
  }
  expect(order.join(' ')).toBe('greedy small greedy small greedy small greedy greedy');
});

test('a tenant with nothing running asks the oldest job to make way, once that has run a while', () => {
  const lanes = open(2);
  const oldest = lanes.start('1', place('a'));
  now += 10;
  const younger = lanes.start('2', place('a'));
  now += 400;
  lanes.makeWay([place('b')]);
  expect(oldest.aborted).toBe(false);
  now += 100;
  lanes.makeWay([place('a')]);
  expect(oldest.aborted).toBe(false);
  lanes.makeWay([place('b'), place('c')]);
  expect([oldest.aborted, younger.aborted]).toEqual([true, false]);
  now += 10_000;
  lanes.makeWay([place('b'), place('c')]);
  expect(younger.aborted).toBe(false);
});

test('two that go on for long get ever longer turns, up to a minute', () => {
  const lanes = open(1);
  const turns: number[] = [];
  let [running, waiting] = ['a', 'b'];
  for (let i = 0; i < 9; i++) {
    const started = now;
    const makeWay = lanes.start('run', place(running));
    while (!makeWay.aborted) {
      now += 250;
      lanes.makeWay([place(waiting)]);
    }
    turns.push((now - started) / 1000);
    lanes.end('run', true);
    [running, waiting] = [waiting, running];
  }
  expect(turns).toEqual([0.5, 1, 2, 4, 8, 16, 32, 60, 60]);
});

test('one that came to its end while it was asked to make way has still had a short turn', () => {
  const lanes = open(1);
  const asked = lanes.start('short', place('short'));
  now += 2_000;
  lanes.makeWay([place('long')]);
  expect(asked.aborted).toBe(true);
  lanes.end('short');
  const makeWay = lanes.start('long', place('long'));
  now += 500;
  lanes.makeWay([place('short')]);
  expect(makeWay.aborted).toBe(true);
});

test.each([
  [700, 500],
  [2_900, 500],
  [3_100, 3_100],
])('one whose jobs take %i ms waits %i ms for one with long ones', (ms, patience) => {
  const lanes = open(1);
  for (let i = 0; i < 50; i++) turn(lanes, place('short'), ms);
  const makeWay = lanes.start('long', place('long'));
  now += patience - 1;
  lanes.makeWay([place('short')]);
  expect(makeWay.aborted).toBe(false);
  now += 1;
  lanes.makeWay([place('short')]);
  expect(makeWay.aborted).toBe(true);
});
