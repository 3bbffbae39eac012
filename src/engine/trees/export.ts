/** Trees as one TreeEnsemble node of ai.onnx.ml 5, in double: https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html */
import type { GraphBuilder } from '../onnx/graph';
import type { ColumnBins } from './bins';
import type { Round, Rule, Tree } from './tree';

/** The version of the domain that has the operator. */
const ML_VERSION = 5;
const LESS_OR_EQUAL = 0;
const MEMBER = 6;

export interface Ensemble {
  /** By output; added to what the trees say. */
  start: number[];
  rounds: Round[];
  /** Of the columns of the input, in order. */
  columns: ColumnBins[];
}

/**
 * `x` names a double tensor [batch, columns]: numbers as they are, NaN where missing, and texts as the numbers of their bins.
 * Returns the name of the scores, double [batch, outputs].
 */
export function appendEnsemble(graph: GraphBuilder, x: string, { start, rounds, columns }: Ensemble): string {
  const nodes = new NodeTable(columns);
  for (const round of rounds) round.forEach((tree, output) => nodes.add(tree, output));
  if (nodes.isEmpty) nodes.add(constantTree(), 0);
  const sums = graph.call('TreeEnsemble', [x], nodes.attributes(start.length), {
    domain: 'ai.onnx.ml',
    version: ML_VERSION,
  });
  return graph.call('Add', [sums, graph.doubles(start, [1, start.length])]);
}

const constantTree = (): Tree => ({
  splits: [null],
  left: Int32Array.of(-1),
  right: Int32Array.of(-1),
  value: Float64Array.of(0),
  rows: Int32Array.of(0),
  hessian: Float64Array.of(0),
});

class NodeTable {
  private readonly features: number[] = [];
  private readonly splits: number[] = [];
  private readonly modes: number[] = [];
  private readonly members: number[] = [];
  private readonly missing: number[] = [];
  private readonly next = { true: [] as number[], false: [] as number[] };
  private readonly leaf = { true: [] as number[], false: [] as number[] };
  private readonly roots: number[] = [];
  private readonly outputs: number[] = [];
  private readonly values: number[] = [];

  constructor(private readonly columns: ColumnBins[]) {}

  get isEmpty(): boolean {
    return this.roots.length === 0;
  }

  /** A tree of one leaf is a node whose sides are the same leaf: the operator knows no other. */
  add(tree: Tree, output: number): void {
    const place = new Int32Array(tree.splits.length);
    let [inner, leaves] = [this.features.length, this.values.length];
    tree.splits.forEach((split, node) => {
      place[node] = split ? inner++ : leaves++;
      if (split) return;
      this.values.push(tree.value[node]);
      this.outputs.push(output);
    });
    this.roots.push(this.features.length);
    if (tree.splits[0] === null) {
      this.addRule({ column: 0, bin: 0, members: null, missingLeft: false, gain: 0 });
      for (const side of ['true', 'false'] as const) this.point(side, place[0], true);
    }
    tree.splits.forEach((split, node) => {
      if (!split) return;
      this.addRule(split);
      this.point('true', place[tree.left[node]], tree.splits[tree.left[node]] === null);
      this.point('false', place[tree.right[node]], tree.splits[tree.right[node]] === null);
    });
  }

  attributes(outputs: number) {
    const bytes = (values: number[]) => ({
      tensor: { type: 'uint8' as const, dims: [values.length], values: Uint8Array.from(values) },
    });
    const doubles = (values: number[]) => ({
      tensor: { type: 'float64' as const, dims: [values.length], values: Float64Array.from(values) },
    });
    return {
      n_targets: outputs,
      aggregate_function: 1,
      post_transform: 0,
      tree_roots: this.roots,
      nodes_featureids: this.features,
      nodes_modes: bytes(this.modes),
      nodes_splits: doubles(this.splits),
      nodes_truenodeids: this.next.true,
      nodes_falsenodeids: this.next.false,
      nodes_trueleafs: this.leaf.true,
      nodes_falseleafs: this.leaf.false,
      nodes_missing_value_tracks_true: this.missing,
      ...(this.members.length > 0 && { membership_values: doubles(this.members) }),
      leaf_targetids: this.outputs,
      leaf_weights: doubles(this.values),
    };
  }

  private addRule({ column, bin, members, missingLeft }: Rule): void {
    this.features.push(column);
    this.modes.push(members ? MEMBER : LESS_OR_EQUAL);
    this.splits.push(members ? 0 : thresholdOf(this.columns[column], bin));
    this.missing.push(missingLeft ? 1 : 0);
    if (members) this.members.push(...[...members.keys()].filter((level) => members[level] === 1), NaN);
  }

  private point(side: 'true' | 'false', place: number, isLeaf: boolean): void {
    this.next[side].push(place);
    this.leaf[side].push(isLeaf ? 1 : 0);
  }
}

/** The largest number of the bin; of the last one the largest there is. */
export function thresholdOf(columns: ColumnBins, bin: number): number {
  if (columns.kind !== 'number') return 0;
  return bin === 0 ? -Number.MAX_VALUE : (columns.bounds[bin - 1] ?? Number.MAX_VALUE);
}
