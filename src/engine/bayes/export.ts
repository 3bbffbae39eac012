/** Naive Bayes as nodes, in double. */
import type { GraphBuilder } from '../onnx/graph';
import type { ClassTables, NumberTable, TextTable } from './sums';

/** TensorProto.DataType. */
const [FLOAT, INT64, DOUBLE] = [1, 7, 11];

/** From double [batch, columns], NaN where a number is missing, to probabilities, float [batch, classes]. */
export function appendBayes(graph: GraphBuilder, features: string, tables: ClassTables): string {
  const { classes, logPriors, numbers, texts } = tables;
  let scores = graph.doubles(logPriors, [1, classes]);
  if (numbers.length > 0) scores = graph.call('Add', [appendNumbers(graph, features, numbers, classes), scores]);
  for (const text of texts) scores = graph.call('Add', [appendText(graph, features, text, classes), scores]);
  return graph.call('Cast', [graph.call('Softmax', [scores], { axis: 1 })], { to: FLOAT });
}

function appendNumbers(graph: GraphBuilder, features: string, numbers: NumberTable[], classes: number): string {
  const count = numbers.length;
  const row = (values: number[]) => graph.doubles(values, [1, count]);
  const values = graph.call('Gather', [features, graph.int64s(numbers.map(({ column }) => column))], { axis: 1 });
  const missing = graph.call('IsNaN', [values]);
  const shifted = graph.call('Sub', [values, row(numbers.map(({ center }) => center))]);
  const scaled = graph.call('Mul', [shifted, row(numbers.map(({ inverseScale }) => inverseScale))]);
  const zero = graph.doubles(0);
  const known = graph.call('Where', [missing, zero, scaled]);
  const isKnown = graph.call('Cast', [graph.call('Not', [missing])], { to: DOUBLE });
  const table = (of: (table: NumberTable) => number[]) =>
    graph.initializer('table', 'float64', [count, classes], Float64Array.from(numbers.flatMap(of)));
  const squares = graph.call('MatMul', [graph.call('Mul', [known, known]), table(({ square }) => square)]);
  const linear = graph.call('MatMul', [known, table((one) => one.linear)]);
  const constant = graph.call('MatMul', [isKnown, table((one) => one.constant)]);
  return graph.call('Add', [graph.call('Add', [squares, linear]), constant]);
}

function appendText(
  graph: GraphBuilder,
  features: string,
  { column, count, logShares }: TextTable,
  classes: number,
): string {
  const place = graph.call('Gather', [features, graph.int64s(column)], { axis: 1 });
  const table = graph.initializer('shares', 'float64', [count, classes], logShares);
  return graph.call('Gather', [table, graph.call('Cast', [place], { to: INT64 })], { axis: 0 });
}
