import type { ZodType } from 'zod';
import type { Log } from '../../kernel';

/** Name and payload of a durable job; what is needed to enqueue one. */
export interface TaskRef<P> {
  name: string;
  payload: ZodType<P & { tenantId: string }>;
}

export interface JobRun {
  /** 1 for the first attempt; an attempt that got on (`progressed`) is the last one that counts. */
  attempt: number;
  attemptsMax: number;
  /** How often it was put off in a row, for want of space or while something was away. */
  putOff: number;
  /** Aborts when the process drains or has lost the job to another; stop soon and throw, the job is run again. */
  signal: AbortSignal;
  /** Aborts when another tenant waits that had less of this kind of work. A task that can go on later stops for it. */
  makeWay: AbortSignal;
  /** What was done so far is kept, so earlier failures count no more. */
  progressed(): Promise<void>;
  /** Carries the job's id, task and tenant. */
  log: Log;
}

/** A durable job and its handler. It may run more than once, so it must find out what is already done. */
export interface Task<P> extends TaskRef<P> {
  /** The kind of work, with slots of its own (a name of `lanes`); left out, the general one. */
  lane?: string;
  run(payload: P & { tenantId: string }, job: JobRun): Promise<void>;
  /** Called once all attempts failed, to tell those who wait; again should it throw. */
  exhausted?(payload: P & { tenantId: string }, error: Error): Promise<void>;
}

/** A durable job that was agreed on to follow another one; stored with what it waits for. */
export interface Continuation {
  task: string;
  payload: { tenantId: string } & Record<string, unknown>;
}

/** A durable job of the platform that runs by the clock, once however many processes work. */
export interface ScheduledTask {
  name: string;
  /** Minute, hour, day, month, weekday, in UTC, as cron has them. A time at which nobody worked is made up for once. */
  schedule: string;
  run(job: JobRun): Promise<void>;
}

export interface EnqueueOptions {
  /** A waiting job of the tenant with the same key is replaced. */
  jobKey?: string;
  /** Jobs of one queue run one after the other, within the tenant. */
  queueName?: string;
  /** How often the job is tried; default 5. */
  maxAttempts?: number;
}

export const ATTEMPTS_DEFAULT = 5;

/** Attempts on top of the task's own, kept for calling `exhausted`. */
export const EXTRA_ATTEMPTS = 3;
