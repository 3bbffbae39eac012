/** Trains the candidates one after the other, keeps the best on validation, and can go on from a checkpoint. */
import type { PreparedCandidate } from './candidates';
import { dimensionsOf } from './prepare/dimensions';
import type { Prepared } from './prepare/prepare';
import type { LearntPart } from './prepare/sinks';
import { encodeCheckpoint, type FinishedCandidate, type RunCheckpoint } from './checkpoint';
import { scoreMetric, validationScore } from './evaluate';
import type { EventLog } from './event-log';
import type { Fit, FitPoint, FittedModel, FitPort, FitRequest, LearnedRows } from '../learning/fit';
import { EngineError, type TrainPort } from '../types';

export interface SearchRequest {
  candidates: PreparedCandidate[];
  seed: number;
  resume: RunCheckpoint | null;
}

export interface SearchResult {
  winner: PreparedCandidate;
  fitted: FittedModel;
  /** In the order of training. */
  finished: FinishedCandidate[];
  lastStep: number;
}

/** A share of a run's planned epochs is reported when it has grown by this much. */
const PROGRESS_STEP = 0.01;

/** The learner does not know the state that was to be gone on from, of another network, say. Nothing was reported yet. */
export class StateOutdated extends Error {}

export class CandidateSearch {
  private finished: FinishedCandidate[];
  /** The best so far. `fitted` is null when it was trained by an earlier attempt. */
  private best: { index: number; fitted: FittedModel | null; state: Uint8Array | null } | null = null;
  private stepBase: number;
  private lastStep: number;
  private progress: number;

  constructor(
    private readonly request: SearchRequest,
    private readonly fit: Fit,
    private readonly port: TrainPort,
    private readonly log: EventLog,
  ) {
    const { resume } = request;
    this.finished = [...(resume?.finished ?? [])];
    this.stepBase = resume?.stepBase ?? 0;
    this.lastStep = resume?.lastStep ?? 0;
    this.progress = resume?.progress ?? 0;
    const index = bestOf(this.finished);
    if (index !== null) this.best = { index, fitted: null, state: resume!.best };
  }

  /** Throws TrainingStopped when asked to, and EngineError when no candidate gave a usable model. */
  async run(): Promise<SearchResult> {
    const { candidates, resume } = this.request;
    try {
      for (let index = this.finished.length; index < candidates.length; index++) {
        await this.train(index, index === resume?.finished.length ? resume.current : null);
      }
      return await this.conclude();
    } catch (error) {
      await this.best?.fitted?.release();
      throw error;
    }
  }

  private async train(index: number, state: Uint8Array | null): Promise<void> {
    const candidate = this.request.candidates[index];
    let last = state;
    const fitted = await this.fit(this.fitRequest(candidate, state), {
      points: (points) => this.report(index, points),
      checkpoint: (bytes) => {
        last = bytes;
        this.checkpoint(candidate, bytes);
      },
      startsAnew: () => {
        throw new StateOutdated();
      },
      ...this.controls(),
      learningRateChanged: (rate) => this.log.log(`${candidate.name}: the learning rate is now ${rate}, as asked for.`),
    });
    const score = await validationScore(fitted, candidate.data);
    const { name, family } = candidate;
    this.finished.push({ name, family, parameters: fitted.parameters, score: Number.isFinite(score) ? score : null });
    this.stepBase = this.lastStep;
    this.logScore(name, score, fitted);
    await this.keepBetter(index, fitted, last);
    this.log.flush();
  }

  private async keepBetter(index: number, fitted: FittedModel, state: Uint8Array | null): Promise<void> {
    if (bestOf(this.finished) !== index) return fitted.release();
    await this.best?.fitted?.release();
    this.best = { index, fitted, state };
  }

  private async conclude(): Promise<SearchResult> {
    if (this.best === null) {
      const [path, hint] =
        this.request.candidates.length === 1
          ? ['estimator.parameters.learningRate', 'Lower the learning rate, or scale the columns.']
          : ['estimator.family', 'Scale the columns, or name one family and lower its learning rate.'];
      throw new EngineError('Training diverged: the loss is not a finite number.', path, hint);
    }
    const winner = this.request.candidates[this.best.index];
    this.best.fitted ??= await this.fit(this.fitRequest(winner, this.best.state), this.silentPort());
    if (this.finished.length > 1) {
      const { name, score } = this.finished[this.best.index];
      this.log.log(
        `Chose ${name}: the lowest validation ${this.metric} of ${this.finished.length}, ${score!.toPrecision(4)}.`,
      );
    }
    if (this.best.fitted.isRefitted) this.log.log(refitNote(winner));
    return { winner, fitted: this.best.fitted, finished: this.finished, lastStep: this.lastStep };
  }

  private fitRequest(
    { family, parameters, data }: PreparedCandidate,
    resume: Uint8Array | null,
  ): FitRequest<LearnedRows> {
    const { train, validation } = data;
    return { family, parameters, ...dimensionsOf(data), train, validation, seed: this.request.seed, resume };
  }

  /** Training the winner of an earlier attempt on from its last state repeats what was reported then. */
  private silentPort(): FitPort {
    return { points: () => {}, checkpoint: () => {}, learningRateChanged: () => {}, ...this.controls() };
  }

  private controls(): Pick<FitPort, 'control' | 'learningRate'> {
    return { control: () => this.port.control(), learningRate: () => this.port.learningRate?.() ?? null };
  }

  private report(index: number, points: FitPoint[]): void {
    const { name } = this.request.candidates[index];
    for (const { step, epoch = 0, split, name: metric, value, fraction } of points) {
      this.lastStep = this.stepBase + step;
      if (Number.isFinite(value)) {
        this.log.add({ kind: 'metric', step: this.lastStep, epoch, split, name: metric, value, candidate: name });
      }
      if (fraction !== undefined) this.advance((index + Math.min(1, fraction)) / this.request.candidates.length);
    }
    this.log.flush();
  }

  /** Follows what the learner says at its points, not the chunks, whose bounds depend on the machine's speed. */
  private advance(progress: number): void {
    if (progress < this.progress + PROGRESS_STEP) return;
    this.progress = progress;
    this.log.progress(progress);
  }

  private checkpoint({ name }: PreparedCandidate, current: Uint8Array): void {
    this.log.flush();
    const { stepBase, lastStep, progress, finished } = this;
    const { lastOrdinal } = this.log;
    const best = this.best?.state ?? null;
    const stateKinds = this.request.candidates.slice(0, finished.length + 1).map(({ stateKind }) => stateKind);
    const state = { lastOrdinal, stepBase, lastStep, progress, finished, best, stateKinds, currentName: name, current };
    this.port.checkpoint(encodeCheckpoint(state), lastOrdinal);
  }

  private get metric(): string {
    return scoreMetric(this.request.candidates[0].data);
  }

  private logScore(name: string, score: number, { bestEpoch, parameterCount }: FittedModel): void {
    const size = `${parameterCount} parameters${bestEpoch > 0 ? `, best epoch ${bestEpoch}` : ''}`;
    if (Number.isFinite(score)) this.log.log(`${name}: validation ${this.metric} ${score.toPrecision(4)} (${size}).`);
    else this.log.log(`${name}: training diverged; it is not considered.`, 'warn');
  }
}

const refitNote = ({ name, data }: PreparedCandidate): string =>
  `${name} was fitted once more in the end, to the ${fittedRows(data, { isRefitted: true })} rows of the train and validation parts together: ` +
  'its validation scores are those of the model before, its test scores those of the model that is kept.';

/** How many rows the model is fitted to in the end. */
export const fittedRows = (
  { train, validation }: Pick<Prepared, LearntPart>,
  { isRefitted }: Pick<FittedModel, 'isRefitted'>,
): number => train.rows + (isRefitted ? validation.rows : 0);

/** Index of the lowest score, the first of equals; null when there is none. */
function bestOf(finished: FinishedCandidate[]): number | null {
  let best: number | null = null;
  finished.forEach(({ score }, i) => {
    if (score !== null && (best === null || score < finished[best].score!)) best = i;
  });
  return best;
}
