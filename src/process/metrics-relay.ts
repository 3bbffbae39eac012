import cluster, { type Worker } from 'node:cluster';

/** What listeners and their parent say to each other about metrics. */
export type Message =
  /** From the one that was asked; the parent passes it on with the asker's number. */
  | { kind: 'askMetrics'; id: number; asker?: number }
  /** From the parent: how many were asked. */
  | { kind: 'askedMetrics'; id: number; count: number }
  /** From each; the parent passes it on to the asker. */
  | { kind: 'metrics'; id: number; asker: number; metrics: Part };

/** All metrics of one listener. */
export type Part = object;

/** In the parent: carries questions and answers between those listeners that are ready. */
export function relayMetrics(): void {
  const ready = new Set<Worker>();
  cluster.on('disconnect', (worker) => ready.delete(worker));
  cluster.on('message', (worker: Worker, message: Message | { kind: 'ready' }) => {
    if (message.kind === 'ready') ready.add(worker);
    if (message.kind === 'metrics') cluster.workers?.[message.asker]?.send(message);
    if (message.kind !== 'askMetrics') return;
    const others = [...ready].filter((other) => other !== worker && other.isConnected());
    for (const other of others) other.send({ ...message, asker: worker.id } satisfies Message);
    worker.send({ kind: 'askedMetrics', id: message.id, count: others.length } satisfies Message);
  });
}
