/** The trained forward pass: appended to a serving graph, or run by itself. */
import * as tf from '@tensorflow/tfjs-core';
import { encodeModel } from '../onnx/encode';
import { GraphBuilder } from '../onnx/graph';
import { BATCH, record } from '../trace/record';
import { OrtSession } from './ort';
import { prediction, type StepPlan } from './step';

export class Predictor {
  private session: Promise<OrtSession> | null = null;

  constructor(
    private readonly plan: StepPlan,
    private readonly parameters: Float32Array,
    private readonly width: number,
    private readonly threads: number,
  ) {}

  /** Appends the pass from a float [batch, width] value; the result is [batch, outputs]. */
  append(graph: GraphBuilder, features: string): string {
    const input = { name: features, shape: [BATCH, this.width], dtype: 'float32' as const };
    const { output } = record(graph, { features: input }, (t) => ({
      output: prediction(this.plan, this.cut(), t.features),
    }));
    return output.name;
  }

  /** Row-major [rows, outputs]. */
  async predict(x: Float32Array, rows: number): Promise<Float32Array> {
    this.session ??= this.open();
    const session = await this.session;
    const { output } = await session.run({ x: { type: 'float32', dims: [rows, this.width], data: x } });
    return output.data as Float32Array;
  }

  async release(): Promise<void> {
    const session = await this.session;
    this.session = null;
    await session?.release();
  }

  private open(): Promise<OrtSession> {
    const graph = new GraphBuilder('forward');
    graph.input('x', 'float32', ['batch', this.width]);
    const output = this.append(graph, 'x');
    graph.output(graph.call('Identity', [output], {}, { outputs: ['output'] }), 'float32', [
      'batch',
      this.plan.outputs,
    ]);
    return OrtSession.create(encodeModel(graph), { threads: this.threads });
  }

  /** Each parameter as a constant of its own, so that the file shows named shapes and kernels can be prepacked. */
  private cut(): Record<string, tf.Tensor> {
    let at = 0;
    return Object.fromEntries(
      this.plan.program.parameters.map(({ name, shape }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, tf.tensor(this.parameters.slice(at, (at += size)), shape)];
      }),
    );
  }
}
