import { inBlocks } from '../../src/engine/learning/blocks';
import { fillParameters } from '../../src/engine/families/registry';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { peakElements } from '../../src/engine/onnx/peak';
import { trainingBytes } from '../../src/engine/gradient/memory';
import { parameterCount, planStep } from '../../src/engine/gradient/step';

describe('values alive at once', () => {
  const sizes: Record<string, number> = { a: 10, b: 20, c: 5, view: 20, d: 7, inner: 100, out: 1 };
  const sizeOf = (name: string) => sizes[name] ?? 0;

  test('are those made and still to be used; a view keeps what it shows', () => {
    const graph = new GraphBuilder();
    graph.input('x', 'float32', [10]);
    graph.node('Relu', ['x'], {}, { outputs: ['a'] });
    graph.node('Expand', ['a'], {}, { outputs: ['b'] });
    graph.node('Reshape', ['b'], {}, { outputs: ['view'] });
    graph.node('ReduceSum', ['a'], {}, { outputs: ['c'] });
    graph.node('Add', ['view', 'c'], {}, { outputs: ['d'] });
    graph.output('d', 'float32');
    // After each node: a; a b; a b; a b c; b c d.
    expect(peakElements(graph, sizeOf)).toBe(35);
  });

  test('count a body while its node runs, and what the body takes from outside', () => {
    const graph = new GraphBuilder();
    graph.input('x', 'float32', [10]);
    graph.node('Relu', ['x'], {}, { outputs: ['a'] });
    graph.node('Relu', ['x'], {}, { outputs: ['b'] });
    const body = graph.subgraph('body');
    body.node('Add', ['b', 'b'], {}, { outputs: ['inner'] });
    body.output('inner', 'float32');
    graph.node('Neg', ['a'], {}, { outputs: ['c'] });
    graph.node('Loop', ['c'], { body }, { outputs: ['out'] });
    graph.output('out', 'float32');
    // Before the loop a b c; in it b c out and the body.
    expect(peakElements(graph, sizeOf)).toBe(20 + 5 + 1 + 100);
  });
});

/** In elements: what is counted beside the context and the share that an allocator leaves unused. */
function elementsOf(parameters: object, { width = 64, rows = 1000, validation = 200 } = {}) {
  const settings = fillParameters('mlp', { ...parameters }, rows);
  const plan = planStep('mlp', settings, { task: 'regression', width, outputs: 1 });
  const matrix = (count: number) =>
    inBlocks({ rows: count, width, x: new Float32Array(0), y: new Float32Array(0), weight: null });
  const bytes = trainingBytes(plan, { train: matrix(rows), validation: matrix(validation), batch: settings.batchSize });
  return { elements: (bytes - 512 * 2 ** 20) / 1.5 / 4, parameters: parameterCount(plan.program) };
}

describe('the memory of a training', () => {
  const hidden = [1024, 1024];

  test('holds weights, gradient and slots of the optimizer, each before and after a step', () => {
    const [sgd, adam] = ['sgd', 'adam'].map((optimizer) =>
      elementsOf({ hidden, optimizer, batchSize: 16, dropout: 0 }),
    );
    // Weights twice as they come in and once as they go out, the gradient, the weights that score; and less than as much again.
    expect(sgd.elements / sgd.parameters).toBeGreaterThan(5);
    expect(sgd.elements / sgd.parameters).toBeLessThan(10);
    // Two slots, three times each.
    const slots = (adam.elements - sgd.elements) / adam.parameters;
    expect(slots).toBeGreaterThanOrEqual(5);
    expect(slots).toBeLessThan(9);
  });

  test('grows with the rows of a batch and of a block, in step with activations and features', () => {
    const at = (batchSize: number) => elementsOf({ hidden, batchSize, dropout: 0 }, { rows: 4096 }).elements;
    const perRow = (at(4096) - at(2048)) / 2048;
    // The features and two layers forward, and at least one more backward.
    expect(perRow).toBeGreaterThan(64 + 3 * 1024);
    expect(perRow).toBeLessThan(64 + 8 * 1024);
    const of = (rows: number) => elementsOf({ hidden, batchSize: 16, dropout: 0 }, { rows }).elements;
    expect((of(100_000) - of(50_000)) / 50_000).toBeCloseTo(65, 6);
  });

  test('scoring takes 8192 rows at most', () => {
    const of = (validation: number) => elementsOf({ hidden, batchSize: 16, dropout: 0 }, { validation }).elements;
    expect((of(8192) - of(4096)) / 4096).toBeGreaterThan(1024);
    expect(of(1_000_000)).toBe(of(8192));
  });
});
