import { openTestApp, openTestDatabase } from '../support';
import { runCommand } from './command.fixture';

jest.setTimeout(120_000);

const database = openTestDatabase();

test('a work process ends with the reason when its queue is lost, cannot start again, and is not counted as ready', async () => {
  const { app } = await openTestApp(database);
  const address = await app.listen();
  const workProcesses = async (): Promise<number> => {
    const response = await fetch(`${address}/readyz`);
    return ((await response.json()) as { workProcesses: number }).workProcesses;
  };
  const environment = { DATABASE_URL: database.url };
  const working = runCommand(['work'], environment);
  while ((await workProcesses()) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await database.ownerQuery('ALTER TABLE graphile_worker._private_jobs RENAME TO lost_jobs');
  const { code, told } = await working;
  // By a signal: what is native in it has no say in that.
  expect(code).not.toBe(0);
  expect(told.join('\n')).toMatch(/^The queue can no longer be worked on, so this process ends\. .*_private_jobs/);
  expect(await workProcesses()).toBe(0);

  const again = await runCommand(['work'], environment);
  expect(again.code).toBe(1);
  expect(again.text).toContain('_private_jobs');
  expect(await workProcesses()).toBe(0);
});
