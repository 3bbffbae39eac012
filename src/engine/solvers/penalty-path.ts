/** Chooses a penalty by the validation rows, then fits with it. Goes on from a state, to the last bit. */
import type { FitPoint } from '../learning/fit';
import { pathsOf, type Penalty, type PenaltySettings } from './penalty';
import type { Solver, Weights } from './solver';
import type { SolverProgress } from './solver-progress';

/** Fits without a better validation loss before a path ends: weaker penalties take longer. */
const PATIENCE = 3;

export interface PathRequest {
  settings: PenaltySettings;
  /** Whether the weights that are kept are fitted to the validation rows as well. */
  refit: boolean;
}

export interface PathResult {
  penalty: Penalty;
  searched: Weights;
  fitted: Weights;
  /** On validation; null where there is none. */
  loss: number | null;
}

interface Losses {
  train: number;
  validation: number | null;
}

interface PathStep {
  penalty: Penalty;
  path: number;
}

export class PenaltyPath {
  private readonly steps: PathStep[];

  constructor(
    private readonly solver: Solver,
    private readonly request: PathRequest,
    private readonly progress: SolverProgress,
  ) {
    this.steps = pathsOf(request.settings, solver.scale).flatMap((penalties, path) =>
      penalties.map((penalty) => ({ penalty, path })),
    );
  }

  run(): PathResult {
    const { steps, solver, progress } = this;
    const { state } = progress;
    if (steps.length > 1) while (state.losses.length < steps.length) this.step(state.losses.length);
    const { penalty } = steps[Math.max(0, state.losses.indexOf(this.leastLoss()))];
    const searched = state.searched ?? this.searched(penalty);
    const losses = solver.losses(searched);
    if (this.request.refit) state.refitted ??= solver.solve(penalty, searched, { accuracy: 'final', rows: 'all' });
    progress.report([], { finished: true });
    const fitted = this.request.refit ? state.refitted! : searched;
    return { penalty, searched, fitted, loss: losses.validation };
  }

  /** From nothing, so that the penalty alone, when it is stated, gives the same weights. */
  private searched(penalty: Penalty): Weights {
    const { steps, solver, progress } = this;
    const searched = solver.solve(penalty, null, { accuracy: 'final', rows: 'train' });
    const losses = solver.losses(searched);
    progress.state.searched = searched;
    progress.report(pointsOf(steps.length + 1, losses, 1));
    return searched;
  }

  private step(index: number): void {
    const { state } = this.progress;
    if (this.hasEnded(index)) return void state.losses.push(null);
    const { penalty, path } = this.steps[index];
    const isFirst = this.steps[index - 1]?.path !== path;
    const weights = this.solver.solve(penalty, isFirst ? null : state.current, { accuracy: 'path', rows: 'train' });
    const losses = this.solver.losses(weights);
    const loss = losses.validation ?? losses.train;
    // A state that is stored has all of a fit, or nothing.
    state.current = weights;
    state.losses.push(loss);
    this.progress.report(pointsOf(index + 1, losses, (index + 1) / (this.steps.length + 1)));
  }

  /** Whether the last fits of its path were all worse than an earlier one. */
  private hasEnded(index: number): boolean {
    const { path } = this.steps[index];
    const known = this.progress.state.losses.filter((_, i) => this.steps[i].path === path);
    if (known.at(-1) === null) return true;
    const least = Math.min(...(known as number[]));
    return known.length > 0 && known.length - 1 - known.indexOf(least) >= PATIENCE;
  }

  private leastLoss(): number {
    return Math.min(Infinity, ...this.progress.state.losses.filter((loss) => loss !== null));
  }
}

function pointsOf(step: number, { train, validation }: Losses, fraction: number): FitPoint[] {
  const point = { step, name: 'loss', fraction };
  return [
    { ...point, split: 'train' as const, value: train },
    ...(validation === null ? [] : [{ ...point, split: 'validation' as const, value: validation }]),
  ];
}
