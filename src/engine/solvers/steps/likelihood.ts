/** Mean loss of weighted sums of features, for any loss that scores are boosted by, minimized with a penalty on squares. */
import type { Matrix } from '../../learning/fit';
import type { BoostingLoss, Derivatives, Targets } from '../../trees/boosting/losses';
import { minimize, type Smooth } from './quasi-newton';
import type { Penalty } from '../penalty';
import { addRows, scoreRows } from './products';
import { weightsOf, type Solver, type SolverShape, type Weights } from '../solver';

/** The curvature of the squared error, by which the penalties of the path are chosen. */
const SQUARED_CURVATURE = 1;
const ACCURACY = {
  path: { tolerance: 1e-4, stepsMax: 60 },
  final: { tolerance: 1e-10, stepsMax: 2000 },
};

/** Outputs that are learnt together: all scores of a loss, or the only one. */
export interface Part extends Pick<Matrix, 'rows' | 'width' | 'x'> {
  targets: Targets;
}

export interface LikelihoodRequest extends SolverShape {
  loss: BoostingLoss;
  /** Scores that a loss reads at once: one, or all outputs. */
  scores: number;
  train: Part[];
  /** Null: there are none, and none are needed. */
  validation: Part[] | null;
  all: Part[];
  /** Of the losses that are told. */
  lossFactor: number;
  /** What parameters call a penalty, times this, is one beside the loss. */
  penaltyShare: number;
  look(): void;
}

export class LikelihoodSolver implements Solver {
  readonly scale;
  private readonly objectives: Record<'train' | 'all', Likelihood[]>;
  private readonly judges: Likelihood[] | null;

  constructor(private readonly request: LikelihoodRequest) {
    const { train, validation, all, loss, scores, penaltyShare, look } = request;
    const of = (parts: Part[]) => parts.map((part) => new Likelihood(part, { loss, scores, look }));
    this.objectives = { train: of(train), all: of(all) };
    this.judges = validation && of(validation);
    const curvature = Math.max(...this.objectives.train.map((one) => one.meanCurvature()));
    this.scale = { l2: curvature / SQUARED_CURVATURE / penaltyShare, perDecade: 1, l1: null };
  }

  solve({ l2 }: Penalty, start: Weights | null, { accuracy, rows }: Parameters<Solver['solve']>[2]): Weights {
    const { scores, outputs, width, penaltyShare, look } = this.request;
    const solved = new Float64Array(outputs * (width + 1));
    this.objectives[rows].forEach((objective, part) => {
      objective.penalty = l2 * penaltyShare;
      const first = part * scores;
      const begin = start ? gathered(start, { first, scores, width, outputs }) : objective.start();
      const weights = minimize(objective, begin, { ...ACCURACY[accuracy], look });
      solved.set(weights.subarray(0, scores * width), first * width);
      solved.set(weights.subarray(scores * width), outputs * width + first);
    });
    return solved;
  }

  losses(weights: Weights): { train: number; validation: number | null } {
    const mean = (objectives: Likelihood[]): number => {
      const { scores, width, outputs, lossFactor } = this.request;
      const each = objectives.map((one, part) =>
        one.meanLoss(gathered(weights, { first: part * scores, scores, width, outputs })),
      );
      return (lossFactor * each.reduce((sum, loss) => sum + loss, 0)) / (each.length || 1);
    };
    return { train: mean(this.objectives.train), validation: this.judges && mean(this.judges) };
  }
}

/** The weights of a few outputs. */
function gathered(
  weights: Weights,
  { first, scores, width, outputs }: { first: number; scores: number } & SolverShape,
): Weights {
  const some = new Float64Array(scores * (width + 1));
  some.set(weights.subarray(first * width, (first + scores) * width));
  some.set(weights.subarray(outputs * width + first, outputs * width + first + scores), scores * width);
  return some;
}

class Likelihood implements Smooth {
  penalty = 0;
  private readonly loss: BoostingLoss;
  private readonly scores: number;
  private readonly look: () => void;
  private readonly total: number;
  private readonly derivatives: Derivatives;

  constructor(
    private readonly part: Part,
    { loss, scores, look }: Pick<LikelihoodRequest, 'loss' | 'scores' | 'look'>,
  ) {
    this.loss = loss;
    this.scores = scores;
    this.look = look;
    const { rows } = part;
    this.derivatives = { gradients: new Float64Array(rows), hessians: new Float64Array(rows) };
    this.total = loss.total(this.scored(new Float64Array(rows * scores)), { from: 0, to: rows })[1] || 1;
  }

  start(): Weights {
    const weights = new Float64Array(this.scores * (this.part.width + 1));
    weights.set(this.loss.start(this.part.targets, this.scores), this.scores * this.part.width);
    return weights;
  }

  meanLoss(weights: Weights): number {
    return this.lossOf(this.scoresOf(weights));
  }

  /** Where the fit begins. */
  meanCurvature(): number {
    const { rows } = this.part;
    const scores = this.scoresOf(this.start());
    let sum = 0;
    for (let output = 0; output < this.scores; output++) {
      this.derive(scores, output);
      for (let row = 0; row < rows; row++) sum += this.derivatives.hessians[row];
    }
    return sum / (this.total * this.scores) || SQUARED_CURVATURE;
  }

  scoresOf(weights: Float64Array): Float64Array {
    const { part, scores } = this;
    const { rows, width } = part;
    const out = new Float64Array(rows * scores);
    this.look();
    for (let place = 0; place < scores; place++) {
      const bias = weights[scores * width + place];
      scoreRows(part, { weights: weightsOf(weights, place, width), bias }, { out, stride: scores, place });
    }
    return out;
  }

  lossOf(scores: Float64Array): number {
    return this.loss.total(this.scored(scores), { from: 0, to: this.part.rows })[0] / this.total;
  }

  gradientOf(scores: Float64Array, weights: Float64Array): Float64Array {
    const { width } = this.part;
    const gradient = new Float64Array(weights.length);
    this.look();
    for (let output = 0; output < this.scores; output++) {
      const { gradients } = this.derive(scores, output);
      addRows(this.part, gradients, weightsOf(gradient, output, width));
      gradient[this.scores * width + output] = gradients.reduce((sum, slope) => sum + slope, 0);
    }
    for (let i = 0; i < gradient.length; i++) gradient[i] /= this.total;
    for (let i = 0; i < this.scores * width; i++) gradient[i] += this.penalty * weights[i];
    return gradient;
  }

  curvatureOf(scores: Float64Array): Float64Array {
    const { rows, width, x } = this.part;
    const curvature = new Float64Array(this.scores * (width + 1));
    for (let output = 0; output < this.scores; output++) {
      const { hessians } = this.derive(scores, output);
      for (let row = 0, at = 0; row < rows; row++) {
        for (let j = 0; j < width; j++, at++) curvature[output * width + j] += hessians[row] * x[at] * x[at];
        curvature[this.scores * width + output] += hessians[row];
      }
    }
    for (let i = 0; i < curvature.length; i++) curvature[i] /= this.total;
    for (let i = 0; i < this.scores * width; i++) curvature[i] += this.penalty;
    return curvature.map((value) => Math.max(value, CURVATURE_MIN));
  }

  slopeOf(scores: Float64Array, direction: Float64Array): number {
    let sum = 0;
    for (let output = 0; output < this.scores; output++) {
      const { gradients } = this.derive(scores, output);
      for (let row = 0; row < gradients.length; row++) sum += gradients[row] * direction[row * this.scores + output];
    }
    return sum / this.total;
  }

  isPenalized(place: number): boolean {
    return place < this.scores * this.part.width;
  }

  private derive(scores: Float64Array, output: number): Derivatives {
    this.loss.derive(this.scored(scores), output, this.derivatives, { from: 0, to: this.part.rows });
    return this.derivatives;
  }

  private scored(scores: Float64Array) {
    return { targets: this.part.targets, scores, outputs: this.scores };
  }
}

/** Of features that never vary. */
const CURVATURE_MIN = 1e-12;
