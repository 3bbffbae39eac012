// A process of its own for the test that kills it: starts the embedded PostgreSQL, prints its address, and waits.
import { startPostgres } from '../../src/db';
import { createLog } from '../../src/kernel/process/log';

void startPostgres({ dataDir: process.argv[2], log: createLog('silent') }).then(({ url }) => {
  process.stdout.write(`${url}\n`);
  setInterval(() => undefined, 60_000);
});
