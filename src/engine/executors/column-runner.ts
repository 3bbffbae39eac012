/** Computes columns out of columns by a graph: what the model file does with a row, over the rows of a table. */
import type { KnownColumn } from '../columns/definition';
import { GraphColumns } from '../columns/tensors';
import { encodeModel } from '../onnx/encode';
import { GraphBuilder } from '../onnx/graph';
import type { CategoryColumn, Column, NumberColumn } from '../types';
import { OrtSession, type TensorData } from './ort';
import { rowBlocks } from './row-blocks';

const ROWS_PER_RUN = 8192;

export interface ColumnGraph {
  inputs: readonly Pick<KnownColumn, 'name' | 'kind'>[];
  outputs: readonly Pick<KnownColumn, 'name' | 'kind'>[];
  append(graph: GraphBuilder, columns: GraphColumns): void;
}

export class ColumnRunner {
  private constructor(
    private readonly session: OrtSession,
    private readonly graph: ColumnGraph,
  ) {}

  static async create(graph: ColumnGraph): Promise<ColumnRunner> {
    return new ColumnRunner(await OrtSession.create(build(graph), { threads: 1 }), graph);
  }

  /** The outputs, of each row of the given columns. */
  async run(columns: readonly Column[], rowCount: number): Promise<Column[]> {
    const byName = new Map(columns.map((column) => [column.name, column]));
    const inputs = this.graph.inputs.map(({ name }) => byName.get(name)!);
    const outputs = this.graph.outputs.map(({ name, kind }) =>
      kind === 'number' ? new NumberOutput(name, rowCount) : new TextOutput(name, rowCount),
    );
    for (const [from, to] of rowBlocks(rowCount, ROWS_PER_RUN)) {
      const results = await this.session.run(feedsOf(inputs, from, to));
      for (const kind of ['number', 'category'] as const) {
        const ofKind = outputs.filter((output) => output.column.kind === kind);
        ofKind.forEach((output, c) =>
          output.take(results[OUTPUTS[kind]].data as never, { from, to, c, width: ofKind.length }),
        );
      }
    }
    return outputs.map(({ column }) => column);
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

type Kind = Column['kind'];
const INPUTS: Record<Kind, string> = { number: 'numbers', category: 'texts' };
const OUTPUTS: Record<Kind, string> = { number: 'new_numbers', category: 'new_texts' };
const TYPES = { number: 'float64', category: 'string' } as const;

/** One matrix of the numbers and one of the texts, in and out. */
function build({ inputs, outputs, append }: ColumnGraph): Uint8Array {
  const graph = new GraphBuilder('columns');
  const columns = new GraphColumns(graph);
  const kinds = ['number', 'category'] as const;
  const named = (list: ColumnGraph['inputs'], kind: Kind) =>
    list.filter((column) => column.kind === kind).map(({ name }) => name);
  for (const kind of kinds) {
    const names = named(inputs, kind);
    if (names.length > 0) columns.set(names, graph.input(INPUTS[kind], TYPES[kind], ['batch', names.length]));
  }
  append(graph, columns);
  for (const kind of kinds) {
    const names = named(outputs, kind);
    if (names.length === 0) continue;
    graph.call('Identity', [columns.take(names)], {}, { outputs: [OUTPUTS[kind]] });
    graph.output(OUTPUTS[kind], TYPES[kind], ['batch', names.length]);
  }
  return encodeModel(graph);
}

function feedsOf(inputs: Column[], from: number, to: number): Record<string, TensorData> {
  const numbers = inputs.filter((column) => column.kind === 'number');
  const texts = inputs.filter((column) => column.kind === 'category');
  const rows = to - from;
  const feeds: Record<string, TensorData> = {};
  if (numbers.length > 0) {
    const data = new Float64Array(rows * numbers.length);
    numbers.forEach(({ values }, c) => {
      for (let i = 0; i < rows; i++) data[i * numbers.length + c] = values[from + i];
    });
    feeds[INPUTS.number] = { type: 'float64', dims: [rows, numbers.length], data };
  }
  if (texts.length > 0) {
    const data = new Array<string>(rows * texts.length);
    texts.forEach(({ codes, levels }, c) => {
      for (let i = 0; i < rows; i++) data[i * texts.length + c] = levels[codes[from + i]] ?? '';
    });
    feeds[INPUTS.category] = { type: 'string', dims: [rows, texts.length], data };
  }
  return feeds;
}

/** Which rows a block of results is of, and which column of it is taken. */
interface Part {
  from: number;
  to: number;
  c: number;
  width: number;
}

class NumberOutput {
  readonly column: NumberColumn;

  constructor(name: string, rowCount: number) {
    this.column = { name, kind: 'number', values: new Float64Array(rowCount) };
  }

  take(data: Float64Array, { from, to, c, width }: Part): void {
    for (let row = from; row < to; row++) this.column.values[row] = data[(row - from) * width + c];
  }
}

class TextOutput {
  readonly column: CategoryColumn;
  private readonly codes = new Map<string, number>([['', -1]]);

  constructor(name: string, rowCount: number) {
    this.column = { name, kind: 'category', codes: new Int32Array(rowCount), levels: [] };
  }

  take(data: string[], { from, to, c, width }: Part): void {
    for (let row = from; row < to; row++) this.column.codes[row] = this.code(data[(row - from) * width + c]);
  }

  private code(text: string): number {
    const known = this.codes.get(text);
    if (known !== undefined) return known;
    this.codes.set(text, this.column.levels.length);
    return this.column.levels.push(text) - 1;
  }
}
