/** Random forests (Breiman: Random Forests, 2001): trees of rows and columns that are drawn for each, whose mean is the answer. */
import type { BinnedRows, ColumnBins } from '../bins';
import { growByImpurity, type ImpurityRules } from './grow';
import type { ForestAnswers } from './answers';
import { mixed } from '../growing/packing';
import type { Round } from '../tree';
import { Random } from '../../random';
import type { ForestTargets } from './targets';
import { addAnswers, leafOf, type Tree } from '../tree';

export interface ForestRules extends ImpurityRules {
  trees: number;
  /** Draws rows with replacement; otherwise each of the share once. */
  bootstrap: boolean;
  /** Of the rows that are drawn. */
  rowShare: number;
}

export interface ForestPart {
  binned: BinnedRows;
  targets: ForestTargets;
}

export interface ForestRequest {
  train: ForestPart;
  validation: ForestPart | null;
  columns: ColumnBins[];
  prior: number[];
  rules: ForestRules;
  answers: ForestAnswers;
  seed: number;
  /** Trees of an earlier attempt, to go on from. */
  resume: Round[];
  /** Asked before each split; throws to stop. */
  proceed(): void;
  /** After each tree. */
  done(round: Round, losses: ForestLosses): void;
}

export interface ForestLosses {
  /** Of rows by the trees that were not fitted to them; null where each tree has all rows. */
  outOfBag: number | null;
  validation: number | null;
}

/** Of each tree as many as there are outputs, of one shape; and the last loss, on validation where there is one. */
export function forest(request: ForestRequest): { rounds: Round[]; loss: number } {
  return new Forest(request).run();
}

class Forest {
  private readonly rounds: Round[] = [];
  private readonly outOfBag: MeanScores;
  private readonly validation: MeanScores | null;

  constructor(private readonly request: ForestRequest) {
    const { train, validation } = request;
    this.outOfBag = new MeanScores(train, request);
    this.validation = validation && new MeanScores(validation, request);
  }

  run(): { rounds: Round[]; loss: number } {
    const { rules, resume, done } = this.request;
    let last: ForestLosses | null = null;
    for (const round of resume) last = this.take(round, this.bagOf(this.rounds.length).times);
    while (this.rounds.length < rules.trees) {
      const bag = this.bagOf(this.rounds.length);
      const round = this.grow(bag);
      last = this.take(round, bag.times);
      done(round, last);
    }
    return { rounds: this.rounds, loss: last?.validation ?? last?.outOfBag ?? NaN };
  }

  private grow({ order, times, random }: Bag): Round {
    const { train, columns, prior, rules, proceed } = this.request;
    return growByImpurity({ ...train, columns, prior, order, times, rules, random, proceed });
  }

  private take(round: Round, times: Uint8Array | null): ForestLosses {
    this.rounds.push(round);
    this.validation?.add(round, null);
    if (times) this.outOfBag.add(round, times);
    return {
      outOfBag: times && this.outOfBag.loss(),
      validation: this.validation && this.validation.loss(),
    };
  }

  /** Of a tree by its number alone, so that a run that goes on draws the same. */
  private bagOf(tree: number): Bag {
    const { train, rules, seed } = this.request;
    const { rows } = train.targets;
    const random = new Random(mixed(tree, seed), STREAM);
    if (!rules.bootstrap && rules.rowShare === 1) return { order: allRows(rows), times: null, random };
    const times = new Uint8Array(rows);
    const count = Math.max(1, Math.round(rules.rowShare * rows));
    if (rules.bootstrap) drawAgain(times, count, random);
    else drawOnce(times, count, random);
    return { order: allRows(rows).filter((row) => times[row] > 0), times, random };
  }
}

/** Of the generator, for forests. */
const STREAM = 0x0f03;
const TIMES_MAX = 255;

interface Bag {
  order: Uint32Array;
  times: Uint8Array | null;
  random: Random;
}

const allRows = (rows: number): Uint32Array => Uint32Array.from({ length: rows }, (_, row) => row);

function drawAgain(times: Uint8Array, count: number, random: Random): void {
  for (let i = 0; i < count; i++) {
    const row = random.below(times.length);
    if (times[row] < TIMES_MAX) times[row]++;
  }
}

/** Each of the rows with the chance that is left (Knuth: The Art of Computer Programming 2, algorithm S). */
function drawOnce(times: Uint8Array, count: number, random: Random): void {
  let wanted = count;
  for (let row = 0; wanted > 0; row++) {
    if (random.below(times.length - row) >= wanted) continue;
    times[row] = 1;
    wanted--;
  }
}

/** What the trees so far say of rows: the mean of those that speak, and of one more that says what is so of all rows. */
class MeanScores {
  private readonly sums: Float64Array;
  private readonly counts: Uint32Array;

  constructor(
    private readonly part: ForestPart,
    private readonly request: Pick<ForestRequest, 'prior' | 'answers'>,
  ) {
    const { rows } = part.targets;
    this.sums = new Float64Array(rows * request.prior.length);
    this.counts = new Uint32Array(rows);
  }

  /** Of rows that were not drawn; null: all. */
  add(round: Tree[], times: Uint8Array | null): void {
    const { binned } = this.part;
    const outputs = this.request.prior.length;
    if (times === null) {
      round.forEach((tree, output) => addAnswers(tree, binned, { values: this.sums, outputs }, output));
      for (let row = 0; row < this.counts.length; row++) this.counts[row]++;
      return;
    }
    const { bins, stride } = binned;
    for (let row = 0; row < times.length; row++) {
      if (times[row] > 0) continue;
      const leaf = leafOf(round[0], bins, row * stride);
      round.forEach(({ value }, output) => (this.sums[row * outputs + output] += value[leaf]));
      this.counts[row]++;
    }
  }

  loss(): number {
    const { targets } = this.part;
    const { prior, answers } = this.request;
    const { priorTrees } = answers;
    const answer = new Float64Array(prior.length);
    let [sum, weights] = [0, 0];
    for (let row = 0; row < targets.rows; row++) {
      if (this.counts[row] === 0) continue;
      const trees = this.counts[row] + priorTrees;
      prior.forEach((share, k) => (answer[k] = (this.sums[row * prior.length + k] + priorTrees * share) / trees));
      const [loss, weight] = answers.loss(targets, answer, row);
      sum += loss;
      weights += weight;
    }
    return weights === 0 ? NaN : sum / weights;
  }
}
