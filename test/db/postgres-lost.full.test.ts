import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../src/db';
import { testLog } from '../support';

/** PostgreSQL tries for a minute to come back. */
jest.setTimeout(180_000);

test('a server whose data is spoilt while it runs says so when it cannot come back', async () => {
  const home = await mkdtemp(join(tmpdir(), 'praxis-postgres-'));
  await chmod(home, 0o711);
  const dataDir = join(home, 'broken');
  let lose!: (error: Error) => void;
  const lost = new Promise<Error>((resolve) => (lose = resolve));
  const server = await startPostgres({ dataDir, log: testLog, onLost: lose });
  const [pid] = (await readFile(join(dataDir, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  await rm(join(dataDir, 'data', 'PG_VERSION'));
  process.kill(Number(pid), 'SIGKILL');
  expect((await lost).message).toMatch(/does not run in .*broken[^]*is not a valid data directory/);
  await server.stop();
  await rm(home, { recursive: true, force: true });
});
