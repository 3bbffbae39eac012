import { join } from 'node:path';
import type { Config } from '../config';
import { announceServer } from '../kernel/process/server-address';
import { endWhenOrphaned } from '../process';
import { superviseCommand, superviseListeners, superviseMachine } from './supervise';

/** One machine is a cluster of one: PostgreSQL, the supervised processes of `serve`, and one supervised `work`. */
export async function start(config: Config): Promise<void> {
  if (config.stopWithParent) endWhenOrphaned();
  // Who answers migrates and writes the library and the keys: it has the program loaded, and this process never needs it.
  const address = await superviseMachine('start', { ...config, seed: true }, (machine) => {
    const [first, ...others] = superviseListeners(machine);
    return [first, ...(config.superviseWork ? [superviseCommand('work', machine)] : []), ...others];
  });
  announceServer(config.dataDir, address);
  process.stdout.write(welcome(address, config.dataDir));
}

function welcome(address: string, dataDir: string): string {
  return [
    '',
    `Praxis is up: ${address}`,
    `  GraphQL    ${address}/graphql   (subscriptions on the same path over WebSocket)`,
    `  GraphiQL   ${address}/graphiql`,
    `  demo key   ${join(dataDir, 'demo-api-key')}`,
    `  operator   ${join(dataDir, 'operator-api-key')}`,
    `  first page ${address}/`,
    '  Try        npm run quickstart -- seeds/machines.csv --target machine_failure',
    '',
    '',
  ].join('\n');
}
