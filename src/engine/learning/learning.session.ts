/** What holds for every learner: how often its points and states are handed on, and that it stops and pauses when told to. */
import type { FitPoint, FitPort } from './fit';
import type { LearnerPort, Progress } from './learner';
import { TrainingPaused, TrainingStopped } from '../types';

/** The caller hears so often of what is new, at least where the learner reports as often. */
const FLUSH_MS = 250;

export interface SessionLimits {
  /** Least time between two states that are stored; the last one, at the end, is always stored. */
  checkpointMs: number;
  threads: number;
}

export class LearningSession implements LearnerPort {
  private points: FitPoint[] = [];
  private lastFlush = 0;
  private lastStored = performance.now();

  constructor(
    private readonly port: FitPort,
    private readonly limits: SessionLimits,
  ) {}

  get threads(): number {
    return this.limits.threads;
  }

  report({ points, state, store = false, finished = false }: Progress): void {
    this.points.push(...points);
    const command = finished ? 'continue' : this.port.control();
    if (command === 'stop') throw new TrainingStopped();
    const now = performance.now();
    const stored = store || finished || command === 'pause' || now - this.lastStored >= this.limits.checkpointMs;
    if (stored || now - this.lastFlush > FLUSH_MS) this.flush(now);
    if (stored) {
      this.lastStored = now;
      this.port.checkpoint(state());
    }
    if (command === 'pause') throw new TrainingPaused();
  }

  startsAnew(): void {
    this.port.startsAnew?.();
  }

  learningRate(): number | null {
    return this.port.learningRate();
  }

  learningRateChanged(rate: number, step: number): void {
    this.flush(performance.now());
    this.port.learningRateChanged(rate, step);
  }

  private flush(now: number): void {
    const { points } = this;
    this.points = [];
    this.lastFlush = now;
    this.port.points(points);
  }
}
