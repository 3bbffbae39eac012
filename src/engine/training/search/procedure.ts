/**
 * What becomes of the models of the folds of a candidate: their mean, or one model that is fitted to all rows for as long as they were
 * on average. Folds that take no part in either judge both ways; the better one is gone with all rows.
 */
import type { FittedModel } from '../../learning/fit';
import { meanOf, meanOfModels } from '../../learning/mean-of-models';
import type { FoldsCard } from '../../types';
import { validationScore } from '../evaluate';
import type { EventLog } from '../event-log';
import type { PreparedCandidate } from './candidates';
import type { FitOutcome } from './checkpoint';
import { foldData, judgingData, type Fold } from './fold-data';
import type { FitJob, Fits } from './fits';
import { metricOf, type Jobs } from './jobs';
import { rowCost } from './row-cost';

export interface FoldedCandidate {
  candidate: PreparedCandidate;
  folds: readonly Fold[];
  /** Of each fold. */
  jobs: readonly FitJob[];
  outcomes: readonly FitOutcome[];
}

/** A single row of the mean costs so many times what it costs one model, at most. */
export const ROW_COST_MAX = 2;
/** So many rows judge the two ways, if there are so many: more folds would tell no more for their time. */
const JUDGING_ROWS = 1500;

/** The folds that judge both ways. */
export function outerFolds(folds: readonly Fold[]): number {
  let rows = 0;
  const enough = folds.findIndex(({ validation }) => (rows += validation.length) >= JUDGING_ROWS);
  return folds.length < 3 ? 0 : enough < 0 ? folds.length : enough + 1;
}

export class FoldProcedure {
  constructor(
    private readonly folded: FoldedCandidate,
    private readonly jobs: Jobs,
    private readonly fits: Fits,
    private readonly log: EventLog,
  ) {}

  async run(): Promise<{ fitted: FittedModel; folds: FoldsCard }> {
    const { candidate, folds, jobs } = this.folded;
    const models: FittedModel[] = [];
    for (const job of jobs) models.push(await this.fits.modelOf(job));
    const cost = meanCost(candidate, models);
    const scores = cost <= ROW_COST_MAX ? await this.compared() : null;
    const isMean = cost <= ROW_COST_MAX && (scores === null || scores.mean <= scores.refit);
    const card: FoldsCard = {
      ...{ count: folds.length, metric: metricOf(candidate), kept: isMean ? 'mean' : 'refit' },
      ...{ meanScore: scores?.mean ?? null, refitScore: scores?.refit ?? null, rowCost: cost },
    };
    this.log.log(noteOf(candidate.name, card));
    const fitted = isMean ? meanOfModels(models) : { ...(await this.refitted()), isRefitted: true };
    return { fitted, folds: card };
  }

  /** Null where the folds are too few to judge by, or a model diverged. */
  private async compared(): Promise<{ mean: number; refit: number } | null> {
    const pairs: (readonly [mean: number, refit: number])[] = [];
    for (let outer = 0; outer < outerFolds(this.folded.folds); outer++) {
      const pair = await this.judgedBy(outer);
      if (pair === null) return null;
      pairs.push(pair);
    }
    if (pairs.length === 0) return null;
    return { mean: meanOf(pairs.map(([mean]) => mean)), refit: meanOf(pairs.map(([, refit]) => refit)) };
  }

  /** The outer fold judges the mean of models of the other folds, and one that is fitted to all of these. */
  private async judgedBy(outer: number): Promise<[number, number] | null> {
    const { candidate, folds } = this.folded;
    const { data } = candidate;
    const judging = () => judgingData(data, folds[outer]);
    const isOuter = new Set(folds[outer].validation);
    const inner: FitJob[] = [];
    const lengths: (number | null)[] = [];
    for (const [f, fold] of folds.entries()) {
      if (f === outer) continue;
      const without = { ...fold, train: fold.train.filter((place) => !isOuter.has(place)) };
      const part = `fold ${f + 1} without ${outer + 1}`;
      const suffix = `.fold${f + 1}without${outer + 1}`;
      const job = this.jobs.of({ candidate, part, suffix, data: () => foldData(data, without), refit: false });
      const { scores, length } = await this.fits.take(job);
      if (scores[0] === null) return null;
      inner.push(job);
      lengths.push(length);
    }
    const refit = this.jobs.of({
      ...{ candidate, part: `without ${outer + 1}`, suffix: `.without${outer + 1}`, refit: false, judging },
      data: () => foldData(data, { train: folds[outer].train, validation: new Uint32Array() }),
      length: lengthOf(lengths),
      beside: async () => {
        const models: FittedModel[] = [];
        for (const job of inner) models.push(await this.fits.modelOf(job));
        return scoreOf(meanOfModels(models), judging());
      },
    });
    const { scores } = await this.fits.take(refit);
    await this.fits.forget([...inner, refit]);
    const [refitScore, meanScore] = scores;
    return refitScore === null || meanScore === null ? null : [meanScore, refitScore];
  }

  private async refitted(): Promise<FittedModel> {
    const { candidate, outcomes } = this.folded;
    const length = lengthOf(outcomes.map((outcome) => outcome.length));
    const { data } = candidate;
    const job = this.jobs.of({
      ...{ candidate, part: 'all', suffix: '.all', data: () => data, judging: null, refit: false, length },
    });
    await this.fits.take(job);
    return this.fits.modelOf(job);
  }
}

async function scoreOf(model: FittedModel, data: PreparedCandidate['data']): Promise<number> {
  const score = await validationScore(model, data);
  await model.release();
  return score;
}

/** How many times one model. */
function meanCost({ data }: PreparedCandidate, models: readonly FittedModel[]): number {
  // What stands beside a graph is of one model.
  if (models.some(({ assets }) => assets?.length)) return Infinity;
  return rowCost(data, meanOfModels(models)) / rowCost(data, models[0]);
}

/** Undefined where the learner makes no such choice. */
const lengthOf = (lengths: readonly (number | null)[]): number | undefined =>
  lengths.includes(null) ? undefined : Math.max(1, Math.round(meanOf(lengths as number[])));

function noteOf(name: string, { count, metric, kept, meanScore, refitScore, rowCost: cost }: FoldsCard): string {
  const kinds = { mean: `the mean of its ${count} models of folds`, refit: 'one model that is fitted to all rows' };
  const start = `Of ${name}, ${kinds[kept]} is kept`;
  if (cost > ROW_COST_MAX)
    return `${start}: a row would cost the mean of the models of folds ${cost.toFixed(1)} times what it costs one.`;
  if (meanScore === null || refitScore === null) return `${start}: the folds are too few to judge which is better.`;
  const [better, other] = kept === 'mean' ? [meanScore, refitScore] : [refitScore, meanScore];
  const rest = kinds[kept === 'mean' ? 'refit' : 'mean'];
  return `${start}: on folds that neither had seen, ${metric} ${better.toPrecision(4)}; of ${rest} ${other.toPrecision(4)}.`;
}
