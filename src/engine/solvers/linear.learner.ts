/**
 * Weighted sums of features, solved exactly: squared errors from moments, other losses by quasi-Newton steps. Penalties mean what
 * they mean to the learner by gradient.
 */
import type { FitRequest, LearnedRows, Matrix, Rows } from '../learning/fit';
import type { FeatureLearner, Learned, LearnerPort } from '../learning/learner';
import type { Task } from '../types';
import { lossOf, type BoostingLossName } from '../trees/boosting/losses';
import { scoringOf, type Scoring, type ScoringSettings } from '../trees/boosting/scoring';
import { leastSquares } from './squares/least-squares';
import { LikelihoodSolver, type Part } from './steps/likelihood';
import { byTarget, joinMatrices, rowsWhere } from './matrices';
import type { PenaltySettings } from './penalty';
import { PenaltyPath } from './penalty-path';
import { SolverProgress } from './solver-progress';
import type { Solver, Weights } from './solver';

export interface ExactSettings extends PenaltySettings, ScoringSettings {
  refit: boolean;
}

/** One of so many training rows judges penalties where there are no validation rows. */
const HELD = 5;

export const linearLearner: FeatureLearner = {
  stateVersion: 1,
  fit: (request, port) => new LinearFit(request, port).run(),
};

/** How losses of scores stand to those that are minimized by gradient. */
interface LossShape {
  /** Their multiple. */
  factor: number;
  /** Of a penalty on the weights of one score, where there it is on the weights of two classes. */
  share: number;
  /** Whether all scores are read at once. */
  isJoint?: boolean;
}

const SHAPES: Partial<Record<BoostingLossName, LossShape>> = {
  squared: { factor: 2, share: 1 },
  poisson: { factor: 1, share: 1 },
  tweedie: { factor: 1, share: 1 },
  logistic: { factor: 1, share: 1 },
  softmax: { factor: 1, share: 1, isJoint: true },
};

/** Multiplications and additions of a fit, at most: some tens of seconds. */
const WORK_MAX = 4e10;
/** Passes over the rows that a path takes, about. */
const PASSES = 400;
/** Factors of the matrix of products that a path takes, and the sweeps beside them. */
const FACTORS = 20;

export interface ExactShape {
  task: Task;
  outputs: number;
  rows: number;
  width: number;
  isInMemory: boolean;
  settings: ExactSettings;
}

/** By moments; the most are solved for so. */
const momentsWork = ({ rows, width }: Pick<ExactShape, 'rows' | 'width'>): number =>
  (rows * width ** 2) / 2 + (FACTORS * width ** 3) / 3;

const isSquared = ({ task, outputs, settings }: Pick<ExactShape, 'task' | 'outputs' | 'settings'>): boolean =>
  scoringOf(task, outputs, settings).loss.name === 'squared';

/** Null: it cannot be solved so. */
export function exactWork(shape: ExactShape): number | null {
  const { rows, width, outputs, settings } = shape;
  const byMoments = isSquared(shape) ? momentsWork(shape) : Infinity;
  const canStep = shape.isInMemory && !settings.l1;
  const bySteps = canStep ? PASSES * rows * width * outputs : Infinity;
  const work = Math.min(byMoments, bySteps);
  return work === Infinity ? null : work;
}

/** Whether it is solved in a moment or a minute. */
export const isExactQuick = (shape: ExactShape): boolean => (exactWork(shape) ?? Infinity) <= WORK_MAX;

export const shapeOf = (
  { task, outputs, train }: Pick<FitRequest<LearnedRows>, 'task' | 'outputs' | 'train'>,
  settings: ExactSettings,
): ExactShape => ({
  ...{ task, outputs, settings, rows: train.rows, width: train.width },
  isInMemory: !('groups' in train),
});

class LinearFit {
  private readonly settings: ExactSettings;
  private readonly scoring: Scoring;
  private readonly shape: LossShape;
  private readonly progress: SolverProgress;

  constructor(
    private readonly request: FitRequest<Rows>,
    port: LearnerPort,
  ) {
    const { task, outputs } = request;
    this.settings = { l1: 0, ...request.parameters } as unknown as ExactSettings;
    this.scoring = scoringOf(task, outputs, this.settings);
    this.shape = SHAPES[this.scoring.loss.name]!;
    this.progress = new SolverProgress(request, port);
  }

  async run(): Promise<Learned> {
    const judges = this.request.validation.rows > 0;
    const pays = judges && this.settings.refit;
    const isRefitted = pays && this.request.refit !== false;
    const path = { settings: this.settings, refit: isRefitted || !judges };
    const { penalty, searched, fitted, loss } = new PenaltyPath(await this.solver(), path, this.progress).run();
    return {
      parameterCount: fitted.length,
      ...(judges && { best: { epoch: 0, loss: loss! } }),
      chosen: Object.fromEntries(Object.entries(penalty).filter(([name]) => name in this.request.parameters)),
      append: this.appendOf(fitted),
      ...(isRefitted && { judged: this.appendOf(searched) }),
      awaitsRefit: pays && !isRefitted,
    };
  }

  private async solver(): Promise<Solver> {
    const { train, validation, outputs } = this.request;
    const shape = shapeOf(this.request, this.settings);
    const isOpen = this.settings.l1 === null || this.settings.l2 === null;
    const held = isOpen && validation.rows === 0 ? HELD : null;
    const { look } = this.progress;
    const { width } = train;
    const byMoments = isSquared(shape) && (!shape.isInMemory || momentsWork(shape) <= WORK_MAX || this.settings.l1);
    if (byMoments) {
      const judges = validation.rows > 0 ? validation : null;
      return leastSquares({ width, outputs, train, validation: judges, held, look });
    }
    const { scores } = this.scoring;
    const { factor, share, isJoint } = this.shape;
    return new LikelihoodSolver({
      ...{
        width,
        outputs: scores,
        scores: isJoint ? scores : 1,
        loss: lossOf(this.scoring.loss),
        ...this.partsOf(held),
        look,
      },
      lossFactor: factor,
      penaltyShare: (share * (this.isPair ? HALF : 1)) / factor,
    });
  }

  /** One score for two classes, each of which has weights where these are found by gradient. */
  private get isPair(): boolean {
    return this.scoring.scores < this.request.outputs;
  }

  /** Those that are fitted to, that judge, and that the weights which are kept are fitted to. */
  private partsOf(held: number | null): Record<'train' | 'all', Part[]> & { validation: Part[] | null } {
    const [train, judges] = [this.request.train, this.request.validation] as Matrix[];
    if (held !== null) {
      const isHeld = (row: number): boolean => row % held === held - 1;
      const kept = rowsWhere(train, (row) => !isHeld(row));
      return { train: byTarget(kept), validation: byTarget(rowsWhere(train, isHeld)), all: byTarget(train) };
    }
    const known = byTarget(train);
    if (judges.rows === 0) return { train: known, validation: null, all: known };
    const all = this.settings.refit ? byTarget(joinMatrices(train, judges)) : known;
    return { train: known, validation: byTarget(judges), all };
  }

  private appendOf(weights: Weights): Learned['append'] {
    const { train } = this.request;
    const { scores, answer } = this.scoring;
    const { width } = train;
    const kernel = Float32Array.from(
      { length: width * scores },
      (_, i) => weights[(i % scores) * width + Math.floor(i / scores)],
    );
    const bias = Float32Array.from(weights.subarray(scores * width));
    return (graph, features) => {
      const sums = graph.call('MatMul', [features, graph.initializer('kernel', 'float32', [width, scores], kernel)]);
      const scored = graph.call('Add', [sums, graph.initializer('bias', 'float32', [scores], bias)]);
      return answer(graph, graph.call('Cast', [scored], { to: DOUBLE }));
    };
  }
}

/** TensorProto.DataType. */
const DOUBLE = 11;
const HALF = 0.5;
