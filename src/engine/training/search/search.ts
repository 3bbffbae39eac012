/** Trains the candidates one after the other, keeps the best on validation, and can go on from a checkpoint. */
import type { Fit, FittedModel, FitRequest, LearnedRows } from '../../learning/fit';
import { EngineError, type TrainPort } from '../../types';
import { scoreMetric, validationScore } from '../evaluate';
import type { EventLog } from '../event-log';
import { dimensionsOf } from '../prepare/dimensions';
import type { Prepared } from '../prepare/prepare';
import type { LearntPart } from '../prepare/sinks';
import type { PreparedCandidate } from './candidates';
import type { FitOutcome, RunCheckpoint } from './checkpoint';
import { Fits, type FitJob } from './fits';

export interface SearchRequest {
  candidates: PreparedCandidate[];
  seed: number;
  resume: RunCheckpoint | null;
}

/** A candidate that was trained. */
export interface FinishedCandidate {
  name: string;
  family: string;
  parameters: Record<string, unknown>;
  /** Validation score, lower is better; null when training diverged. */
  score: number | null;
}

export interface SearchResult {
  winner: PreparedCandidate;
  fitted: FittedModel;
  /** In the order of training. */
  finished: FinishedCandidate[];
  lastStep: number;
}

export class CandidateSearch {
  private readonly finished: (FinishedCandidate & { job: FitJob; outcome: FitOutcome })[] = [];
  private readonly fits: Fits;

  constructor(
    private readonly request: SearchRequest,
    fit: Fit,
    port: TrainPort,
    private readonly log: EventLog,
  ) {
    this.fits = new Fits(fit, port, log, request.resume);
  }

  /** Throws TrainingStopped when asked to, and EngineError when no candidate gave a usable model. */
  async run(): Promise<SearchResult> {
    try {
      for (const [index, candidate] of this.request.candidates.entries()) await this.train(candidate, index);
      return await this.conclude();
    } catch (error) {
      await this.fits.release();
      throw error;
    }
  }

  /** Of several, only the best is fitted once more in the end. */
  private async train(candidate: PreparedCandidate, index: number): Promise<void> {
    const { length } = this.request.candidates;
    const isOnly = length === 1;
    const share = isOnly ? ([0, 1] as const) : ([index / (length + 1), (index + 1) / (length + 1)] as const);
    const job = this.jobOf(candidate, { share, refit: isOnly });
    const before = this.best;
    const outcome = await this.fits.take(job);
    const { name, family } = candidate;
    this.finished.push({ name, family, parameters: outcome.parameters, score: outcome.score, job, outcome });
    this.logScore(name, outcome);
    this.log.flush();
    const { best } = this;
    await this.fits.forget([before, this.finished.at(-1)!].flatMap((one) => (one && one !== best ? [one.job] : [])));
  }

  private async conclude(): Promise<SearchResult> {
    const { best } = this;
    const { candidates } = this.request;
    if (best === null) {
      const [path, hint] =
        candidates.length === 1
          ? ['estimator.parameters.learningRate', 'Lower the learning rate, or scale the columns.']
          : ['estimator.family', 'Scale the columns, or name one family and lower its learning rate.'];
      throw new EngineError('Training diverged: the loss is not a finite number.', path, hint);
    }
    const winner = candidates[this.finished.indexOf(best)];
    const { name, score } = best;
    if (candidates.length > 1) {
      this.log.log(
        `Chose ${name}: the lowest validation ${this.metric} of ${candidates.length}, ${score!.toPrecision(4)}.`,
      );
    }
    const fitted = await this.fits.modelOf(await this.refitted(winner, best));
    if (fitted.isRefitted) this.log.log(refitNote(winner));
    return { winner, fitted, finished: this.finished, lastStep: this.fits.lastStep };
  }

  private async refitted(winner: PreparedCandidate, { job, outcome }: { job: FitJob; outcome: FitOutcome }) {
    if (!outcome.awaitsRefit) return job;
    const again = this.jobOf(winner, { share: [job.share[1], 1], refit: true });
    const refit = { ...again, key: `${job.key} refit`, from: job.key };
    await this.fits.take(refit);
    await this.fits.forget([job]);
    return refit;
  }

  private jobOf(candidate: PreparedCandidate, { share, refit }: { share: FitJob['share']; refit: boolean }): FitJob {
    const { name, stateKind, data } = candidate;
    return {
      key: JSON.stringify([name, stateKind]),
      candidate: name,
      request: () => ({ ...this.fitRequest(candidate), refit }),
      judge: (fitted) => validationScore(fitted, data),
      share,
    };
  }

  private fitRequest({ family, parameters, data }: PreparedCandidate): Omit<FitRequest<LearnedRows>, 'resume'> {
    const { train, validation } = data;
    return { family, parameters, ...dimensionsOf(data), train, validation, seed: this.request.seed };
  }

  /** The one with the lowest score, the first of equals; null when there is none. */
  private get best() {
    const scored = this.finished.filter(({ score }) => score !== null);
    return scored.reduce<(typeof scored)[number] | null>(
      (best, one) => (best === null || one.score! < best.score! ? one : best),
      null,
    );
  }

  private get metric(): string {
    return scoreMetric(this.request.candidates[0].data);
  }

  private logScore(name: string, { score, bestEpoch, parameterCount }: FitOutcome): void {
    const size = `${parameterCount} parameters${bestEpoch > 0 ? `, best epoch ${bestEpoch}` : ''}`;
    if (score !== null) this.log.log(`${name}: validation ${this.metric} ${score.toPrecision(4)} (${size}).`);
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
