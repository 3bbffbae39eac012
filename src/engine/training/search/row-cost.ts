/** What a single row costs a model, by its graph and not by the clock: every machine decides alike. */
import { declareInputs, appendEncoding } from '../../preprocess/graph';
import { GraphBuilder, type Node } from '../../onnx/graph';
import { appendColumns } from '../../serving/serving-graph';
import type { FittedModel } from '../../learning/fit';
import type { Prepared } from '../prepare/prepare';

/** Microseconds, about, on one core; docs/decisions/0090-folds.md tells how they were measured. */
const CALL = 21;
const NODE = 0.24;
const WEIGHT = 7e-5;
/** Of a tree, times the square root of how many splits it has: large ones do not fit a core's cache. */
const TREE = 0.0029;

/** From raw columns to what the model says. */
export function rowCost({ inputs, columns, encoding }: Prepared, { append }: Pick<FittedModel, 'append'>): number {
  const graph = new GraphBuilder('cost');
  declareInputs(graph, inputs);
  append(graph, appendEncoding(graph, encoding, appendColumns(graph, inputs, columns)));
  const weights = graph.initializers.reduce((sum, { values }) => sum + values.length, 0);
  const trees = graph.nodes.reduce((sum, { attributes }) => sum + costOfTrees(attributes), 0);
  return CALL + NODE * graph.nodes.length + WEIGHT * weights + trees;
}

function costOfTrees({ tree_roots: roots, nodes_featureids: splits }: Node['attributes']): number {
  if (!Array.isArray(roots) || !Array.isArray(splits)) return 0;
  return TREE * Math.sqrt(roots.length * splits.length);
}
