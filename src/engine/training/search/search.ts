/** Trains the candidates one after the other, keeps the best on validation, and can go on from a checkpoint. */
import type { Fit, FittedModel } from '../../learning/fit';
import { meanOf } from '../../learning/mean-of-models';
import { EngineError, type FoldsCard, type TrainPort } from '../../types';
import type { EventLog } from '../event-log';
import type { Prepared } from '../prepare/prepare';
import type { PreparedCandidate } from './candidates';
import type { FitOutcome, RunCheckpoint } from './checkpoint';
import { foldData } from './fold-data';
import { Fits, type FitJob } from './fits';
import { Jobs, metricOf, type Asked } from './jobs';
import { FoldProcedure, outerFolds } from './procedure';

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
  /** Validation score, lower is better, of folds their mean, by those that judged it where it was given up; null when training diverged. */
  score: number | null;
  /** Of each fold that judged it, in order; null: the validation part judged. */
  foldScores: number[] | null;
}

interface Trained extends FinishedCandidate {
  candidate: PreparedCandidate;
  jobs: FitJob[];
  outcomes: FitOutcome[];
}

export interface SearchResult {
  winner: PreparedCandidate;
  fitted: FittedModel;
  /** How the model was made of folds; left out: there were none. */
  folds?: FoldsCard;
  /** In the order of training. */
  finished: FinishedCandidate[];
  lastStep: number;
}

export class CandidateSearch {
  private readonly finished: Trained[] = [];
  private readonly fits: Fits;
  private readonly jobs: Jobs;

  constructor(
    private readonly request: SearchRequest,
    fit: Fit,
    port: TrainPort,
    private readonly log: EventLog,
  ) {
    this.fits = new Fits(fit, port, log, request.resume);
    this.jobs = new Jobs(request.seed, jobCount(request));
  }

  /** Throws TrainingStopped when asked to, and EngineError when no candidate gave a usable model. */
  async run(): Promise<SearchResult> {
    try {
      for (const candidate of this.request.candidates) await this.train(candidate);
      return await this.conclude();
    } catch (error) {
      await this.fits.release();
      throw error;
    }
  }

  private async train(candidate: PreparedCandidate): Promise<void> {
    const { name, family } = candidate;
    const before = this.best;
    const jobs = this.asked(candidate).map((asked) => this.jobs.of(asked));
    const outcomes: FitOutcome[] = [];
    for (const job of jobs) {
      outcomes.push(await this.fits.take(job));
      if (this.isFirstModel(outcomes)) this.logFirst(candidate, outcomes[0], jobs.length);
      if (isHopeless(scoresOf(outcomes), before)) break;
    }
    const scores = scoresOf(outcomes);
    const score = scores && expectedScore(scores, before);
    const foldScores = candidate.data.folds && scores;
    const parameters = sharedParameters(outcomes, candidate);
    this.finished.push({ name, family, parameters, score, foldScores, candidate, jobs, outcomes });
    this.logScore(this.finished.at(-1)!);
    this.log.flush();
    const { best } = this;
    for (const one of [before, this.finished.at(-1)!]) if (one && one !== best) await this.fits.forget(one.jobs);
  }

  private isFirstModel(outcomes: readonly FitOutcome[]): boolean {
    return this.finished.length === 0 && outcomes.length === 1;
  }

  private logFirst(candidate: PreparedCandidate, { scores: [score] }: FitOutcome, folds: number): void {
    if (folds === 1 || score === null) return;
    const metric = metricOf(candidate);
    this.log.log(`${candidate.name}: validation ${metric} ${score.toPrecision(4)} on the first of ${folds} folds.`);
    this.log.flush();
  }

  /** Of several candidates, only the best is fitted once more in the end. */
  private asked(candidate: PreparedCandidate): Asked[] {
    const { data } = candidate;
    if (data.folds === null) {
      return [{ candidate, part: 'train', data: () => data, refit: this.request.candidates.length === 1 }];
    }
    return data.folds.map((fold, f) => ({
      ...{ candidate, part: `fold ${f + 1}`, data: () => foldData(data, fold), refit: false },
      // The curves of a single part keep their names.
      suffix: f === 0 ? '' : `.fold${f + 1}`,
    }));
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
    const { name, score, candidate: winner } = best;
    if (candidates.length > 1) {
      this.log.log(
        `Chose ${name}: the lowest validation ${metricOf(winner)} of ${candidates.length}, ${score!.toPrecision(4)}.`,
      );
    }
    const kept = await this.modelOf(best);
    return { ...kept, winner, finished: this.finished, lastStep: this.fits.lastStep };
  }

  private async modelOf(best: Trained): Promise<Pick<SearchResult, 'fitted' | 'folds'>> {
    const { folds } = best.candidate.data;
    if (folds) return new FoldProcedure({ ...best, folds }, this.jobs, this.fits, this.log).run();
    const fitted = await this.fits.modelOf(await this.refitted(best));
    if (fitted.isRefitted) this.log.log(refitNote(best.candidate));
    return { fitted };
  }

  private async refitted({ candidate, jobs: [job], outcomes: [outcome] }: Trained): Promise<FitJob> {
    if (!outcome.awaitsRefit) return job;
    const { data } = candidate;
    const refit = this.jobs.of({ candidate, part: 'both', data: () => data, refit: true, from: job });
    await this.fits.take(refit);
    await this.fits.forget([job]);
    return refit;
  }

  /** The one with the lowest score, the first of equals; null when there is none. */
  private get best(): Trained | null {
    const scored = this.finished.filter(({ score }) => score !== null);
    return scored.reduce<Trained | null>((best, one) => (best === null || one.score! < best.score! ? one : best), null);
  }

  private logScore({ name, score, foldScores, outcomes, candidate }: Trained): void {
    const [{ bestEpoch, parameterCount }] = outcomes;
    const size = `${parameterCount} parameters${bestEpoch > 0 ? `, best epoch ${bestEpoch}` : ''}`;
    if (score === null) return this.log.log(`${name}: training diverged; it is not considered.`, 'warn');
    const spread = foldScores ? ` ± ${spreadOf(foldScores)!.toPrecision(2)} over ${foldScores.length} folds` : '';
    const count = candidate.data.folds?.length ?? 0;
    const isGivenUp = foldScores !== null && foldScores.length < count;
    const rest = isGivenUp
      ? `; given up after ${foldScores.length} of ${count}, as the best is clearly better on them`
      : '';
    this.log.log(`${name}: validation ${metricOf(candidate)} ${score.toPrecision(4)}${spread} (${size})${rest}.`);
  }
}

/** Null where one diverged. */
function scoresOf(outcomes: readonly FitOutcome[]): number[] | null {
  const scores = outcomes.map(({ scores: [score] }) => score);
  return scores.includes(null) ? null : (scores as number[]);
}

/** With what a learner chose for itself where it chose the same in each fold. */
function sharedParameters(outcomes: readonly FitOutcome[], { parameters: asked }: PreparedCandidate) {
  const [first, ...others] = outcomes.map(({ parameters }) => parameters);
  const isShared = (key: string) => others.every((one) => JSON.stringify(one[key]) === JSON.stringify(first[key]));
  const shared = Object.fromEntries(Object.entries(first).filter(([key]) => isShared(key)));
  return { ...asked, ...shared };
}

/** Folds that are judged before a candidate is given up. */
const FOLDS_BEFORE_GIVING_UP = 2;

/** On each fold worse than the best one, and on average by more than the scores of that differ from fold to fold. */
function isHopeless(scores: readonly number[] | null, best: Trained | null): boolean {
  if (scores === null) return true;
  if (!best?.foldScores || scores.length < FOLDS_BEFORE_GIVING_UP) return false;
  const behind = scores.map((score, f) => score - best.foldScores![f]);
  return behind.every((difference) => difference > 0) && meanOf(behind) > spreadOf(best.foldScores)!;
}

/** Of folds that are not judged, as far behind the best as on the others: scores of different folds do not compare. */
const expectedScore = (scores: readonly number[], best: Trained | null): number =>
  best?.foldScores && scores.length < best.foldScores.length
    ? best.score! + meanOf(scores.map((score, f) => score - best.foldScores![f]))
    : meanOf(scores);

/** At most: of each candidate one for each fold, then those that decide what becomes of the folds, or the last fit. */
function jobCount({ candidates }: SearchRequest): number {
  const { folds } = candidates[0].data;
  if (folds) return folds.length * (candidates.length + outerFolds(folds)) + 1;
  return candidates.length === 1 ? 1 : candidates.length + 1;
}

/** The standard deviation; null of a single score. */
export function spreadOf(scores: readonly number[]): number | null {
  if (scores.length < 2) return null;
  const mean = meanOf(scores);
  return Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1));
}

const refitNote = ({ name, data }: PreparedCandidate): string =>
  `${name} was fitted once more in the end, to the ${fittedRows(data, { isRefitted: true })} rows of the train and validation parts together: ` +
  'its validation scores are those of the model before, its test scores those of the model that is kept.';

/** How many rows the model is fitted to in the end. */
export const fittedRows = (
  { train, validation }: Pick<Prepared, 'train' | 'validation'>,
  { isRefitted }: Pick<FittedModel, 'isRefitted'>,
): number => train.rows + (isRefitted ? validation.rows : 0);
