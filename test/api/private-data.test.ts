import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { seedApp } from '../../src/commands/seed';
import { openTestApp, openTestDatabase } from '../support';
import { answerOf, trainAndDeploy } from './whole-life.fixture';

jest.setTimeout(120_000);
const database = openTestDatabase();

/** What another user of the machine could read below a folder that he can enter, and the folders he can list. */
function* openToOthers(root: string, folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.mode & 0o077) yield `${relative(root, path)} ${(stat.mode & 0o777).toString(8)}`;
    if (stat.isDirectory() && stat.mode & 0o011) yield* openToOthers(root, path);
  }
}

test('after ingestion, training and predictions nothing of a data directory is open to other users', async () => {
  const { app, config } = await openTestApp(database, { PRAXIS_TRAINING_BYTES_MAX: '65536' });
  await seedApp(app, config.dataDir);
  await app.consume();
  const tenant = await database.createTenant('Plant');
  await trainAndDeploy(app, tenant, 'machines');
  await answerOf(app, tenant, 'machines');
  const holders = ['artifacts', 'demo-api-key', 'operator-api-key', 'scratch'];
  expect(readdirSync(config.dataDir)).toEqual(expect.arrayContaining(holders));
  expect([...openToOthers(config.dataDir, config.dataDir)]).toEqual([]);
  expect(readdirSync(join(config.dataDir, 'scratch'))).toEqual([]);
});
