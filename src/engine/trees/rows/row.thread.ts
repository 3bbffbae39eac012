/** A thread of row-threads.ts: ends when all is over. */
import { parentPort, workerData } from 'node:worker_threads';
import { serve, type RowThread } from './row-threads';

parentPort!.postMessage('ready');
serve(workerData as RowThread);
