import { once } from 'node:events';
import { SessionLocks } from '../../src/db';
import { openTestDatabase, testLog } from '../support';

const database = openTestDatabase();

function open(): SessionLocks {
  const locks = new SessionLocks({ url: database.url, log: testLog });
  database.defer(() => locks.close());
  return locks;
}

test('one holder at a time, within a process and between processes', async () => {
  const [here, there] = [open(), open()];
  const lock = await here.tryTake('device');
  expect([await here.tryTake('device'), await there.tryTake('device')]).toEqual([null, null]);
  expect(await there.tryTake('another device')).not.toBeNull();
  await lock!.release();
  const next = await there.tryTake('device');
  await lock!.release();
  expect(next).not.toBeNull();
  expect(await here.tryTake('device')).toBeNull();
  await there.close();
  expect(await here.tryTake('device')).not.toBeNull();
});

test('of many that try at once, one has it', async () => {
  const processes = [open(), open()];
  const tries = Array.from({ length: 20 }, (_, i) => processes[i % 2].tryTake('crowded'));
  expect((await Promise.all(tries)).filter((lock) => lock !== null)).toHaveLength(1);
});

test('who loses the connection hears of it, and can take locks again', async () => {
  const [here, there] = [open(), open()];
  const lock = (await here.tryTake('lost'))!;
  const gone = once(lock.lost, 'abort');
  await database.ownerQuery(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks USING (pid)
     WHERE locktype = 'advisory' AND datname = current_database() AND objid = (hashtextextended('lost', 0) & 4294967295)::oid`,
  );
  await gone;
  const taken = await there.tryTake('lost');
  expect(taken).not.toBeNull();
  await lock.release();
  expect(await here.tryTake('lost')).toBeNull();
  await taken!.release();
  expect(await here.tryTake('lost')).not.toBeNull();
});
