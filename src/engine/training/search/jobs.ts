/** From a candidate and rows to a fit. */
import type { FittedModel } from '../../learning/fit';
import { scoreMetric, validationScore } from '../evaluate';
import { dimensionsOf } from '../prepare/dimensions';
import type { Prepared } from '../prepare/prepare';
import type { PreparedCandidate } from './candidates';
import type { FitJob } from './fits';

export interface Asked {
  candidate: PreparedCandidate;
  /** Tells the fits of a candidate apart. */
  part: string;
  /** Made when it is needed: rows of a fold are copies. */
  data(): Prepared;
  /** With the rows that judge; left out: `data`. Null: nobody judges. */
  judging?: (() => Prepared) | null;
  /** Scores beside that of the model. */
  beside?(): Promise<number>;
  /** Behind the names of metrics, where the candidate is fitted more than once. */
  suffix?: string;
  refit: boolean;
  length?: number;
  from?: FitJob;
}

/** Hands out the jobs of a run, each with its part of the work. */
export class Jobs {
  private done = 0;

  /** @param count how many there are, at most */
  constructor(
    private readonly seed: number,
    private readonly count: number,
  ) {}

  of(asked: Asked): FitJob {
    const { candidate, part, refit, length, suffix, from } = asked;
    const { name, stateKind, family, parameters } = candidate;
    const before = this.done++;
    return {
      ...{ key: JSON.stringify([name, stateKind, part, length ?? null]), candidate: name, suffix, from: from?.key },
      request: () => {
        const data = asked.data();
        const { train, validation } = data;
        const how = { seed: this.seed, refit, ...(length !== undefined && { length }) };
        return { family, parameters, ...dimensionsOf(data), train, validation, ...how };
      },
      judge: (fitted) => judged(fitted, asked),
      share: [before / this.count, (before + 1) / this.count],
    };
  }
}

async function judged(fitted: FittedModel, { data, judging = data, beside }: Asked): Promise<number[]> {
  const score = judging ? await validationScore(fitted, judging()) : NaN;
  return [score, ...(beside ? [await beside()] : [])];
}

export const metricOf = ({ data }: Pick<PreparedCandidate, 'data'>): string => scoreMetric(data);
