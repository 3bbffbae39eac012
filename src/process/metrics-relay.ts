import type { ChildProcess } from 'node:child_process';

/** What children and their parent say to each other about metrics. */
export type Message =
  /** From the one that was asked; the parent passes it on with the asker's process id. */
  | { kind: 'askMetrics'; id: number; asker?: number }
  /** From the parent: how many were asked. */
  | { kind: 'askedMetrics'; id: number; count: number }
  /** From each; the parent passes it on to the asker. */
  | { kind: 'metrics'; id: number; asker: number; metrics: Part };

/** All metrics of one process. */
export type Part = object;

/** In the parent: carries questions and answers between those children that are ready. */
export class MetricsRelay {
  private readonly ready = new Set<ChildProcess>();

  join(child: ChildProcess): void {
    child.on('message', (message: Message | { kind: 'ready' }) => {
      if (message.kind === 'ready') this.ready.add(child);
      if (message.kind === 'askMetrics') this.ask(child, message);
      if (message.kind === 'metrics') this.tell(message);
    });
    child.once('disconnect', () => this.ready.delete(child));
  }

  private ask(asker: ChildProcess, { id }: { id: number }): void {
    const others = [...this.ready].filter((other) => other !== asker && other.connected);
    for (const other of others) send(other, { kind: 'askMetrics', id, asker: asker.pid });
    send(asker, { kind: 'askedMetrics', id, count: others.length });
  }

  private tell(message: Extract<Message, { kind: 'metrics' }>): void {
    const asker = [...this.ready].find(({ pid }) => pid === message.asker);
    if (asker?.connected) send(asker, message);
  }
}

/** Whoever is gone meanwhile needs no answer. */
const send = (child: ChildProcess, message: Message) => child.send(message, () => undefined);
