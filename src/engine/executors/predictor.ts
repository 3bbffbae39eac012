/** A model by itself, before it is part of a serving graph: the same nodes, run over encoded rows. */
import type { Predicting } from '../learning/fit';
import { encodeModel } from '../onnx/encode';
import { GraphBuilder } from '../onnx/graph';
import { OrtSession } from './ort';
import { rowBlocks, rowsPerRun } from './row-blocks';
import type { Numbers } from '../types';

export class Predictor {
  private opened: Promise<{ session: OrtSession; rowsAtOnce: number }> | null = null;

  constructor(private readonly model: Predicting) {}

  /** Row-major [rows, ...shape]. */
  async predict(x: Numbers, rows: number): Promise<Float32Array> {
    this.opened ??= this.open();
    const { session, rowsAtOnce } = await this.opened;
    const { width, shape, element = 'float32' } = this.model;
    const size = shape.reduce((a, b) => a * b, 1);
    const answers = new Float32Array(rows * size);
    for (const [from, to] of rowBlocks(rows, rowsAtOnce)) {
      const data = x.subarray(from * width, to * width);
      const { output } = await session.run({ x: { type: element, dims: [to - from, width], data } });
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
    const { append, width, shape, threads, element = 'float32' } = this.model;
    const graph = new GraphBuilder('forward');
    graph.input('x', element, ['batch', width]);
    const output = append(graph, 'x');
    graph.output(graph.call('Identity', [output], {}, { outputs: ['output'] }), 'float32', ['batch', ...shape]);
    return { session: await OrtSession.create(encodeModel(graph), { threads }), rowsAtOnce: rowsPerRun(graph) };
  }
}
