import { OrtSession } from '../../src/engine/executors/ort';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { CARD_KEY } from '../../src/engine/serving/serving-graph';
import { openModel } from '../../src/engine/serving/serving';
import { EngineError, ofKind, type ModelCard } from '../../src/engine/types';
import imported from './fixtures/imported.json';

const decode = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));
const columns = imported.x[0].map((_, c) => Float32Array.from(imported.x, (row) => row[c]));
const batch = { rowCount: imported.x.length, columns };

describe('an imported file with one float matrix', () => {
  test('classifier: probabilities as numpy computes them, inputs and labels by position', async () => {
    const model = await openModel(decode(imported.classifier));
    expect(model.card).toBeNull();
    expect(model.inputs.map((input) => input.name)).toEqual(['x0', 'x1', 'x2', 'x3']);
    expect(model.labels).toEqual(['0', '1', '2']);
    const output = ofKind(await model.predict(batch), 'labels');
    expect(output.prediction).toEqual(imported.labels);
    expect([...output.probabilities]).toEqual(imported.probabilities.map((p) => expect.closeTo(p, 5)));
    await model.release();
  });

  test('regressor', async () => {
    const model = await openModel(decode(imported.regressor));
    const output = ofKind(await model.predict(batch), 'numbers');
    expect(model.labels).toBeNull();
    expect([...output.prediction]).toEqual(imported.y.map((y) => expect.closeTo(y, 5)));
    await model.release();
  });
});

/** prediction = 2 · “a b” + 1, by hand. */
function lineModel(): Uint8Array {
  const inputs = [{ name: 'a b', type: 'number' as const, minimum: null, maximum: null, levels: null, fill: null }];
  const card: ModelCard = {
    task: 'regression',
    target: 'y',
    family: 'linear',
    parameters: {},
    inputs,
    labels: null,
    parameterCount: 2,
    leftOut: [],
  };
  const graph = new GraphBuilder('line');
  graph.input('a b', 'float32', ['batch', 1]);
  graph.node('Add', [graph.call('Mul', ['a b', graph.floats(2)]), graph.floats(1)], {}, { outputs: ['prediction'] });
  graph.output('prediction', 'float32', ['batch', 1]);
  graph.metadata[CARD_KEY] = JSON.stringify(card);
  return encodeModel(graph);
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const LABELS = ['no', 'yes', '可能', ''];

/** The label is that of the largest of the first four columns; probabilities are these four, the fourth plus the others. */
function labelModel(): Uint8Array {
  const inputs = NAMES.map((name) => ({
    ...{ name, type: 'number' as const, minimum: null, maximum: null, levels: null, fill: null },
  }));
  const card: ModelCard = {
    ...{ task: 'multiclass', target: 'y', family: 'linear', parameters: {}, inputs },
    ...{ labels: LABELS, parameterCount: 0, leftOut: [] },
  };
  const graph = new GraphBuilder('labels');
  for (const name of NAMES) graph.input(name, 'float32', ['batch', 1]);
  const all = graph.call('Concat', NAMES, { axis: 1 });
  const sums = graph.floats([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1], [6, 4]);
  graph.node('MatMul', [all, sums], {}, { outputs: ['probabilities'] });
  const best = graph.call('ArgMax', ['probabilities'], { axis: 1, keepdims: 1 });
  graph.node('Gather', [graph.strings(LABELS), best], {}, { outputs: ['prediction'] });
  graph.output('prediction', 'string', ['batch', 1]);
  graph.output('probabilities', 'float32', ['batch', 4]);
  graph.metadata[CARD_KEY] = JSON.stringify(card);
  return encodeModel(graph);
}

describe('a file of our own', () => {
  test('answers with the labels that the file itself gives', async () => {
    const file = labelModel();
    const columns = NAMES.map((_, c) => Float32Array.from({ length: 500 }, (_, row) => ((row * 7 + c * 31) % 41) - c));
    const plain = await OrtSession.create(file);
    const feeds = NAMES.map((name, c) => [name, { type: 'float32' as const, dims: [500, 1], data: columns[c] }]);
    const { prediction, probabilities } = await plain.run(Object.fromEntries(feeds));
    const model = await openModel(file);
    const output = ofKind(await model.predict({ rowCount: 500, columns }), 'labels');
    expect(new Set(output.prediction)).toEqual(new Set(LABELS));
    expect(output.prediction).toEqual(prediction.data);
    expect(output.probabilities).toEqual(probabilities.data);
    await model.release();
    await plain.release();
  });

  test('carries its card; batches larger than one ONNX run are joined in order', async () => {
    const model = await openModel(lineModel());
    expect(model.card).toMatchObject({ target: 'y', family: 'linear' });
    const x = Float32Array.from({ length: 20_000 }, (_, i) => i);
    const output = await model.predict({ rowCount: x.length, columns: [x] });
    expect(output.rowCount).toBe(20_000);
    expect((output.prediction as Float32Array).every((y, i) => y === 2 * i + 1)).toBe(true);
    await model.release();
  });

  test('a batch that does not fit the inputs is refused', async () => {
    const model = await openModel(lineModel());
    await expect(model.predict({ rowCount: 1, columns: [] })).rejects.toThrow('0 columns for 1 inputs');
    await expect(model.predict({ rowCount: 2, columns: [new Float32Array(1)] })).rejects.toThrow('1 values for 2 rows');
    await expect(model.predict({ rowCount: 1, columns: [['x']] })).rejects.toThrow('takes number values');
    await model.release();
  });
});

describe('files that cannot be served', () => {
  const fault = (bytes: Uint8Array) =>
    openModel(bytes).then(
      () => Promise.reject(new Error('It was opened.')),
      (error: EngineError) => ({ kind: error.name, path: error.path }),
    );

  test('no ONNX at all', async () => {
    expect(await fault(Uint8Array.of(1, 2, 3))).toEqual({ kind: 'EngineError', path: 'model' });
    expect(await fault(new Uint8Array(0))).toEqual({ kind: 'EngineError', path: 'model' });
    expect(await fault(new TextEncoder().encode('a,b\n1,2\n'))).toEqual({ kind: 'EngineError', path: 'model' });
  });

  test('two inputs and no card', async () => {
    const graph = new GraphBuilder('two');
    graph.input('a', 'float32', ['batch', 2]);
    graph.input('b', 'float32', ['batch', 2]);
    graph.output(graph.call('Add', ['a', 'b']), 'float32', ['batch', 2]);
    expect(await fault(encodeModel(graph))).toEqual({ kind: 'EngineError', path: 'model.inputs' });
  });
});
