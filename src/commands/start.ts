import { join } from 'node:path';
import { createApp } from '../app';
import type { Config } from '../config';
import { migrate } from '../db';
import { drainOnSignal, endWhenOrphaned } from '../process';
import { openDatabaseServer, seedApp, type Prepared } from './prepare';
import { superviseCommand, superviseListeners } from './serve';

/** One machine is a cluster of one: PostgreSQL, the supervised processes of `serve`, and one supervised `work`. */
export async function start(given: Config): Promise<void> {
  if (given.stopWithParent) endWhenOrphaned();
  const prepared = await openDatabaseServer(given, 'start');
  const { config, log, postgres } = prepared;
  await migrate(config.databaseUrl);
  const work = superviseCommand('work', prepared);
  // At once, not behind the welcome: the first file that is sent would wait for it.
  const working = config.superviseWork ? work.start().catch(() => undefined) : undefined;
  const { listeners, address } = superviseListeners(prepared, working);
  const close = async () => {
    await Promise.all([...listeners, work].map((child) => child.stop()));
    await postgres?.stop();
  };
  drainOnSignal(log, config.drainMs, close);
  try {
    const [, url] = await Promise.all([seed(prepared), address]);
    process.stdout.write(welcome(url, config.dataDir));
  } catch (error) {
    await close();
    throw error;
  }
}

async function seed({ config, log }: Prepared): Promise<void> {
  const app = await createApp(config, log);
  await seedApp(app, config.dataDir);
  await app.close();
}

function welcome(address: string, dataDir: string): string {
  return [
    '',
    `Praxis is up: ${address}`,
    `  GraphQL    ${address}/graphql   (subscriptions on the same path over WebSocket)`,
    `  GraphiQL   ${address}/graphiql`,
    `  demo key   ${join(dataDir, 'demo-api-key')}`,
    `  operator   ${join(dataDir, 'operator-api-key')}`,
    '  Try        npm run quickstart -- FILE.csv --target COLUMN',
    '',
    '',
  ].join('\n');
}
