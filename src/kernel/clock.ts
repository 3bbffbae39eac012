/** Time as a dependency, so that tests can move it. */
export interface Clock {
  /** Wall clock. */
  now(): Date;
  /** Monotonic milliseconds, for durations. */
  elapsedMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
};
