/** A `work` process for the tests of runs: works on the database and folder it is given until it is told to drain, or killed. */
import 'reflect-metadata';
import { Database } from '../../src/db';
import { fixtureLog, TRAINING_ENTITIES, TrainingFixture, type WorkOptions } from './training.fixture';

async function work([url, folder, options]: string[]): Promise<void> {
  const database = await Database.open({ url, poolSize: 4, log: fixtureLog, entities: TRAINING_ENTITIES });
  const fixture = await TrainingFixture.open(database, url, folder);
  const drain = await fixture.startWork({ beatMs: 100, deadAfterMs: 600, ...(JSON.parse(options) as WorkOptions) });
  process.on('SIGTERM', () => {
    void drain()
      .then(() => fixture.close())
      .then(() => database.close())
      .then(() => process.exit(0));
  });
  process.send?.('ready');
}

void work(process.argv.slice(2));
