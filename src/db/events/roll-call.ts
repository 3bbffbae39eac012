import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '../../kernel';
import { EVENTS_CHANNEL, LISTENERS_LOCK, type NotificationListener } from './listener';

const CALL = 'call';
const HERE = 'here';

/** Announces, and counts who listens. */
const ASK = `
  SELECT count(*)::int AS listeners, pg_notify($1, $2) FROM pg_locks
  WHERE locktype = 'advisory' AND (classid, objid) = (${LISTENERS_LOCK})
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
const ANSWER = 'SELECT pg_notify($1, $2)';

/**
 * Finds out whether all processes have handled what was announced: each hears announcements in the order of their commits,
 * so one that answers a call has heard all that came before it.
 */
export class RollCall {
  /** Calls that go on: what each hears of an answer. */
  private readonly open = new Map<string, () => void>();

  /** `handled` resolves when what has been heard until its call is dealt with. */
  constructor(
    private readonly listener: NotificationListener,
    private readonly handled: () => Promise<unknown>,
  ) {}

  /** Resolves when all that listen have answered, after `limitMs` at the latest. */
  async take(limitMs: number): Promise<void> {
    const id = newId();
    const over = new AbortController();
    try {
      await Promise.race([this.answered(id), wait(limitMs, undefined, { signal: over.signal })]);
    } finally {
      over.abort();
      this.open.delete(id);
    }
  }

  /** Whether an announcement was part of a call. */
  hears(payload: string): boolean {
    const [word, id] = payload.split(' ');
    if (word === CALL) void this.answer(id).catch(() => undefined);
    else if (word === HERE) this.open.get(id)?.();
    else return false;
    return true;
  }

  private async answer(id: string): Promise<void> {
    await this.handled();
    await this.listener.query(ANSWER, [EVENTS_CHANNEL, `${HERE} ${id}`]);
  }

  private answered(id: string): Promise<void> {
    return new Promise((resolve) => {
      let [answers, listeners] = [0, Infinity];
      const look = () => void (answers >= listeners && resolve());
      this.open.set(id, () => {
        answers++;
        look();
      });
      // Without a connection nobody can be asked: the limit ends the call.
      const asked = this.listener.query<{ listeners: number }>(ASK, [EVENTS_CHANNEL, `${CALL} ${id}`]);
      void asked.then(
        ([row]) => {
          listeners = row.listeners;
          look();
        },
        () => undefined,
      );
    });
  }
}
