/** The training run: chunks of steps, points at fixed steps, validation and early stopping by epoch, checkpoints. */
import type { PlannedTraining } from '../families/training/program';
import type { Blocks, FitPoint } from '../learning/fit';
import type { LearnerPort } from '../learning/learner';
import { learnsClasses } from '../tasks/registry';
import { rowKeys } from './batches';
import { eachBlock } from '../learning/blocks';
import type { Epochs, Piece } from './epochs';
import type { StepRunner, Steps } from '../executors/executor';
import { scalarsOf } from './optimizers';
import { afterEpoch, learningRate } from './schedule';
import type { StepPlan } from './step';
import type { TrainingState } from './training-state';

export interface TrainerRequest {
  plan: StepPlan;
  settings: PlannedTraining;
  /** Epochs after which it ends, whatever the schedule; left out: those of the settings. */
  length?: number;
  train: Blocks;
  epochs: Epochs;
  validation: Blocks;
  seed: number;
}

/** What a chunk aims at. */
const CHUNK_MS = 250;
const FIRST_STEPS = 4;
/** Training points of a full run, about. */
const POINTS = 400;

export class Trainer {
  private chunkSteps = FIRST_STEPS;
  private points: FitPoint[] = [];
  private readonly totalSteps: number;
  private readonly stride: number;
  /** Sum of the weights of the validation rows; null until they are read. */
  private validationWeight: number | null = null;

  constructor(
    private readonly request: TrainerRequest,
    private readonly runner: StepRunner,
    private readonly port: LearnerPort,
    private readonly encode: (state: TrainingState) => Uint8Array,
  ) {
    const { settings, epochs } = request;
    this.totalSteps = settings.epochs * epochs.stepsPerEpoch;
    this.stride = Math.max(1, Math.ceil(this.totalSteps / POINTS));
  }

  /** Trains on from `state` to the end; throws what the port throws. */
  async run(state: TrainingState): Promise<TrainingState> {
    if (state.finished) return state;
    let next = this.report(state);
    while (!next.finished) next = this.report(await this.chunk(next));
    return next;
  }

  /**
   * Between chunks. A change of the learning rate leaves a checkpoint, as a run that goes on from an older one could not know at
   * which step it was.
   */
  private report(state: TrainingState): TrainingState {
    const { finished } = state;
    const { points } = this;
    this.points = [];
    this.port.report({ points, state: () => this.encode(state), finished });
    const base = (finished ? null : this.port.learningRate()) ?? state.rate.base;
    if (base === state.rate.base) return state;
    const next = { ...state, rate: { ...state.rate, base } };
    this.port.learningRateChanged(base, state.step);
    this.port.report({ points: [], state: () => this.encode(next), store: true });
    return next;
  }

  /** Steps up to the chunk's length or the end of those over one block. */
  private async chunk(state: TrainingState): Promise<TrainingState> {
    const { stepsPerEpoch } = this.request.epochs;
    const piece = await this.request.epochs.take(state.step, this.chunkSteps);
    const { count } = piece;
    const steps = this.steps(state, piece);
    const started = performance.now();
    const { state: vectors, losses } = await this.runner.train(state.vectors, steps, piece.rows);
    this.adapt(count, performance.now() - started);
    const window = this.addPoints(state, losses);
    const after: TrainingState = { ...state, step: state.step + count, vectors, window };
    return after.step % stepsPerEpoch === 0 ? this.endEpoch(after) : after;
  }

  /** Aims at CHUNK_MS; growth is bounded because the first runs are not typical. */
  private adapt(count: number, ms: number): void {
    const wanted = Math.floor((count * CHUNK_MS) / Math.max(ms, 0.01));
    this.chunkSteps = Math.max(1, Math.min(wanted, this.chunkSteps * 4));
  }

  private steps({ step: from, rate }: TrainingState, { count, order }: Piece): Steps {
    const { plan, epochs, seed } = this.request;
    const settings = { ...this.request.settings, learningRate: rate.base };
    const rates = Array.from(
      { length: count },
      (_, i) => learningRate(settings, from + i, epochs.stepsPerEpoch) * rate.factor,
    );
    return {
      count,
      order,
      keys: plan.program.random ? rowKeys(order.length / count, seed, from, count) : null,
      scalars: scalarsOf(plan.optimizer, from, rates),
    };
  }

  /** The mean training loss since the last point, at step 1 and at each multiple of the stride. */
  private addPoints({ step, window }: TrainingState, losses: Float32Array): TrainingState['window'] {
    let { sum, steps } = window;
    losses.forEach((loss, i) => {
      const at = step + i + 1;
      sum += loss;
      steps++;
      if (at !== 1 && at % this.stride !== 0) return;
      const epoch = Math.ceil(at / this.request.epochs.stepsPerEpoch);
      this.points.push({ step: at, epoch, split: 'train', name: 'loss', value: sum / steps });
      sum = 0;
      steps = 0;
    });
    return { sum, steps };
  }

  /** Scores the validation rows; decides whether these parameters are the best and whether training ends. */
  private async endEpoch(state: TrainingState): Promise<TrainingState> {
    const { settings, epochs, validation } = this.request;
    const epoch = state.step / epochs.stepsPerEpoch;
    const last = epoch >= Math.min(settings.epochs, this.request.length ?? Infinity);
    if (validation.rows === 0) return { ...state, finished: last || !state.vectors[0].every(Number.isFinite) };
    const loss = await this.validate(state, epoch);
    const better = Number.isFinite(loss) && (state.best === null || loss < state.best.loss);
    const best = better ? { loss, epoch, parameters: state.vectors[0] } : state.best;
    const waited = epoch - (best?.epoch ?? 0);
    const impatient = settings.patience > 0 && waited >= settings.patience;
    const rate = { ...state.rate, ...afterEpoch(state.rate, settings, better) };
    return { ...state, best, rate, finished: last || impatient || !Number.isFinite(loss) };
  }

  private async validate(state: TrainingState, epoch: number): Promise<number> {
    const at = { step: state.step, epoch, split: 'validation' as const };
    const total = { loss: 0, correct: 0, weight: 0 };
    await eachBlock(this.request.validation, async (block) => {
      const { loss, correct } = await this.runner.score(state.vectors[0], block);
      total.loss += loss;
      total.correct += correct;
      if (this.validationWeight === null) total.weight += block.weight?.reduce((a, b) => a + b, 0) ?? block.y.length;
    });
    this.validationWeight ??= total.weight;
    const loss = total.loss / this.validationWeight;
    this.points.push({ ...at, name: 'loss', value: loss, fraction: epoch / this.request.settings.epochs });
    if (learnsClasses(this.request.plan.task)) {
      this.points.push({ ...at, name: 'accuracy', value: total.correct / this.validationWeight });
    }
    return loss;
  }
}
