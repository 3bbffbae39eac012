/** The trained forward pass: appended to a serving graph, or run by itself. */
import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '../families/program';
import { encodeModel } from '../onnx/encode';
import { GraphBuilder } from '../onnx/graph';
import { BATCH, record } from '../trace/record';
import { OrtSession } from './ort';
import { rowBlocks, rowsPerRun } from './row-blocks';

export interface Trained {
  program: Program;
  parameters: Float32Array;
  width: number;
  /** Of an answer, without the batch. */
  shape: number[];
  threads: number;
  /** From what the program gives to what is answered. */
  answer: (output: tf.Tensor) => tf.Tensor;
}

export class Predictor {
  private opened: Promise<{ session: OrtSession; rowsAtOnce: number }> | null = null;

  constructor(private readonly trained: Trained) {}

  /** Appends the pass from a float [batch, width] value; the result is [batch, ...shape]. */
  append(graph: GraphBuilder, features: string): string {
    const { program, width, answer } = this.trained;
    const input = { name: features, shape: [BATCH, width], dtype: 'float32' as const };
    const { output } = record(graph, { features: input }, (t) => ({
      output: answer(program.forward(this.cut(), t.features, null)),
    }));
    return output.name;
  }

  /** Row-major [rows, ...shape]. */
  async predict(x: Float32Array, rows: number): Promise<Float32Array> {
    this.opened ??= this.open();
    const { session, rowsAtOnce } = await this.opened;
    const { width, shape } = this.trained;
    const size = shape.reduce((a, b) => a * b, 1);
    const answers = new Float32Array(rows * size);
    for (const [from, to] of rowBlocks(rows, rowsAtOnce)) {
      const data = x.subarray(from * width, to * width);
      const { output } = await session.run({ x: { type: 'float32', dims: [to - from, width], data } });
      answers.set(output.data as Float32Array, from * size);
    }
    return answers;
  }

  async release(): Promise<void> {
    const opened = await this.opened;
    this.opened = null;
    await opened?.session.release();
  }

  private async open(): Promise<{ session: OrtSession; rowsAtOnce: number }> {
    const { width, shape, threads } = this.trained;
    const graph = new GraphBuilder('forward');
    graph.input('x', 'float32', ['batch', width]);
    const output = this.append(graph, 'x');
    graph.output(graph.call('Identity', [output], {}, { outputs: ['output'] }), 'float32', ['batch', ...shape]);
    return { session: await OrtSession.create(encodeModel(graph), { threads }), rowsAtOnce: rowsPerRun(graph) };
  }

  /** Each parameter as a constant of its own, so that the file shows named shapes and kernels can be prepacked. */
  private cut(): Record<string, tf.Tensor> {
    let at = 0;
    return Object.fromEntries(
      this.trained.program.parameters.map(({ name, shape }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, tf.tensor(this.trained.parameters.slice(at, (at += size)), shape)];
      }),
    );
  }
}
