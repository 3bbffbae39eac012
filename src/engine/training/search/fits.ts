/**
 * The fits of a run, one after the other. A run that goes on asks for the same ones in the same order: what is finished is
 * recalled, and its events count as told.
 */
import type { Fit, FitPoint, FittedModel, FitPort, FitRequest, LearnedRows } from '../../learning/fit';
import type { TrainPort } from '../../types';
import type { EventLog } from '../event-log';
import { encodeCheckpoint, type FitOutcome, type FitRecord, type Place, type RunCheckpoint } from './checkpoint';

export interface FitJob {
  /** Unique in the run, and the same in one that goes on; of another key no state is taken up. */
  key: string;
  /** As events name it. */
  candidate: string;
  request(): Omit<FitRequest<LearnedRows>, 'resume'>;
  /** Behind the names of its metrics; left out: nothing. */
  suffix?: string;
  /** The score, and others beside it; NaN where it diverged. */
  judge(fitted: FittedModel): Promise<number[]>;
  /** Of the work of the run, the part that is done before it and after it. */
  share: readonly [number, number];
  /** The fit from whose last state it goes on. */
  from?: string;
}

/** The learner does not know the state that was to be gone on from, of another network, say. Nothing was reported yet. */
export class StateOutdated extends Error {}

/** A share of a run's planned work is reported when it has grown by this much. */
const PROGRESS_STEP = 0.01;

export class Fits {
  private readonly finished: FitRecord[] = [];
  private readonly models = new Map<string, FittedModel>();
  private place: Place;

  constructor(
    private readonly fit: Fit,
    private readonly port: TrainPort,
    private readonly log: EventLog,
    private readonly resume: RunCheckpoint | null,
  ) {
    this.place = { ordinal: log.lastOrdinal, step: 0, progress: 0 };
  }

  get lastStep(): number {
    return this.place.step;
  }

  /** Throws TrainingStopped and TrainingPaused when asked to, and StateOutdated where the checkpoint is of other fits. */
  async take(job: FitJob): Promise<FitOutcome> {
    const known = this.resume?.finished[this.finished.length];
    if (known) {
      if (known.key !== job.key) throw new StateOutdated();
      this.goOnFrom(known.after);
      this.finished.push(known);
      return known.outcome;
    }
    const isCurrent = this.resume?.finished.length === this.finished.length;
    if (isCurrent && this.resume!.currentKey !== job.key) throw new StateOutdated();
    const record = await this.train(job, isCurrent ? this.resume!.current : null);
    this.finished.push(record);
    return record.outcome;
  }

  /** Of a job that was taken and not forgotten. */
  async modelOf(job: FitJob): Promise<FittedModel> {
    const known = this.models.get(job.key);
    if (known) return known;
    const fitted = await this.fit({ ...job.request(), resume: this.stateOf(job.key) }, this.silentPort());
    this.models.set(job.key, fitted);
    return fitted;
  }

  /** The models of these jobs are not needed any more. */
  async forget(jobs: readonly Pick<FitJob, 'key'>[]): Promise<void> {
    for (const { key } of jobs) {
      await this.models.get(key)?.release();
      this.models.delete(key);
      const record = this.finished.find((one) => one.key === key);
      if (record) record.state = null;
    }
  }

  async release(): Promise<void> {
    for (const fitted of this.models.values()) await fitted.release();
    this.models.clear();
  }

  private async train(job: FitJob, state: Uint8Array | null): Promise<FitRecord> {
    const stepBase = this.place.step;
    if (state) this.goOnFrom(this.resume!.place);
    let last = state;
    const resume = state ?? (job.from === undefined ? null : this.stateOf(job.from));
    const fitted = await this.fit(
      { ...job.request(), resume },
      {
        points: (points) => this.report(job, stepBase, points),
        checkpoint: (bytes) => {
          last = bytes;
          this.checkpoint(job, bytes);
        },
        startsAnew: () => {
          throw new StateOutdated();
        },
        ...this.controls(),
        learningRateChanged: (rate) =>
          this.log.log(`${job.candidate}: the learning rate is now ${rate}, as asked for.`),
      },
    );
    this.models.set(job.key, fitted);
    const scores = (await job.judge(fitted)).map((score) => (Number.isFinite(score) ? score : null));
    await fitted.release();
    const { parameters, parameterCount, bestEpoch, awaitsRefit, length = null } = fitted;
    const outcome = { scores, parameters, parameterCount, bestEpoch, length, awaitsRefit };
    return { key: job.key, outcome, after: { ...this.place, ordinal: this.log.lastOrdinal }, state: last };
  }

  private stateOf(key: string): Uint8Array | null {
    return this.finished.find((record) => record.key === key)?.state ?? null;
  }

  private goOnFrom(place: Place): void {
    this.place = { ...place };
    this.log.continueAfter(place.ordinal);
  }

  /** Training a finished model on from its last state repeats what was reported then. */
  private silentPort(): FitPort {
    return { points: () => {}, checkpoint: () => {}, learningRateChanged: () => {}, ...this.controls() };
  }

  private controls(): Pick<FitPort, 'control' | 'learningRate'> {
    return { control: () => this.port.control(), learningRate: () => this.port.learningRate?.() ?? null };
  }

  private report({ candidate, suffix = '', share: [from, to] }: FitJob, stepBase: number, points: FitPoint[]): void {
    for (const { step, epoch = 0, split, name, value, fraction } of points) {
      this.place.step = stepBase + step;
      if (Number.isFinite(value)) {
        const told = { epoch, split, name: `${name}${suffix}`, value, candidate };
        this.log.add({ kind: 'metric', step: this.place.step, ...told });
      }
      if (fraction !== undefined) this.advance(from + (to - from) * Math.min(1, fraction));
    }
    this.log.flush();
  }

  /** Follows what the learner says at its points, not the chunks, whose bounds depend on the machine's speed. */
  private advance(progress: number): void {
    if (progress < this.place.progress + PROGRESS_STEP) return;
    this.place.progress = progress;
    this.log.progress(progress);
  }

  private checkpoint({ key }: FitJob, current: Uint8Array): void {
    this.log.flush();
    const { lastOrdinal } = this.log;
    const place = { ...this.place, ordinal: lastOrdinal };
    this.port.checkpoint(encodeCheckpoint({ finished: this.finished, currentKey: key, current, place }), lastOrdinal);
  }
}
