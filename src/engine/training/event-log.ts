/** Numbers the events of a run and hands them on in chunks. A resumed run counts the same way and skips what is known. */
import type { TrainEvent, TrainPort } from '../types';

type Content = TrainEvent extends infer E ? (E extends { ordinal: number } ? Omit<E, 'ordinal'> : never) : never;

export class EventLog {
  private buffer: TrainEvent[] = [];
  private count = 0;

  /** Events up to `skipThrough` are counted but not emitted. */
  constructor(
    private readonly port: Pick<TrainPort, 'emit'>,
    private readonly skipThrough: number,
  ) {}

  get lastOrdinal(): number {
    return this.count;
  }

  add(content: Content): void {
    this.count++;
    if (this.count > this.skipThrough) this.buffer.push({ ordinal: this.count, ...content } as TrainEvent);
  }

  state(state: 'PREPARING' | 'TRAINING' | 'EVALUATING'): void {
    this.add({ kind: 'state', state });
  }

  log(message: string, level: 'info' | 'warn' = 'info'): void {
    this.add({ kind: 'log', level, message });
  }

  progress(fraction: number): void {
    this.add({ kind: 'progress', fraction: Math.round(fraction * 1000) / 1000 });
  }

  /** Continues counting after the events that an earlier attempt has emitted. */
  continueAfter(ordinal: number): void {
    this.count = ordinal;
  }

  flush(): void {
    if (this.buffer.length === 0) return;
    const events = this.buffer;
    this.buffer = [];
    this.port.emit(events);
  }
}
