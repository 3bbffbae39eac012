/** Training step by step on a TensorFlow.js backend that computes: the reference in plain JavaScript, or TensorFlow. */
import * as tf from '@tensorflow/tfjs-core';
import type { Matrix } from '../learning/fit';
import { learnsClasses } from '../tasks/registry';
import { CONTRAST_ROWS, type Executor, type Score, type StepRunner, type Steps } from './executor';
import type { ExecutorName } from '../types';
import { yShape } from '../gradient/loop';
import { rowBlocks } from './row-blocks';
import { evaluation, trainingStep, type Batch, type StepPlan } from '../gradient/step';

/** `backend` is a registered TensorFlow.js backend that computes on `threads` threads. */
export function eagerExecutor(name: ExecutorName, backend: string, threads = 1): Executor {
  return { name, prepare: async (plan) => new EagerRunner(plan, backend, threads) };
}

class EagerRunner implements StepRunner {
  constructor(
    private readonly plan: StepPlan,
    private readonly backend: string,
    readonly threads: number,
  ) {}

  async train(
    state: Float32Array[],
    steps: Steps,
    rows: Matrix,
  ): Promise<{ state: Float32Array[]; losses: Float32Array }> {
    const losses = new Float32Array(steps.count);
    for (let i = 0; i < steps.count; i++) {
      const { loss, next } = this.onBackend(() => this.step(state, steps, i, rows));
      losses[i] = loss;
      state = next;
    }
    return { state, losses };
  }

  async score(parameters: Float32Array, rows: Matrix): Promise<Score> {
    const total: Score = { loss: 0, correct: 0 };
    for (const [from, to] of rowBlocks(rows.rows, CONTRAST_ROWS)) {
      const picked = Int32Array.from({ length: to - from }, (_, i) => from + i);
      const { loss, correct } = this.onBackend(() => {
        const sums = evaluation(this.plan, tf.tensor1d(parameters), batchOf(this.plan, rows, picked, null));
        return { loss: sums.loss.dataSync()[0], correct: sums.correct.dataSync()[0] };
      });
      total.loss += loss;
      total.correct += correct;
    }
    return total;
  }

  async release(): Promise<void> {}

  private step(state: Float32Array[], { count, order, keys, scalars }: Steps, i: number, rows: Matrix) {
    const batch = order.length / count;
    const picked = order.subarray(i * batch, (i + 1) * batch);
    const rowKeys = keys && keys.subarray(i * batch, (i + 1) * batch);
    const result = trainingStep(
      this.plan,
      state.map((vector) => tf.tensor1d(vector)),
      batchOf(this.plan, rows, picked, rowKeys),
      scalars.map((values) => tf.scalar(values[i])),
    );
    // Copies: a backend may hand out its own memory.
    const next = result.state.map((vector) => Float32Array.from(vector.dataSync()));
    return { loss: result.loss.dataSync()[0], next };
  }

  /** TensorFlow.js has one current backend; nothing here awaits, so nobody else sees the switch. */
  private onBackend<T>(body: () => T): T {
    const previous = tf.engine().backendName;
    void tf.setBackend(this.backend);
    try {
      let result!: T;
      tf.tidy(() => void (result = body()));
      return result;
    } finally {
      if (previous) void tf.setBackend(previous);
    }
  }
}

/** These rows, with a key each where the program draws random numbers. */
export function batchOf(
  plan: StepPlan,
  { x, width, y, weight }: Matrix,
  rows: Int32Array,
  keys: Int32Array | null,
): Batch {
  const shape = yShape(plan, { rows: rows.length, width });
  const targets = shape[1] ?? 1;
  return {
    x: tf.tensor2d(pick(x, rows, width), [rows.length, width]),
    y: tf.tensor(pick(y, rows, targets), shape, learnsClasses(plan.task) ? 'int32' : 'float32'),
    weight: weight && tf.tensor(pick(weight, rows, targets), shape),
    rowKeys: keys && tf.tensor1d(keys, 'int32'),
  };
}

/** These rows of a row-major matrix. */
function pick(values: Float32Array, rows: Int32Array, width: number): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}
