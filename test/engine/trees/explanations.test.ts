/** What columns add to the answers of trees, against the definition and against LightGBM. */
import { Random } from '../../../src/engine/random';
import { openExplainer, openModel } from '../../../src/engine/run';
import type { BinnedRow } from '../../../src/engine/trees/inside/explains';
import { TreesExplainer } from '../../../src/engine/trees/inside/explainer';
import { Interventional } from '../../../src/engine/trees/inside/interventional';
import { PathDependent } from '../../../src/engine/trees/inside/path-dependent';
import { backgroundOf, decodeTrees, encodeTrees } from '../../../src/engine/trees/inside/trees.file';
import { goesLeft, leafOf, type Round, type Tree } from '../../../src/engine/trees/tree';
import {
  EXPLANATION_GRAPH,
  EXPLANATION_METHODS,
  type Column,
  type InputBatch,
  type LabelsOutput,
  type NumbersOutput,
} from '../../../src/engine/types';
import published from '../fixtures/tree-contributions.json';
import { fitTrees, uniform } from './boosting.fixture';
import { meanWhereKnown, shapley } from './subsets.fixture';
import { requestOf, trained } from './learner.fixture';

const COLUMNS = 5;

/** Three outputs of numbers and a text, with gaps; columns are split by again and again on one way. */
function small() {
  const random = new Random(2);
  const rows = 800;
  const list = (): number[] => Array.from({ length: rows }, () => (uniform(random) < 0.1 ? NaN : random.below(8)));
  const numbers = Array.from({ length: 4 }, list);
  const codes = Int32Array.from({ length: rows }, () => random.below(6));
  const columns: Column[] = [
    ...numbers.map((values, c): Column => ({ name: `x${c}`, kind: 'number', values: Float64Array.from(values) })),
    { name: 'text', kind: 'category', codes, levels: [...'abcdef'] },
  ];
  const y = Float32Array.from({ length: rows }, (_, i) => {
    const [a, b, c, d] = numbers.map((values) => values[i] || 0);
    return Math.floor((a * b + (c > 3 ? d * 4 : 0) + (codes[i] % 2) * 20) / 30) % 3;
  });
  const rules = { rounds: 3, leavesMax: 16, rowsPerLeaf: 10 };
  const { boosted, bins, binned } = fitTrees(columns, y, { loss: 'softmax', outputs: 3, rules });
  return { ...boosted, columns: bins, binned: binned(columns, rows) };
}

const trees = small();
const { start, rounds, binned } = trees;
const background = backgroundOf(binned);
const rowAt = (row: number): BinnedRow => ({ bins: binned.bins, at: row * binned.stride, columns: COLUMNS });
const scoresOf = ({ bins, at }: Pick<BinnedRow, 'bins' | 'at'>): number[] =>
  start.map((value, k) => rounds.reduce((sum, round) => sum + round[k].value[leafOf(round[k], bins, at)], value));

it('path-dependent values are those of all subsets of columns', () => {
  const explains = new PathDependent(rounds, start, COLUMNS);
  for (let row = 0; row < 20; row++) {
    const values = new Float64Array(3 * COLUMNS);
    explains.add(rowAt(row), values);
    start.forEach((_, k) => {
      const sumWhereKnown = (known: Set<number>) =>
        rounds.reduce((sum, round) => sum + meanWhereKnown(round[k], rowAt(row), known), start[k]);
      shapley(COLUMNS, sumWhereKnown).forEach((value, c) => expect(values[k * COLUMNS + c]).toBeCloseTo(value, 10));
      expect(explains.base[k]).toBeCloseTo(sumWhereKnown(new Set()), 10);
    });
  }
});

it('interventional values are those of all subsets of columns, against the rows of the sample', () => {
  const explains = new Interventional(rounds, start, COLUMNS, background);
  for (let row = 0; row < 5; row++) {
    const values = new Float64Array(3 * COLUMNS);
    explains.add(rowAt(row), values);
    start.forEach((_, k) => {
      const meanOverSample = (known: Set<number>) => {
        let sum = 0;
        for (let other = 0; other < background.rows; other++) {
          const mixed = Uint8Array.from({ length: COLUMNS }, (__, c) =>
            known.has(c) ? binned.bins[row * binned.stride + c] : background.bins[other * COLUMNS + c],
          );
          sum += scoresOf({ bins: mixed, at: 0 })[k];
        }
        return sum / background.rows;
      };
      shapley(COLUMNS, meanOverSample).forEach((value, c) => expect(values[k * COLUMNS + c]).toBeCloseTo(value, 10));
      expect(explains.base[k]).toBeCloseTo(meanOverSample(new Set()), 10);
    });
  }
});

it('trees of few columns on a way do not change what trees of many say after them', () => {
  const [tree] = rounds[0];
  const leaf = (value: number) => ({ value, rows: 10 });
  type Branch = { value: number; rows: number } | { column: number; bin: number; left: Branch; right: Branch };
  /** Node by node, the left one first. */
  const treeOf = (branch: Branch): Tree => {
    const nodes: Branch[] = [branch];
    const [left, right]: number[][] = [[], []];
    for (const node of nodes) {
      left.push('column' in node ? nodes.push(node.left) - 1 : -1);
      right.push('column' in node ? nodes.push(node.right) - 1 : -1);
    }
    const rowsOf = (node: Branch): number => ('column' in node ? rowsOf(node.left) + rowsOf(node.right) : node.rows);
    return {
      splits: nodes.map((node) =>
        'column' in node ? { column: node.column, bin: node.bin, members: null, missingLeft: true, gain: 1 } : null,
      ),
      ...{ left: Int32Array.from(left), right: Int32Array.from(right) },
      value: Float64Array.from(nodes, (node) => ('column' in node ? 0 : node.value)),
      rows: Int32Array.from(nodes, rowsOf),
      hessian: new Float64Array(nodes.length),
    };
  };
  const again = treeOf({
    ...{ column: 0, bin: 4, right: leaf(3) },
    left: { column: 0, bin: 2, left: leaf(-2), right: leaf(5) },
  });
  const list: Round[] = [[again], [tree], [again], [rounds[1][0]]];
  const explains = new PathDependent(list, [0], COLUMNS);
  for (let row = 0; row < 20; row++) {
    const values = new Float64Array(COLUMNS);
    explains.add(rowAt(row), values);
    const sumWhereKnown = (known: Set<number>) =>
      list.reduce((sum, [each]) => sum + meanWhereKnown(each, rowAt(row), known), 0);
    shapley(COLUMNS, sumWhereKnown).forEach((value, c) => expect(values[c]).toBeCloseTo(value, 10));
  }
});

it('trees of one shape are walked once, with the values of each', () => {
  const [first] = rounds[0];
  const doubled: Round = [first, { ...first, value: first.value.map((value) => 2 * value) }];
  const values = new Float64Array(2 * COLUMNS);
  new PathDependent([doubled], [0, 0], COLUMNS).add(rowAt(3), values);
  const alone = new Float64Array(COLUMNS);
  new PathDependent([[first]], [0], COLUMNS).add(rowAt(3), alone);
  expect([...values.subarray(0, COLUMNS)]).toEqual([...alone]);
  values.subarray(COLUMNS).forEach((value, c) => expect(value).toBeCloseTo(2 * alone[c], 12));
});

it('both add up to the score, and their bytes explain the same', () => {
  const decoded = decodeTrees(encodeTrees({ start, rounds, columns: trees.columns, background }));
  expect(decoded.columns).toEqual(trees.columns);
  for (const Kind of [PathDependent, Interventional]) {
    for (let row = 0; row < 100; row++) {
      const [values, again] = [new Float64Array(3 * COLUMNS), new Float64Array(3 * COLUMNS)];
      const explains = new Kind(rounds, start, COLUMNS, background);
      explains.add(rowAt(row), values);
      new Kind(decoded.rounds, decoded.start, COLUMNS, decoded.background).add(rowAt(row), again);
      expect(again).toEqual(values);
      scoresOf(rowAt(row)).forEach((score, k) => {
        const added = values.subarray(k * COLUMNS, (k + 1) * COLUMNS).reduce((a, b) => a + b, 0);
        expect(explains.base[k] + added).toBeCloseTo(score, 10);
      });
    }
  }
});

it('path-dependent values are those of LightGBM for the same trees', () => {
  const bounds = Array.from({ length: 4 }, (_, column) =>
    Float64Array.from(
      new Set(published.trees.flat().flatMap((node) => (node.column === column ? [node.threshold!] : []))),
    ).sort(),
  );
  const read = published.trees.map((nodes): Round => [
    {
      splits: nodes.map(({ column, threshold, missingLeft }) =>
        column === undefined
          ? null
          : { column, bin: 1 + bounds[column].indexOf(threshold!), members: null, missingLeft: missingLeft!, gain: 0 },
      ),
      left: Int32Array.from(nodes, ({ left = -1 }) => left),
      right: Int32Array.from(nodes, ({ right = -1 }) => right),
      value: Float64Array.from(nodes, ({ value = 0 }) => value),
      rows: Int32Array.from(nodes, ({ rows }) => rows),
      hessian: new Float64Array(nodes.length),
    },
  ]);
  const columns = bounds.map((each, c) => ({ kind: 'number' as const, name: `x${c}`, bounds: each }));
  const explainer = new TreesExplainer(
    { start: [0], rounds: read, columns, background: { rows: 1, bins: new Uint8Array(4) } },
    'pathDependent',
  );
  published.rows.forEach((row, i) => {
    const values = explainer.explain(
      Float64Array.from(row, (value) => value ?? NaN),
      0,
    );
    const [base] = explainer.base;
    [...values, base].forEach((value, c) => expect(value).toBeCloseTo(published.contributions[i][c], 10));
  });
});

/**
 * A tree whose ways are long: at each node one side goes on and the other ends. By the definition for a product, without
 * the sums over nodes or the quadrature: every term is positive, so that it holds at any depth.
 */
describe('of a tree of 60 levels', () => {
  const DEPTH = 60;

  function deep(columns: number): Tree {
    const random = new Random(columns);
    const nodes = 2 * DEPTH + 1;
    const tree: Tree = {
      splits: new Array(nodes).fill(null),
      ...{ left: new Int32Array(nodes), right: new Int32Array(nodes) },
      ...{ value: new Float64Array(nodes), rows: new Int32Array(nodes), hessian: new Float64Array(nodes) },
    };
    tree.rows[0] = 1_000_000_000;
    for (let level = 0; level < DEPTH; level++) {
      const node = 2 * level;
      const [stays, ends] = [node + 2, node + 1];
      const isLeft = random.below(2) === 0;
      tree.left[node] = isLeft ? stays : ends;
      tree.right[node] = isLeft ? ends : stays;
      const column = level < columns ? level : random.below(columns);
      tree.splits[node] = { column, bin: 128, members: null, missingLeft: true, gain: 1 };
      tree.rows[ends] = Math.max(1, Math.floor(tree.rows[node] * (0.02 + 0.3 * uniform(random))));
      tree.rows[stays] = tree.rows[node] - tree.rows[ends];
      tree.value[ends] = uniform(random) - 0.5;
    }
    tree.value[2 * DEPTH] = 100;
    return tree;
  }

  /** Of each way to a leaf: by column, the share of rows that stay and whether the row does. */
  function waysOf(tree: Tree, { bins, at }: BinnedRow) {
    const found: { value: number; columns: Map<number, { share: number; isTaken: boolean }> }[] = [];
    const walk = (node: number, columns: Map<number, { share: number; isTaken: boolean }>): void => {
      const split = tree.splits[node];
      if (!split) return void found.push({ value: tree.value[node], columns });
      for (const isLeft of [true, false]) {
        const child = isLeft ? tree.left[node] : tree.right[node];
        const above = columns.get(split.column) ?? { share: 1, isTaken: true };
        const isTaken = above.isTaken && goesLeft(split, bins[at + split.column]) === isLeft;
        const share = (above.share * tree.rows[child]) / tree.rows[node];
        walk(child, new Map(columns).set(split.column, { share, isTaken }));
      }
    };
    walk(0, new Map());
    return found;
  }

  function byDefinition(tree: Tree, row: BinnedRow): Float64Array {
    const values = new Float64Array(row.columns);
    for (const { value, columns } of waysOf(tree, row))
      for (const [column, { share, isTaken }] of columns) {
        // By size of the set of known columns: the mean of its products.
        let means = [1];
        for (const [other, each] of columns) {
          if (other === column) continue;
          const size = means.length;
          const next = new Array<number>(size + 1).fill(0);
          means.forEach((mean, known) => {
            next[known] += (mean * each.share * (size - known)) / size;
            next[known + 1] += each.isTaken ? (mean * (known + 1)) / size : 0;
          });
          means = next;
        }
        const mean = means.reduce((sum, each) => sum + each, 0) / means.length;
        values[column] += value * mean * (Number(isTaken) - share);
      }
    return values;
  }

  it.each([8, 30, 31, 33, 60])('values of %i columns are those of the definition', (columns) => {
    const tree = deep(columns);
    const random = new Random(7);
    const explains = new PathDependent([[tree]], [0], columns);
    for (let i = 0; i < 8; i++) {
      // The first rows stay on the long way, so that its last leaf counts.
      const bins = Uint8Array.from({ length: columns }, () => (random.below(2) === 0 ? 1 : 200));
      for (let level = 0; level < DEPTH && i < 4; level++) {
        const { column } = tree.splits[2 * level]!;
        bins[column] = tree.left[2 * level] === 2 * level + 2 ? 1 : 200;
      }
      const row = { bins, at: 0, columns };
      const [values, expected] = [new Float64Array(columns), byDefinition(tree, row)];
      explains.add(row, values);
      const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, c) => expect(Math.abs(value - expected[c])).toBeLessThan(1e-12 * size));
      const sum = explains.base[0] + values.reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(tree.value[leafOf(tree, bins, 0)], 10);
    }
  });
});

describe('of a trained model', () => {
  const FAMILIES = ['boosting', 'forest', 'tree'];
  const CASES = FAMILIES.flatMap((family) =>
    ['number', 'flag', 'class', ['number', 'other'], ['flag', 'east']].map((target) => [family, target] as const),
  );
  const batch: InputBatch = {
    rowCount: 4,
    columns: [['north', 'east', '', 'unheard of'], Float64Array.of(0.3, NaN, 0.9, 0.1), Float64Array.of(1, 5, 3, NaN)],
  };

  it.each(CASES)('%s of %s: contributions and base are the score that is answered', async (family, target) => {
    const parameters = family === 'tree' ? {} : { trees: 8 };
    const { model, explanation, card } = await trained(requestOf(family, [target].flat(), parameters));
    const [{ bytes }, ...assets] = explanation;
    expect(explanation[0].name).toBe(EXPLANATION_GRAPH);
    expect(card.explanation!.parts.map(({ name, inputs }) => [name, inputs])).toEqual(
      card.explanation!.parts.map(({ name }) => [name, [name]]),
    );
    expect(card.explanation!.parts.map(({ name }) => name).sort()).toEqual(['a', 'b', 'place']);
    const served = await openModel(model);
    const answer = await served.predict(batch);
    await served.release();
    for (const method of EXPLANATION_METHODS) {
      const explainer = await openExplainer({ model: bytes, assets }, method);
      const { prediction } = (await explainer.predict(batch)) as NumbersOutput;
      await explainer.release();
      const { scores, unit } = card.explanation!;
      const sums = Array.from({ length: 4 * scores }, (_, i) =>
        Float64Array.from(prediction.subarray(4 * i, 4 * i + 4)).reduce((a, b) => a + b, 0),
      );
      sums.forEach((sum, i) => {
        const [row, score] = [Math.floor(i / scores), i % scores];
        expect(probabilityOrNumber(sum, unit, sums.slice(row * scores, (row + 1) * scores))).toBeCloseTo(
          answered(answer, row, score, scores),
          unit === 'target' ? 4 : 6,
        );
      });
    }
  });

  const probabilityOrNumber = (sum: number, unit: string, all: number[]): number => {
    if (unit === 'logOdds') return 1 / (1 + Math.exp(-sum));
    if (unit === 'logScore') return Math.exp(sum) / all.reduce((total, each) => total + Math.exp(each), 0);
    return sum;
  };

  /** Of two classes the second. */
  function answered(answer: NumbersOutput | LabelsOutput, row: number, score: number, scores: number): number {
    if (answer.kind === 'numbers') return answer.prediction[row * scores + score];
    const width = answer.probabilities.length / answer.rowCount;
    return answer.probabilities[row * width + (width === scores ? score : width - 1)];
  }
});
