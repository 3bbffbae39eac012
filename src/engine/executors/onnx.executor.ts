/** Training by ONNX Runtime: a chunk of steps is one run of the Loop graph. */
import type { Matrix } from '../learning/fit';
import { encodeModel } from '../onnx/encode';
import type { Provider } from '../types';
import { scoreRows, targetsOf, type Executor, type Score, type StepRunner, type Steps } from './executor';
import { evaluationGraph, next, scalarName, stateNames, trainingLoop, yShape } from '../gradient/loop';
import { OrtSession, type SessionOptions, type TensorData } from './ort';
import { rowBlocks } from './row-blocks';
import { parameterCount, type StepPlan } from '../gradient/step';

export interface OnnxOptions {
  /** At most; small steps run on one. */
  threads: number;
  provider: Provider;
  /** Index of the GPU. */
  device?: number;
  profilePrefix?: string;
}

export function onnxExecutor(options: OnnxOptions): Executor {
  return { name: 'onnx', prepare: async (plan, batch) => OnnxRunner.create(plan, batch, options) };
}

/**
 * Multiply-adds of a forward pass below which one thread does as well as two, and far better on a busy machine: threads
 * that spin for work lose their processor to others (docs/decisions/0002-recorded-training.md).
 */
const THREADED_WORK = 5e6;

const floats = (data: Float32Array, ...dims: number[]): TensorData => ({ type: 'float32', dims, data });
const ints = (data: Int32Array, ...dims: number[]): TensorData => ({ type: 'int32', dims, data });
const values = (data: Float32Array | Int32Array, dims = [data.length]) =>
  data instanceof Int32Array ? ints(data, ...dims) : floats(data, ...dims);

interface Scoring {
  session: OrtSession;
  rowsAtOnce: number;
}

class OnnxRunner implements StepRunner {
  /** By the shape of what they take. */
  private readonly training = new Map<string, Promise<OrtSession>>();
  private readonly scoring = new Map<string, Promise<Scoring>>();
  private readonly feeds = new WeakMap<Matrix, Record<string, TensorData>>();

  constructor(
    private readonly plan: StepPlan,
    readonly threads: number,
    private readonly session: SessionOptions,
  ) {}

  static create(plan: StepPlan, batch: number, options: OnnxOptions): OnnxRunner {
    const { provider, device, profilePrefix } = options;
    const { work = parameterCount(plan.program), workAtOnce = work } = plan.program;
    const threads = batch * workAtOnce < THREADED_WORK ? 1 : options.threads;
    const providers: Provider[] = provider === 'cpu' ? ['cpu'] : [provider, 'cpu'];
    return new OnnxRunner(plan, threads, { threads, providers, device, profilePrefix });
  }

  async train(
    state: Float32Array[],
    { count, order, keys, scalars }: Steps,
    rows: Matrix,
  ): Promise<{ state: Float32Array[]; losses: Float32Array }> {
    const names = stateNames(this.plan);
    const batch = order.length / count;
    const session = await this.trainingSession(rows, batch);
    const outputs = await session.run({
      ...this.feedsOf(rows),
      steps: { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(count)) },
      order: ints(order, count, batch),
      ...(keys && { keys: ints(keys, count, batch) }),
      ...Object.fromEntries(scalars.map((scalar, i) => [scalarName(i), values(scalar)])),
      ...Object.fromEntries(names.map((name, i) => [name, values(state[i])])),
    });
    return {
      state: names.map((name) => outputs[next(name)].data as Float32Array),
      losses: outputs.losses.data as Float32Array,
    };
  }

  async score(parameters: Float32Array, rows: Matrix): Promise<Score> {
    const { session, rowsAtOnce } = await this.scoringSession(rows);
    const { x, y, weight } = this.feedsOf(rows);
    const total: Score = { loss: 0, correct: 0 };
    for (const range of rowBlocks(rows.rows, rowsAtOnce)) {
      const outputs = await session.run({
        x: slice(x, range),
        y: slice(y, range),
        ...(weight && { weight: slice(weight, range) }),
        parameters: values(parameters),
      });
      total.loss += (outputs.loss.data as Float32Array)[0];
      total.correct += (outputs.correct.data as Float32Array)[0];
    }
    return total;
  }

  /** Writes ONNX Runtime's profile of the training session made last. */
  async endProfiling(): Promise<void> {
    (await [...this.training.values()].at(-1))?.endProfiling();
  }

  async release(): Promise<void> {
    const scoring = await Promise.all(this.scoring.values());
    const training = await Promise.all(this.training.values());
    for (const session of [...training, ...scoring.map(({ session }) => session)]) await session.release();
  }

  private trainingSession({ width, weight }: Matrix, batch: number): Promise<OrtSession> {
    const shape = { width, batch, weighted: weight !== null };
    return once(this.training, JSON.stringify(shape), () =>
      OrtSession.create(encodeModel(trainingLoop(this.plan, shape)), this.session),
    );
  }

  private scoringSession({ width, weight }: Matrix): Promise<Scoring> {
    const shape = { width, weighted: weight !== null };
    const { profilePrefix: _, ...session } = this.session;
    return once(this.scoring, JSON.stringify(shape), async () => {
      const graph = evaluationGraph(this.plan, shape);
      return {
        session: await OrtSession.create(encodeModel(graph), session),
        rowsAtOnce: scoreRows(this.plan, graph, session.providers?.[0] === 'cpu' ? 'cpu' : 'gpu'),
      };
    });
  }

  /** Inputs are not copied, so every chunk is given the whole block. */
  private feedsOf(rows: Matrix): Record<string, TensorData> {
    const known = this.feeds.get(rows);
    if (known) return known;
    const feeds = dataFeeds(this.plan, rows);
    this.feeds.set(rows, feeds);
    return feeds;
  }
}

/** Rows [from, to) of a tensor. */
function slice({ type, dims: [, ...dims], data }: TensorData, [from, to]: [number, number]): TensorData {
  const size = dims.reduce((a, b) => a * b, 1);
  return { type, dims: [to - from, ...dims], data: (data as Float32Array).subarray(from * size, to * size) };
}

function once<T>(known: Map<string, T>, key: string, make: () => T): T {
  if (!known.has(key)) known.set(key, make());
  return known.get(key)!;
}

function dataFeeds(plan: StepPlan, block: Matrix): Record<string, TensorData> {
  const { x, rows, width, weight } = block;
  return {
    x: floats(x, rows, width),
    y: values(targetsOf(plan, block), yShape(plan, block)),
    ...(weight && { weight: values(weight, yShape(plan, block)) }),
  };
}
