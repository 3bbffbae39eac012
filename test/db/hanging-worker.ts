// A work process of its own for the test that kills it: claims a job of the task "test.kill", says so, and never ends.
import { z } from 'zod';
import { JobRunner } from '../../src/db';
import { createLog } from '../../src/kernel/process/log';

const runner = new JobRunner({ url: process.argv[2], log: createLog('silent'), beatMs: 100, deadAfterMs: 600 });
const task = {
  name: 'test.kill',
  payload: z.object({ tenantId: z.uuid() }),
  run: () => {
    process.stdout.write('claimed\n');
    return new Promise<void>(() => undefined);
  },
};
void runner.start([task], { concurrency: 1 }).then(() => process.stdout.write('ready\n'));
