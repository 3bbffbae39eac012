/** A thread of summing.threads.ts: waits for rows, sums its share, and ends when all is over. */
import { parentPort, workerData } from 'node:worker_threads';
import { summing } from './summing';
import { CONTROL, shareOf, type SummingThread } from './summing.threads';

const { control, thread, threads, binned, order, values, sums } = workerData as SummingThread;
const sum = summing();
parentPort!.postMessage('ready');
for (let task = 0; ;) {
  Atomics.wait(control, CONTROL.task, task);
  task = Atomics.load(control, CONTROL.task);
  if (Atomics.load(control, CONTROL.over) === 1) break;
  const [from, to] = shareOf(control[CONTROL.from], control[CONTROL.to], thread, threads);
  sums.fill(0);
  sum(sums, binned, { order, values, from, to });
  Atomics.add(control, CONTROL.done, 1);
  Atomics.notify(control, CONTROL.done);
}
