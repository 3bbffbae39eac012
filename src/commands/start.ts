import { join } from 'node:path';
import { createApp } from '../app';
import { childEnvironment, type Config } from '../config';
import { migrate } from '../db';
import { SupervisedChild, drainOnSignal, endWhenOrphaned } from '../process';
import { openDatabaseServer, seedApp, type Prepared } from './prepare';

/** One machine is a cluster of one: PostgreSQL, `serve` in this process, one supervised `work`. */
export async function start(given: Config): Promise<void> {
  if (given.stopWithParent) endWhenOrphaned();
  const prepared = await openDatabaseServer(given, 'serve');
  const { config, log, postgres } = prepared;
  await migrate(config.databaseUrl);
  const app = await createApp(config, log);
  await seedApp(app, config.dataDir);
  const address = await app.listen();
  const work = config.superviseWork ? superviseWork(prepared) : null;
  drainOnSignal(log, config.drainMs, async () => {
    await Promise.all([work?.stop(), app.close()]);
    await postgres?.stop();
  });
  process.stdout.write(welcome(address, config.dataDir));
}

function superviseWork({ config, log }: Prepared): SupervisedChild {
  const child = new SupervisedChild({
    name: 'work',
    args: [join(__dirname, '..', `main${__filename.endsWith('.ts') ? '.ts' : '.js'}`), 'work'],
    environment: childEnvironment({ DATABASE_URL: config.databaseUrl, PRAXIS_DATA_DIR: config.dataDir }),
    log,
    stopLimitMs: config.drainMs + 2_000,
  });
  child.start();
  return child;
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
