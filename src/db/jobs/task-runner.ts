import type { Job } from 'graphile-worker';
import type { Log } from '../../kernel';
import { EXTRA_ATTEMPTS, type Task } from './task';

/** Runs one job of a task: parses its payload, counts its attempts, and tells the task when they are used up. */
export class TaskRunner {
  private stop = new AbortController();
  /** Jobs that stopped because the process drains, with the attempts they had before. */
  readonly interrupted = new Map<string, number>();

  constructor(private readonly log: Log) {}

  /** Asks the running jobs to stop; jobs that start later get a fresh signal. */
  interrupt(reason: string): void {
    this.stop.abort(new Error(reason));
    this.stop = new AbortController();
  }

  async run(task: Task<unknown>, raw: unknown, job: Job): Promise<void> {
    const attemptsMax = Math.max(1, job.max_attempts - EXTRA_ATTEMPTS);
    const { tenantId } = (raw ?? {}) as { tenantId?: string };
    const log = this.log.child({ jobId: job.id, task: task.name, tenantId, attempt: job.attempts });
    const { signal } = this.stop;
    if (job.attempts > attemptsMax) return this.exhaust(task, raw, new Error(lastFault(job)), log);
    try {
      await task.run(task.payload.parse(raw), { attempt: job.attempts, attemptsMax, signal, log });
    } catch (error) {
      const err = error instanceof Error ? error : new Error(String(error));
      if (signal.aborted) {
        this.interrupted.set(job.id, job.attempts - 1);
        log.info('job interrupted; it is run again');
        throw err;
      }
      log.error({ err, attemptsMax }, 'job failed');
      if (job.attempts < attemptsMax) throw err;
      await this.exhaust(task, raw, err, log);
    }
  }

  /** Ends the job: its task has told those who wait. Throws when the task could not, so that it is asked again. */
  private async exhaust(task: Task<unknown>, raw: unknown, error: Error, log: Log): Promise<void> {
    log.error({ err: error }, 'job gave up');
    const payload = task.payload.safeParse(raw);
    if (payload.success) await task.exhausted?.(payload.data, error);
  }
}

/** A job that is claimed beyond its attempts lost its process during the last one, or its `exhausted` failed. */
const lastFault = (job: Job): string => job.last_error ?? 'The work process ended during the last attempt.';
