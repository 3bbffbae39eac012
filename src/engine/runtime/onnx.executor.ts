/** Training by ONNX Runtime: a chunk of steps is one run of the Loop graph. */
import type { Matrix } from '../fit';
import type { Provider } from '../types';
import {
  scoreBlocks,
  targetsOf,
  type Executor,
  type Score,
  type StepRunner,
  type Steps,
  type TrainingData,
} from './executor';
import { evaluationGraph, next, scalarName, stateNames, trainingLoop } from './loop';
import { OrtSession, type SessionOptions, type TensorData } from './ort';
import { parameterCount, type StepPlan } from './step';

export interface OnnxOptions {
  /** At most; small steps run on one. */
  threads: number;
  provider: Provider;
  profilePrefix?: string;
}

export function onnxExecutor(options: OnnxOptions): Executor {
  return { name: 'onnx', prepare: (plan, data) => OnnxRunner.create(plan, data, options) };
}

/**
 * Multiply-adds of a forward pass below which one thread does as well as two, and far better on a busy machine: threads
 * that spin for work lose their processor to others (docs/decisions/0002-recorded-training.md).
 */
const THREADED_WORK = 5e6;

const floats = (data: Float32Array, ...dims: number[]): TensorData => ({ type: 'float32', dims, data });
const ints = (data: Int32Array, ...dims: number[]): TensorData => ({ type: 'int32', dims, data });
const values = (data: Float32Array | Int32Array) =>
  data instanceof Int32Array ? ints(data, data.length) : floats(data, data.length);

class OnnxRunner implements StepRunner {
  private readonly fixed: Record<string, TensorData>;
  private readonly validationTargets: Float32Array | Int32Array;

  private constructor(
    private readonly plan: StepPlan,
    private readonly data: TrainingData,
    readonly threads: number,
    private readonly sessions: { training: OrtSession; scoring: OrtSession },
  ) {
    this.fixed = fixedFeeds(plan, data.train);
    this.validationTargets = targetsOf(plan, data.validation);
  }

  static async create(plan: StepPlan, data: TrainingData, options: OnnxOptions): Promise<OnnxRunner> {
    const { provider, profilePrefix } = options;
    const work = data.batch * (plan.program.work ?? parameterCount(plan.program));
    const threads = work < THREADED_WORK ? 1 : options.threads;
    const session: SessionOptions = { threads, providers: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'] };
    const { rows, width, weight } = data.train;
    const loop = trainingLoop(plan, { rows, width, batch: data.batch, weighted: weight !== null });
    const score = evaluationGraph(plan, { width, weighted: data.validation.weight !== null });
    const training = await OrtSession.create(loop, { ...session, profilePrefix });
    return new OnnxRunner(plan, data, threads, { training, scoring: await OrtSession.create(score, session) });
  }

  async train(state: Float32Array[], steps: Steps): Promise<{ state: Float32Array[]; losses: Float32Array }> {
    const { count, order, keys, scalars } = steps;
    const names = stateNames(this.plan);
    const outputs = await this.sessions.training.run({
      ...this.fixed,
      steps: { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(count)) },
      order: ints(order, count, this.data.batch),
      ...(keys && { keys: ints(keys, count, this.data.batch) }),
      ...Object.fromEntries(scalars.map((scalar, i) => [scalarName(i), values(scalar)])),
      ...Object.fromEntries(names.map((name, i) => [name, values(state[i])])),
    });
    return {
      state: names.map((name) => outputs[next(name)].data as Float32Array),
      losses: outputs.losses.data as Float32Array,
    };
  }

  async score(parameters: Float32Array): Promise<Score> {
    const { x, width, rows, weight } = this.data.validation;
    const total: Score = { loss: 0, correct: 0 };
    for (const [from, to] of scoreBlocks(rows)) {
      const outputs = await this.sessions.scoring.run({
        x: floats(x.subarray(from * width, to * width), to - from, width),
        y: values(this.validationTargets.subarray(from, to)),
        ...(weight && { weight: values(weight.subarray(from, to)) }),
        parameters: values(parameters),
      });
      total.loss += (outputs.loss.data as Float32Array)[0];
      total.correct += (outputs.correct.data as Float32Array)[0];
    }
    return total;
  }

  /** Writes ONNX Runtime's profile of the training session. */
  endProfiling(): void {
    this.sessions.training.endProfiling();
  }

  async release(): Promise<void> {
    await this.sessions.training.release();
    await this.sessions.scoring.release();
  }
}

/** The data tensors: inputs are not copied, so every chunk is given the whole table. */
function fixedFeeds(plan: StepPlan, train: Matrix): Record<string, TensorData> {
  const { x, rows, width, weight } = train;
  return {
    x: floats(x, rows, width),
    y: values(targetsOf(plan, train)),
    ...(weight && { weight: values(weight) }),
  };
}
