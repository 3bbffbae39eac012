/** Gradient boosting (Friedman: Greedy Function Approximation, 2001): each tree is fitted to the gradients of those before. */
import type { BinnedRows } from '../bins';
import { growTree, type GrowRules } from '../growing/grow';
import { lossOf, type BoostingLoss, type Targets } from './losses';
import { mixed, type Magnitudes } from '../growing/packing';
import type { ColumnRule } from '../growing/split';
import type { RowWork } from '../rows/row-work';
import { addAnswers, type Round, type Tree } from '../tree';
import { sampleRows, type RowShares } from './row-sample';

export interface BoostRules extends GrowRules, RowShares {
  /** Rounds at most; a round has a tree for each output. */
  rounds: number;
  learningRate: number;
  /** Rounds without a lower validation loss before boosting ends; 0: never. */
  patience: number;
  /** Share of the columns that a tree may split by. */
  columnShare: number;
}

export interface Part {
  binned: BinnedRows;
  targets: Targets;
}

export interface BoostRequest {
  /** Null: boosting does not end early. */
  validation: Part | null;
  columns: ColumnRule[];
  rules: BoostRules;
  seed: number;
  /** Of the training rows. */
  work: RowWork;
  /** Rounds of an earlier attempt, to go on from. */
  resume: Round[];
  /** The learning rate of a round, counted from 0; left out: that of the rules. Asked when a round begins. */
  rateOf?(round: number): number;
  /** Asked before each split; throws to stop. */
  proceed(): void;
  /** After each round. */
  done(round: Round, losses: BoostLosses): void;
}

export interface BoostLosses {
  train: number;
  validation: number | null;
}

export interface Boosted {
  /** By output. */
  start: number[];
  /** Up to the best one. */
  rounds: Round[];
  bestLoss: number;
}

export function boost(request: BoostRequest): Boosted {
  return new Boosting(request).run();
}

class Boosting {
  private readonly start: number[];
  private readonly loss: BoostingLoss;
  private readonly validationScores: Float64Array | null;
  private readonly rounds: Round[] = [];
  private best = { loss: Infinity, rounds: 0 };
  /** Of the gradients for the next round, where the last one left them. */
  private derived: Magnitudes | null = null;

  constructor(private readonly request: BoostRequest) {
    const { validation, columns, rules } = request;
    const { loss, targets, outputs, scores } = request.work.memory;
    request.work.prepare(columns, rules);
    this.loss = lossOf(loss);
    this.start = this.loss.start(targets, outputs);
    startScores(scores, this.start);
    this.validationScores = validation && new Float64Array(validation.binned.rows * outputs);
    if (this.validationScores) startScores(this.validationScores, this.start);
  }

  run(): Boosted {
    const { rules, resume, work } = this.request;
    for (const round of resume) {
      addRound(round, work.memory.binned, work.memory.scores);
      this.take(round);
    }
    while (this.rounds.length < rules.rounds && !this.isOver()) {
      const round = this.grow();
      if (round.every(({ splits }) => splits.length === 1)) break;
      this.request.done(round, this.take(round));
    }
    const kept = this.validationScores ? this.best.rounds : this.rounds.length;
    return { start: this.start, rounds: this.rounds.slice(0, kept), bestLoss: this.best.loss };
  }

  private isOver(): boolean {
    const { patience } = this.request.rules;
    return this.validationScores !== null && patience > 0 && this.rounds.length - this.best.rounds >= patience;
  }

  /** All trees of a round see the scores before it. */
  private grow(): Round {
    const { work, rules, rateOf } = this.request;
    const { scores, before, outputs } = work.memory;
    const rate = rateOf?.(this.rounds.length) ?? rules.learningRate;
    if (before !== scores) before.set(scores);
    return Array.from({ length: outputs }, (_, output) => {
      const magnitudes = this.derived ?? work.derive(output);
      this.derived = null;
      const number = this.rounds.length * outputs + output;
      const { tree, leaves } = this.growOne(number, magnitudes);
      if (this.loss.leafValue) this.refit(tree, leaves, output);
      const most = this.loss.stepMax ?? Infinity;
      tree.value.forEach((value, node) => (tree.value[node] = Math.max(-most, Math.min(most, value)) * rate));
      work.apply(tree.value, leaves, output);
      return tree;
    });
  }

  private growOne(number: number, magnitudes: Magnitudes): { tree: Tree; leaves: number[] } {
    const { columns, rules, seed, work, proceed } = this.request;
    const treeSeed = mixed(number, seed);
    const sample = sampleRows(work, magnitudes, rules, treeSeed);
    const chosen = sampledColumns(columns.length, rules.columnShare, treeSeed);
    return growTree(work, { ...sample, columns, chosen, rules, seed: treeSeed, proceed });
  }

  private refit(tree: Tree, leaves: number[], output: number): void {
    const { work } = this.request;
    const { before, outputs, targets } = work.memory;
    const { y, weight } = targets;
    for (const node of leaves) {
      const at = Array.from(work.rowNumbers(node), (row) => row * outputs + output);
      const counted = weight ? at.filter((i) => weight[i] > 0) : at;
      const differences = Float64Array.from(counted, (i) => y[i] - before[i]);
      tree.value[node] = this.loss.leafValue!(differences, weight && Float64Array.from(counted, (i) => weight[i]));
    }
  }

  /** Counts a round whose trees the scores of the training rows have already. */
  private take(round: Round): BoostLosses {
    const { validation, work } = this.request;
    this.rounds.push(round);
    if (validation) addRound(round, validation.binned, this.validationScores!);
    const { loss, magnitudes } = work.judge();
    this.derived = magnitudes;
    const reached = { train: loss, validation: validation && this.meanOf(validation) };
    const judged = reached.validation ?? reached.train;
    if (judged < this.best.loss) this.best = { loss: judged, rounds: this.rounds.length };
    return reached;
  }

  private meanOf({ targets, binned }: Part): number {
    const scored = { targets, scores: this.validationScores!, outputs: this.request.work.memory.outputs };
    const [sum, weight] = this.loss.total(scored, { from: 0, to: binned.rows });
    return sum / weight;
  }
}

function addRound(round: Round, binned: BinnedRows, values: Float64Array): void {
  round.forEach((tree, output) => addAnswers(tree, binned, { values, outputs: round.length }, output));
}

function startScores(scores: Float64Array, start: number[]): void {
  for (let i = 0; i < scores.length; i++) scores[i] = start[i % start.length];
}

/** At least one. */
function sampledColumns(count: number, share: number, seed: number): number[] {
  const all = Array.from({ length: count }, (_, column) => column);
  if (share === 1) return all;
  const drawn = all.sort((a, b) => mixed(a, seed ^ 0x1b873593) - mixed(b, seed ^ 0x1b873593));
  return drawn.slice(0, Math.max(1, Math.round(share * count))).sort((a, b) => a - b);
}
