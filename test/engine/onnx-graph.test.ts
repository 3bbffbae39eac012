import { decodeModel, encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder, type ElementValues } from '../../src/engine/onnx/graph';
import { OrtSession } from '../../src/engine/executors/ort';

const list = (values: ElementValues) => Array.from(values as ArrayLike<unknown>);

async function run(graph: GraphBuilder, feeds: Parameters<OrtSession['run']>[0]) {
  const session = await OrtSession.create(encodeModel(graph));
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

describe('GraphBuilder', () => {
  test('a graph with a symbolic batch runs on any number of rows', async () => {
    const graph = new GraphBuilder();
    graph.input('x', 'float32', ['batch', 2]);
    const weights = graph.initializer('w', 'float32', [2, 1], Float32Array.of(2, 3));
    graph.output(graph.call('MatMul', ['x', weights], {}, { outputs: ['y'] }), 'float32', ['batch', 1]);
    for (const rows of [1, 3]) {
      const data = Float32Array.from({ length: rows * 2 }, (_, i) => i);
      const { y } = await run(graph, { x: { type: 'float32', dims: [rows, 2], data } });
      expect(Array.from(y.data as Float32Array)).toEqual(
        Array.from({ length: rows }, (_, i) => 4 * i + 3 * (2 * i + 1)),
      );
    }
  });

  test('every element type survives encoding', async () => {
    const graph = new GraphBuilder();
    const values = {
      float32: Float32Array.of(1.5, -2),
      float64: Float64Array.of(0.1, 1e300),
      int32: Int32Array.of(-7, 7),
      int64: BigInt64Array.of(-(2n ** 40n), 3n),
      bool: Uint8Array.of(1, 0),
      uint8: Uint8Array.of(200, 1),
      string: ['naïve', '類'],
    } as const;
    for (const [type, data] of Object.entries(values)) {
      const name = graph.initializer('c', type as 'string', [2], data as unknown as string[]);
      graph.output(graph.call('Identity', [name], {}, { outputs: [type] }), type as 'string', [2]);
    }
    const outputs = await run(graph, {});
    for (const [type, data] of Object.entries(values))
      expect(list(outputs[type].data)).toEqual(list(data as unknown as string[]));
  });

  test('a Loop body sees outer values and carries state', async () => {
    const graph = new GraphBuilder();
    graph.input('step', 'float32', []);
    const body = graph.subgraph('body');
    body.input('i', 'int64', []);
    body.input('go', 'bool', []);
    body.input('sum', 'float32', []);
    body.output(body.call('Identity', ['go']), 'bool', []);
    const next = body.call('Add', ['sum', 'step']);
    body.output(next, 'float32', []);
    body.output(body.call('Identity', [next]), 'float32', []);
    const [sum, trace] = graph.node(
      'Loop',
      [graph.int64s(4), '', graph.floats(1)],
      { body },
      { outputs: ['total', 'trace'] },
    );
    graph.output(sum, 'float32', []);
    graph.output(trace, 'float32', ['steps']);
    const outputs = await run(graph, { step: { type: 'float32', dims: [], data: Float32Array.of(2) } });
    expect(list(outputs.total.data)).toEqual([9]);
    expect(list(outputs.trace.data)).toEqual([3, 5, 7, 9]);
  });

  test('ai.onnx.ml operators, float attributes and metadata are written', async () => {
    const graph = new GraphBuilder();
    graph.metadata.card = '{"a":1}';
    graph.input('x', 'float32', ['batch', 2]);
    const scaled = graph.call(
      'Scaler',
      ['x'],
      { offset: { floats: [1, 1] }, scale: { floats: [2, 4] } },
      { outputs: ['y'], domain: 'ai.onnx.ml' },
    );
    graph.output(scaled, 'float32', ['batch', 2]);
    const { y } = await run(graph, { x: { type: 'float32', dims: [1, 2], data: Float32Array.of(2, 3) } });
    expect(list(y.data)).toEqual([2, 8]);
    const model = decodeModel(encodeModel(graph));
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([['card', '{"a":1}']]);
    expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([
      ['', 18],
      ['ai.onnx.ml', 3],
    ]);
  });

  test('a hint gives its next free name, in subgraphs too, past names that were claimed', () => {
    const graph = new GraphBuilder();
    graph.input('Add_2', 'float32', [1]);
    const names = [graph, graph.subgraph('body'), graph, graph].map((part) => part.unique('Add'));
    expect(names).toEqual(['Add', 'Add_1', 'Add_3', 'Add_4']);
    graph.input('Add_5', 'float32', [1]);
    expect([graph.unique('Add'), graph.unique('Add_3'), graph.unique('Mul')]).toEqual(['Add_6', 'Add_3_1', 'Mul']);
  });

  test('refuses a taken name, a wrong shape and a fractional integer attribute', () => {
    const graph = new GraphBuilder();
    graph.input('x', 'float32', [1]);
    expect(() => graph.input('x', 'float32', [1])).toThrow('already has a value named x');
    expect(() => graph.initializer('w', 'float32', [2], Float32Array.of(1))).toThrow('1 values for shape [2]');
    graph.node('LeakyRelu', ['x'], { alpha: 0.5 });
    expect(() => encodeModel(graph)).toThrow('{ float: … }');
  });
});
