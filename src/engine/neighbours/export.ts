/** Nearest neighbours as nodes: a product tells which rows are near, then their distances are computed one by one. */
import type { GraphBuilder } from '../onnx/graph';
import { BATCH } from '../trace/shapes';
import { SQUARE_MIN, type KeptRows, type Say } from './search';

/** From float [batch, width] to numbers or probabilities, float [batch, outputs]. */
export function appendNeighbours(
  graph: GraphBuilder,
  features: string,
  { kept, count: wanted, say }: { kept: KeptRows; count: number; say: Say },
): string {
  const { rows, width, x, outputs, says, counts, prior } = kept;
  const count = Math.min(wanted, rows);
  const { weights, priorNeighbours } = say;
  const shaped = (name: string, shape: number[]): string => {
    graph.shapes.set(name, [BATCH, ...shape]);
    return name;
  };
  const table = graph.initializer('rows', 'float32', [rows, width], x);
  const squares = Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let at = row * width; at < (row + 1) * width; at++) sum += x[at] * x[at];
    return sum;
  });
  // The square of the row itself is the same for all.
  const apart = graph.call('Gemm', [features, table, graph.initializer('squares', 'float32', [rows], squares)], {
    alpha: { float: -2 },
    transB: 1,
  });
  shaped(apart, [rows]);
  const [, places] = graph.node(
    'TopK',
    [apart, graph.int64s([count])],
    { axis: 1, largest: 0, sorted: 1 },
    { outputs: 2 },
  );
  const near = shaped(graph.call('Gather', [table, places], { axis: 0 }), [count, width]);
  const differences = shaped(graph.call('Sub', [near, graph.call('Unsqueeze', [features, graph.int64s([1])])]), [
    count,
    width,
  ]);
  const products = shaped(graph.call('Mul', [differences, differences]), [count, width]);
  const distances = graph.call('ReduceSum', [products, graph.int64s([2])], { keepdims: 1 });
  const counted = graph.call('Gather', [graph.initializer('counts', 'float32', [rows, outputs], counts), places], {
    axis: 0,
  });
  const values = graph.call('Gather', [graph.initializer('says', 'float32', [rows, outputs], says), places], {
    axis: 0,
  });
  const distance = graph.call('Sqrt', [graph.call('Max', [distances, graph.floats(SQUARE_MIN)])]);
  const weight = weights === 'distance' ? graph.call('Div', [counted, distance]) : counted;
  const sumOf = (value: string) => graph.call('ReduceSum', [value, graph.int64s([1])], { keepdims: 0 });
  const total = sumOf(weight);
  const sum = sumOf(graph.call('Mul', [weight, values]));
  // Where no neighbour counts, what is so of all does.
  const isNone = graph.call('Equal', [total, graph.floats(0)]);
  const priors = graph.floats(prior, [1, outputs]);
  const others = graph.call('Mul', [total, graph.floats(priorNeighbours / count)]);
  const answer = graph.call('Div', [
    graph.call('Add', [sum, graph.call('Mul', [others, priors])]),
    graph.call('Where', [isNone, graph.floats(1), graph.call('Add', [total, others])]),
  ]);
  return graph.call('Where', [isNone, priors, answer]);
}
