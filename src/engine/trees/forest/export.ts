/** Means of trees as nodes of a graph. */
import { BATCH } from '../../onnx/batch';
import type { GraphBuilder } from '../../onnx/graph';
import type { ColumnBins } from '../bins';
import type { Round } from '../tree';
import { appendEnsemble, type Ensemble } from '../export';
import type { Tree } from '../tree';

export interface Means {
  rounds: Round[];
  /** Of the columns of the input, in order. */
  columns: ColumnBins[];
  prior: number[];
  priorTrees: number;
}

/** TensorProto.DataType. */
const INT64 = 7;

/** `x` as of appendEnsemble. Returns the name of the means, double [batch, outputs]. */
export function appendMeans(graph: GraphBuilder, x: string, means: Means): string {
  const { start, trees } = startOf(means);
  if (start.length > 1) return appendShared(graph, x, { ...means, start, trees });
  return appendEnsemble(graph, x, sumOfMeans(means));
}

/** The means as a sum: trees of which each says its share of them. */
export function sumOfMeans(means: Means): Ensemble {
  const { start, trees } = startOf(means);
  const rounds = means.rounds.map((round) =>
    round.map((tree) => ({ ...tree, value: tree.value.map((value) => value / trees) })),
  );
  return { start, rounds, columns: means.columns };
}

function startOf({ rounds, prior, priorTrees }: Means): { start: number[]; trees: number } {
  const trees = rounds.length + priorTrees;
  return { start: prior.map((share) => (priorTrees * share) / trees), trees };
}

/**
 * A leaf of the operator says one number. Trees whose leaves have several say which leaf it is, and a table has the rest: the
 * file does not hold each tree once for each output.
 */
function appendShared(
  graph: GraphBuilder,
  x: string,
  { rounds, columns, start, trees }: Pick<Means, 'rounds' | 'columns'> & { start: number[]; trees: number },
): string {
  const table: number[] = [];
  const outputs = start.length;
  const numbered = rounds.map((round): Tree => {
    const value = new Float64Array(round[0].splits.length);
    round[0].splits.forEach((split, node) => {
      if (split) return;
      value[node] = table.length / outputs;
      for (const tree of round) table.push(tree.value[node] / trees);
    });
    return { ...round[0], value };
  });
  const places = appendEnsemble(graph, x, { start: numbered.map(() => 0), rounds: [numbered], columns });
  const values = graph.doubles(table, [table.length / outputs, outputs]);
  const leaves = graph.call('Gather', [values, graph.call('Cast', [places], { to: INT64 })]);
  // It is what a run takes memory for.
  graph.shapes.set(leaves, [BATCH, 2 * rounds.length, outputs]);
  const sums = graph.call('ReduceSum', [leaves, graph.int64s([1])], { keepdims: 0 });
  return graph.call('Add', [sums, graph.doubles(start, [1, outputs])]);
}
