/**
 * The process under attack: the API alone over a database that is there, and what the attack asks of it over IPC.
 * Arguments: data directory, address of the database.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createApp } from '../../src/app';
import { readConfig } from '../../src/config';
import { createLog } from '../../src/kernel';

export type Question = 'cost' | 'memory' | 'stop';

/** `cost`: milliseconds of the processor since the start. `memory`: resident bytes once garbage is gone. */
export type Reply = { address: string } | { value: number };

async function main([dataDir, databaseUrl]: string[]): Promise<void> {
  const settings = { PRAXIS_DATA_DIR: dataDir, DATABASE_URL: databaseUrl, PORT: '0', PRAXIS_API_PROCESSES: '1' };
  const app = await createApp({ ...readConfig(settings), databaseUrl }, createLog('silent'));
  const answers: Record<Question, () => Promise<number>> = {
    cost: async () => processMs(),
    memory: settledBytes,
    stop: async () => {
      await app.close();
      return 0;
    },
  };
  process.on('message', async (question: Question) => {
    process.send?.({ value: await answers[question]() } satisfies Reply);
    if (question === 'stop') process.disconnect();
  });
  process.send?.({ address: await app.listen() } satisfies Reply);
}

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function settledBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await wait(100);
  }
  return process.memoryUsage().rss;
}

void main(process.argv.slice(2));
