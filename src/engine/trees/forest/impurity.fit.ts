/** Learning by trees of impurity: on the training rows, which validation judges, then on those of both. */
import type { ColumnRows, FitRequest, ModelTerms } from '../../learning/fit';
import type { Learned, LearnerPort, Progress } from '../../learning/learner';
import { binRows, fitBins, type ColumnBins } from '../bins';
import { explanationOf } from '../inside/explanation';
import type { Background } from '../inside/interventional';
import { backgroundOf } from '../inside/trees.file';
import { joinRows } from '../join-rows';
import { TreesProgress } from '../progress';
import { nodesOf } from '../request';
import type { Round } from '../tree';
import { priorOf, type ForestAnswers } from './answers';
import { appendMeans, sumOfMeans, type Means } from './export';
import type { ForestPart } from './forest';

/** How trees are grown of rows. */
export interface ImpurityMethod {
  answers: ForestAnswers;
  /** What the loss of training rows is called in the events. */
  trainLoss: string;
  /** At most, of one pass. */
  steps: number;
  grow(pass: ImpurityPass): Grown;
}

export interface ImpurityPass {
  train: ForestPart;
  validation: ForestPart | null;
  columns: ColumnBins[];
  prior: number[];
  seed: number;
  /** What there is already of a run that goes on; trees that are added are stored. */
  kept: Round[];
  /** Steps that were told of this pass, for methods that keep no trees. */
  steps: { told: number };
  /** Of a second pass: the size that was best; null: to be found. */
  size: number | null;
  /** Asked before each split; throws to stop. */
  proceed(): void;
  told(step: number, losses: ImpurityLosses): void;
}

export interface ImpurityLosses {
  train: number | null;
  validation: number | null;
}

export interface Grown {
  rounds: Round[];
  /** That a fit to more rows is to have. */
  size: number;
  /** On validation, where there is one. */
  loss: number;
}

interface Fitted extends Grown {
  bins: ColumnBins[];
  prior: number[];
  background: Background;
}

/** Of the work, where a fit to all rows follows. */
const SEARCH_SHARE = 0.5;

export class ImpurityFit {
  private readonly progress: TreesProgress;

  constructor(
    private readonly request: FitRequest<ColumnRows>,
    port: LearnerPort,
    private readonly method: ImpurityMethod,
  ) {
    this.progress = new TreesProgress(request, port, [0, 0]);
  }

  run(): Learned {
    const judges = this.request.validation.rows > 0;
    const pays = judges && this.request.parameters.refit === true;
    const isRefitted = pays && this.request.refit !== false;
    const searched = this.search(isRefitted ? SEARCH_SHARE : 1);
    const fitted = isRefitted ? this.refit(searched.size) : searched;
    this.progress.report([], { finished: true });
    const means = this.meansOf(fitted);
    const modelOf = (all: Means) => this.modelOf(all, fitted.background);
    return {
      ...(judges && { best: { epoch: 0, loss: searched.loss } }),
      length: searched.size,
      terms: new MeansTerms(means, modelOf),
      ...modelOf(means),
      ...(isRefitted && { judged: this.appendOf(this.meansOf(searched)) }),
      awaitsRefit: pays && !isRefitted,
    };
  }

  private modelOf(means: Means, background: Background): Pick<Learned, 'append' | 'parameterCount' | 'explanation'> {
    return {
      parameterCount: means.rounds.reduce((sum, round) => sum + nodesOf(round), 0),
      append: this.appendOf(means),
      explanation: explanationOf({ ...sumOfMeans(means), background }, this.method.answers.unit),
    };
  }

  private search(share: number): Fitted {
    const { train, validation } = this.request;
    const { trainLoss, steps } = this.method;
    return this.fit(train, validation.rows > 0 ? validation : null, {
      ...{ kept: this.progress.state.searched, steps: this.stepsTold(0), size: this.request.length ?? null },
      told: (step, losses) => this.tell(step, losses, { name: trainLoss, done: (share * step) / steps }),
    });
  }

  /** Its losses are of other rows than those of the search, and have a name of their own. */
  private refit(size: number): Fitted {
    const { train, validation } = this.request;
    const { trainLoss, steps } = this.method;
    const name = `refit${trainLoss[0].toUpperCase()}${trainLoss.slice(1)}`;
    return this.fit(joinRows(train, validation), null, {
      ...{ kept: this.progress.state.refitted, steps: this.stepsTold(1), size },
      told: (step, losses) => this.tell(steps + step, losses, { name, done: SEARCH_SHARE * (1 + step / steps) }),
    });
  }

  private stepsTold(pass: number): ImpurityPass['steps'] {
    const { numbers } = this.progress.state;
    return {
      get told() {
        return numbers[pass];
      },
      set told(steps: number) {
        numbers[pass] = steps;
      },
    };
  }

  private fit(
    train: ColumnRows,
    validation: ColumnRows | null,
    pass: Pick<ImpurityPass, 'kept' | 'steps' | 'size' | 'told'>,
  ): Fitted {
    const bins = train.columns.map((column) => {
      this.progress.look();
      return fitBins(column, train.binAt ?? train.at);
    });
    const part = this.partOf(train, bins);
    const prior = priorOf(part.targets);
    const grown = this.method.grow({
      ...pass,
      ...{ train: part, validation: validation && this.partOf(validation, bins), columns: bins, prior },
      ...{ seed: this.request.seed, proceed: this.progress.look },
    });
    return { ...grown, bins, prior, background: backgroundOf(part.binned) };
  }

  private partOf({ columns, at, rows, y, weight }: ColumnRows, bins: ColumnBins[]): ForestPart {
    const count = rows === 0 ? 1 : y.length / rows;
    return {
      binned: binRows(columns, bins, at, this.progress.look),
      targets: { rows, count, y, weight, outputs: this.method.answers.outputs },
    };
  }

  private tell(
    step: number,
    { train, validation }: ImpurityLosses,
    { name, done }: { name: string; done: number },
  ): void {
    const points: Progress['points'] = [];
    if (train !== null) points.push({ step, split: 'train', name, value: train, fraction: done });
    if (validation !== null)
      points.push({ step, split: 'validation', name: 'loss', value: validation, fraction: done });
    this.progress.report(points);
  }

  private appendOf(means: Means): Learned['append'] {
    return (graph, features) => this.method.answers.append(graph, appendMeans(graph, features, means));
  }

  private meansOf({ rounds, bins, prior }: Fitted): Means {
    return { rounds, columns: bins, prior, priorTrees: this.method.answers.priorTrees };
  }
}

/** Trees, and those that say what is so of all rows. */
class MeansTerms implements ModelTerms {
  constructor(
    private readonly means: Means,
    private readonly modelOf: (means: Means) => ReturnType<ModelTerms['mean']>,
  ) {}

  /** Of models of as many trees each. */
  mean(all: readonly ModelTerms[]): ReturnType<ModelTerms['mean']> {
    const parts = (all as readonly MeansTerms[]).map(({ means }) => means);
    const meanOf = (place: number) => parts.reduce((sum, { prior }) => sum + prior[place], 0) / parts.length;
    return this.modelOf({
      ...this.means,
      rounds: parts.flatMap(({ rounds }) => rounds),
      prior: this.means.prior.map((_, i) => meanOf(i)),
      priorTrees: parts.length * this.means.priorTrees,
    });
  }
}
