import { isStorageFull, type Log } from '../../kernel';
import { isPassing } from '../failures';
import type { Again, ClaimedJob } from './queue';
import { EXTRA_ATTEMPTS, type JobRun, type Task } from './task';

/** Thrown by a task that stopped (for `JobRun.makeWay`, say) and goes on in its turn: its job keeps its place. */
export class AnotherTurn extends Error {}

/** A job is put off for faults that pass for so long; after that they count as its own. */
const PUT_OFF_MS_MAX = 86_400_000;
/** Pauses of a job that is put off: the database comes back in seconds, space does not. */
const PAUSES_MS = { away: { least: 500, most: 10_000 }, full: { least: 5_000, most: 60_000 } };

/** How a job ended, as the queue is to know it. */
export interface Outcome {
  /** By a fault of its own. */
  failed: boolean;
  /** Null: it has ended for good. */
  again: Again | null;
}

/** Runs one job of a task: parses its payload, counts its attempts, and tells the task when they are used up. */
export class TaskRunner {
  private stop = new AbortController();
  /** How often a job was put off in a row, by its id. */
  private readonly putOff = new Map<string, number>();

  constructor(private readonly log: Log) {}

  /** Asks the running jobs to stop; jobs that start later get a fresh signal. */
  interrupt(reason: string): void {
    this.stop.abort(new Error(reason));
    this.stop = new AbortController();
  }

  /** Never throws. */
  async run(task: Task<unknown>, job: ClaimedJob, callbacks: Pick<JobRun, 'makeWay' | 'progressed'>): Promise<Outcome> {
    const attemptsMax = Math.max(1, job.maxAttempts - EXTRA_ATTEMPTS);
    const { tenantId } = (job.payload ?? {}) as { tenantId?: string };
    const log = this.log.child({ jobId: job.id, task: task.name, tenantId, attempt: job.attempts });
    const { signal } = this.stop;
    const exhaust = (error: Error) => this.exhaust(task, { job, attemptsMax, log }, error);
    if (job.attempts > attemptsMax) return { failed: true, again: await exhaust(new Error(lastFault(job))) };
    try {
      await task.run(task.payload.parse(job.payload), {
        ...{ attempt: job.attempts, attemptsMax, putOff: this.putOff.get(job.id) ?? 0, signal, log },
        ...callbacks,
      });
      this.putOff.delete(job.id);
      return { failed: false, again: null };
    } catch (error) {
      const err = error instanceof Error ? error : new Error(String(error));
      const unharmed = (delayMs: number | null): Outcome => ({
        failed: false,
        again: { attempts: job.attempts - 1, error: err.message, delayMs },
      });
      if (err instanceof AnotherTurn) return unharmed(null);
      if (signal.aborted) {
        log.info('job interrupted; it is run again');
        return unharmed(0);
      }
      if (isPassing(err) && Date.now() - job.createdAt.getTime() < PUT_OFF_MS_MAX) {
        const delayMs = this.pauseFor(job.id, err);
        log.warn({ err, delayMs }, 'job put off');
        return unharmed(delayMs);
      }
      log.error({ err, attemptsMax }, 'job failed');
      const later = { attempts: job.attempts, error: err.message, delayMs: backoffMs(job) };
      return { failed: true, again: job.attempts < attemptsMax ? later : await exhaust(err) };
    }
  }

  /** Ends the job: its task tells those who wait. It is asked again when it could not. */
  private async exhaust(
    task: Task<unknown>,
    { job, attemptsMax, log }: { job: ClaimedJob; attemptsMax: number; log: Log },
    error: Error,
  ): Promise<Again | null> {
    log.error({ err: error }, 'job gave up');
    this.putOff.delete(job.id);
    const payload = task.payload.safeParse(job.payload);
    try {
      if (payload.success) await task.exhausted?.(payload.data, error);
      return null;
    } catch (err) {
      log.error({ err }, 'job could not tell that it gave up');
      const attempts = isPassing(err) ? Math.max(attemptsMax, job.attempts - 1) : job.attempts;
      return { attempts, error: error.message, delayMs: backoffMs(job) };
    }
  }

  private pauseFor(jobId: string, error: Error): number {
    const times = this.putOff.get(jobId) ?? 0;
    this.putOff.set(jobId, times + 1);
    const { least, most } = isStorageFull(error) ? PAUSES_MS.full : PAUSES_MS.away;
    return Math.min(most, least * 2 ** times) * (0.75 + Math.random() / 2);
  }
}

const backoffMs = ({ attempts }: ClaimedJob): number => Math.exp(Math.min(attempts, 10)) * 1_000;

/** A job that is claimed beyond its attempts lost its process during the last one, or its `exhausted` failed. */
const lastFault = (job: ClaimedJob): string => job.lastError ?? 'The work process ended during the last attempt.';
