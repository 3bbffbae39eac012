import { join } from 'node:path';
import type { Config } from '../config';
import { migrate } from '../db';
import { drainOnSignal, endWhenOrphaned } from '../process';
import { openDatabaseServer } from './prepare';
import { startInTurn, superviseCommand, superviseListeners } from './supervise';

/** One machine is a cluster of one: PostgreSQL, the supervised processes of `serve`, and one supervised `work`. */
export async function start(given: Config): Promise<void> {
  if (given.stopWithParent) endWhenOrphaned();
  // Who answers writes the library and the keys: it has the program loaded, and this process never needs it.
  const prepared = await openDatabaseServer({ ...given, seed: true }, 'start');
  const { config, log, postgres } = prepared;
  await migrate(config.databaseUrl);
  const [first, ...others] = superviseListeners(prepared);
  const children = [first, ...(config.superviseWork ? [superviseCommand('work', prepared)] : []), ...others];
  const close = async () => {
    await Promise.all(children.map((child) => child.stop()));
    await postgres?.stop();
  };
  drainOnSignal(log, config.drainMs, close);
  try {
    process.stdout.write(welcome(await startInTurn(children), config.dataDir));
  } catch (error) {
    await close();
    throw error;
  }
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
