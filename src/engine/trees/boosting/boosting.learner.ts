/**
 * Learning by boosting: trees are added as long as the validation loss falls; then as many as were best are fitted once more,
 * to the training and the validation rows.
 */
import type { ColumnRows, FitRequest, ModelTerms } from '../../learning/fit';
import type { ColumnLearner, Learned, LearnerPort } from '../../learning/learner';
import { binRows, emptyRows, fillRows, fitBins, type ColumnBins } from '../bins';
import { appendEnsemble } from '../export';
import { explanationOf } from '../inside/explanation';
import type { Background } from '../inside/interventional';
import { backgroundOf } from '../inside/trees.file';
import { byGroup, type GroupedRows } from '../group-rows';
import { joinRows } from '../join-rows';
import { TreesProgress } from '../progress';
import { NodeCount } from '../request';
import { rowMemory } from '../rows/row-memory';
import { RowWork } from '../rows/row-work';
import { TREES_STATE_VERSION } from '../state';
import type { Round, Tree } from '../tree';
import { boost, type Boosted, type BoostLosses } from './boost';
import { columnRules, interactionGroups, type ColumnConstraints } from './constraints';
import type { Targets } from './losses';
import { scoringOf, type Scoring, type ScoringSettings } from './scoring';

export interface BoostingSettings extends ScoringSettings, ColumnConstraints {
  trees: number;
  learningRate: number;
  patience: number;
  refit: boolean;
  leaves: number;
  depth: number | null;
  rowsPerLeaf: number;
  l1: number;
  l2: number;
  rowShare: number;
  topShare: number;
  columnShare: number;
}

export const boostingLearner: ColumnLearner = {
  reads: 'columns',
  explains: true,
  stateVersion: TREES_STATE_VERSION,
  fit: async (request, port) => new BoostingFit(request, port).run(),
};

/** Sum of Hessians of a leaf, at least: keeps a leaf that is sure already from a huge step. */
const HESSIAN_MIN = 1e-3;

/** Trees and the bins of the columns that they read. */
interface Forest extends Pick<Boosted, 'start' | 'rounds' | 'bestLoss'> {
  bins: ColumnBins[];
  background: Background;
  /** That it was grown on. */
  threads: number;
}

interface Phase {
  train: ColumnRows;
  validation: ColumnRows | null;
  rounds: number;
  /** Of the state: those that there are, to which more are added. */
  kept: Round[];
  rateOf(round: number): number;
  told(round: number, losses: BoostLosses): void;
}

class BoostingFit {
  private readonly settings: BoostingSettings;
  private readonly scoring: Scoring;
  private readonly progress: TreesProgress;

  constructor(
    private readonly request: FitRequest<ColumnRows>,
    private readonly port: LearnerPort,
  ) {
    const { task, outputs } = request;
    this.settings = request.parameters as unknown as BoostingSettings;
    this.scoring = scoringOf(task, outputs, this.settings);
    this.progress = new TreesProgress(request, port, []);
  }

  async run(): Promise<Learned> {
    const searched = await this.search();
    const pays = this.settings.refit && this.request.validation.rows > 0 && searched.rounds.length > 0;
    const isRefitted = pays && this.request.refit !== false;
    const forest = isRefitted ? await this.refit(searched.rounds.length) : searched;
    this.progress.report([], { finished: true });
    const judged = { epoch: 0, loss: searched.bestLoss };
    return {
      ...(this.request.validation.rows > 0 && { best: judged }),
      threads: forest.threads,
      length: searched.rounds.length,
      terms: new ForestTerms(forest, (mean) => this.modelOf(mean)),
      ...this.modelOf(forest),
      ...(isRefitted && { judged: this.appendOf(searched) }),
      awaitsRefit: pays && !isRefitted,
    };
  }

  private modelOf(forest: Forest): Pick<Learned, 'append' | 'parameterCount' | 'explanation'> {
    return {
      parameterCount: forest.rounds.flat().reduce((sum, { splits }) => sum + splits.length, 0),
      append: this.appendOf(forest),
      explanation: explanationOf({ ...forest, columns: forest.bins }, this.scoring.unit),
    };
  }

  private search(): Promise<Forest> {
    const { train, validation } = this.request;
    const { trees, refit } = this.settings;
    const judges = validation.rows > 0;
    const share = judges && refit && this.request.refit !== false ? SEARCH_SHARE : 1;
    return this.grow({
      ...{
        train,
        validation: judges ? validation : null,
        rounds: this.request.length ?? trees,
        kept: this.progress.state.searched,
      },
      rateOf: (round) => this.rateOf(round),
      told: (step, losses) => {
        const point = { step, name: 'loss' };
        const fraction = (share * step) / trees;
        this.progress.report([
          { ...point, split: 'train', value: losses.train, ...(!judges && { fraction }) },
          ...(judges ? [{ ...point, split: 'validation' as const, value: losses.validation!, fraction }] : []),
        ]);
      },
    });
  }

  /** Its loss is of other rows than that of the search, and has a name of its own. */
  private refit(rounds: number): Promise<Forest> {
    const { train, validation } = this.request;
    const before = this.progress.state.searched.length;
    return this.grow({
      ...{ train: joinRows(train, validation), validation: null, rounds, kept: this.progress.state.refitted },
      rateOf: (round) => this.progress.state.numbers[round],
      told: (round, losses) => {
        const fraction = SEARCH_SHARE + ((1 - SEARCH_SHARE) * round) / rounds;
        const point = { step: before + round, split: 'train' as const, name: 'refitLoss' };
        this.progress.report([{ ...point, value: losses.train, fraction }]);
      },
    });
  }

  private async grow({ rounds, kept, rateOf, told, ...phase }: Phase): Promise<Forest> {
    const { settings, scoring } = this;
    const nodes = new NodeCount(
      kept,
      'Ask for fewer trees or leaves, or raise learningRate, with which fewer trees are needed.',
    );
    const [train, validation] = [byGroup(phase.train), phase.validation && byGroup(phase.validation)];
    const { columns } = train;
    const targetsOf = ({ rows, y, weight, starts }: GroupedRows): Targets => ({
      ...{ rows, count: rows === 0 ? 1 : y.length / rows, y, weight, starts },
    });
    const learnt = { targets: targetsOf(train), outputs: scoring.scores, loss: scoring.loss };
    const memory = rowMemory(emptyRows(train.rows, columns.length), learnt);
    // Threads start while this one bins.
    const starting = RowWork.start(memory, { threads: this.port.threads, leaves: settings.leaves });
    try {
      const bins = columns.map((column) => {
        this.progress.look();
        return fitBins(column, phase.train.binAt ?? train.at);
      });
      fillRows(memory.binned, { columns, fitted: bins, rows: train.at }, this.progress.look);
      const background = backgroundOf(memory.binned);
      const { leaves, depth, rowsPerLeaf, l1, l2, learningRate, patience, rowShare, topShare, columnShare } = settings;
      const request = {
        validation: validation && {
          binned: binRows(columns, bins, validation.at, this.progress.look),
          targets: targetsOf(validation),
        },
        columns: columnRules(bins, settings, scoring.scores),
        seed: this.request.seed,
        rules: {
          ...{ rounds, learningRate, patience, rowShare, topShare, columnShare, leavesMax: leaves, depthMax: depth },
          ...{ rowsPerLeaf, hessianMin: HESSIAN_MIN, l1, l2, gainMin: 0 },
          interactions: interactionGroups(bins, settings),
        },
        ...{ resume: [...kept], rateOf, proceed: this.progress.look },
        done: (round: Round, losses: BoostLosses) => {
          kept.push(round);
          nodes.add(round);
          told(kept.length, losses);
        },
      };
      const work = await starting;
      return { ...boost({ ...request, work }), bins, background, threads: work.threadCount };
    } finally {
      await (await starting).close();
    }
  }

  /** As it is wished for now; stored at once, as a wish cannot be found again. */
  private rateOf(round: number): number {
    const { numbers: rates } = this.progress.state;
    if (rates[round] !== undefined) return rates[round];
    const last = rates[round - 1] ?? this.settings.learningRate;
    rates[round] = this.port.learningRate() ?? last;
    if (rates[round] !== last) {
      this.port.learningRateChanged(rates[round], round);
      this.progress.report([], { store: true });
    }
    return rates[round];
  }

  private appendOf({ start, rounds, bins }: Forest): Learned['append'] {
    const { answer } = this.scoring;
    return (graph, features) => answer(graph, appendEnsemble(graph, features, { start, rounds, columns: bins }));
  }
}

/** Trees of which each says its share. */
class ForestTerms implements ModelTerms {
  constructor(
    private readonly forest: Forest,
    private readonly modelOf: (forest: Forest) => ReturnType<ModelTerms['mean']>,
  ) {}

  /** Bins are the same, as they are fitted to the same rows. */
  mean(all: readonly ModelTerms[]): ReturnType<ModelTerms['mean']> {
    const forests = (all as readonly ForestTerms[]).map(({ forest }) => forest);
    const count = forests.length;
    const share = (tree: Tree): Tree => ({ ...tree, value: tree.value.map((value) => value / count) });
    return this.modelOf({
      ...this.forest,
      start: this.forest.start.map((_, i) => forests.reduce((sum, { start }) => sum + start[i], 0) / count),
      rounds: forests.flatMap(({ rounds }) => rounds.map((round) => round.map(share))),
    });
  }
}

/** Of the work, where a fit to all rows follows it: as long, at most. */
const SEARCH_SHARE = 0.5;
