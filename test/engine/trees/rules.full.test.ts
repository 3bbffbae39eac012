/** What people say of how trees grow, against closed forms and against trying everything. */
import { binRows, fitBins } from '../../../src/engine/trees/bins';
import { growByImpurity } from '../../../src/engine/trees/forest/grow';
import type { PlainColumn } from '../../../src/engine/learning/fit';
import type { Tree } from '../../../src/engine/trees/tree';
import { Random } from '../../../src/engine/random';
import type { Column } from '../../../src/engine/types';
import { fitTrees, mixedTable, rowNumbers, uniform } from './boosting.fixture';

const numbers = (name: string, values: ArrayLike<number>): Column => ({
  ...{ name, kind: 'number' },
  values: Float64Array.from(values),
});

/** Columns and depth of each way from the root to a leaf. */
function waysOf({ splits, left, right }: Tree): { columns: Set<number>; depth: number }[] {
  const visit = (node: number, path: number[]): { columns: Set<number>; depth: number }[] => {
    const split = splits[node];
    if (!split) return [{ columns: new Set(path), depth: path.length }];
    return [left[node], right[node]].flatMap((child) => visit(child, [...path, split.column]));
  };
  return visit(0, []);
}

test('the columns of a way to a leaf all lie in one group of interactions, or it has a single column', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = new Random(seed);
    const width = 6;
    const columns = Array.from({ length: width }, (_, c) =>
      numbers(
        `x${c}`,
        Array.from({ length: 600 }, () => uniform(random)),
      ),
    );
    const y = Float32Array.from({ length: 600 }, (_, i) =>
      columns.reduce((product, column) => product * (0.5 + (column as { values: Float64Array }).values[i]), 1),
    );
    // Groups may share columns.
    const interactions = Array.from({ length: 1 + random.below(3) }, () => {
      const drawn = random.shuffle(rowNumbers(width));
      return [...drawn.slice(0, 1 + random.below(3))];
    });
    const rules = { rounds: 15, rowsPerLeaf: 5, interactions };
    const ways = fitTrees(columns, y, { rules, seed }).boosted.rounds.flat().flatMap(waysOf);
    expect(ways.length).toBeGreaterThan(50);
    for (const { columns: met } of ways) {
      const isTogether = interactions.some((group) => [...met].every((column) => group.includes(column)));
      expect([...met].length < 2 || isTogether).toBe(true);
    }
    const free = fitTrees(columns, y, { rules: { ...rules, interactions: null }, seed }).boosted.rounds.flat();
    expect(free.flatMap(waysOf).some(({ columns: met }) => met.size > 3)).toBe(true);
  }
});

test('trees keep to leaves, depth, rows of a leaf, and shares of rows and columns', () => {
  const { columns, y } = mixedTable(3000);
  const rules = { rounds: 8, leavesMax: 9, depthMax: 3, rowsPerLeaf: 150, rowShare: 0.5, columnShare: 0.67 };
  const trees = fitTrees(columns, y, { rules }).boosted.rounds.flat();
  for (const tree of trees) {
    const ways = waysOf(tree);
    expect(ways.length).toBeLessThanOrEqual(8);
    expect(Math.max(...ways.map(({ depth }) => depth))).toBeLessThanOrEqual(3);
    expect(Math.min(...tree.rows)).toBeGreaterThanOrEqual(150);
    expect(Math.abs(tree.rows[0] - 1500)).toBeLessThan(120);
    expect(new Set(tree.splits.flatMap((split) => (split ? [split.column] : []))).size).toBeLessThanOrEqual(2);
  }
  expect(new Set(trees.map(({ rows }) => rows[0])).size).toBeGreaterThan(4);
  const deeper = fitTrees(columns, y, { rules: { rounds: 1, leavesMax: 9, rowsPerLeaf: 20 } }).boosted.rounds.flat();
  expect(waysOf(deeper[0])).toHaveLength(9);
});

test('a leaf adds what the penalties on its size and its square leave', () => {
  const x = Array.from({ length: 400 }, (_, i) => Number(i >= 150));
  const y = Float32Array.from(x, (value, i) => value * 3 + (i % 5) / 10);
  const columns = [numbers('x', x)];
  const start = y.reduce((a, b) => a + b, 0) / 400;
  for (const [l1, l2] of [
    [0, 0],
    [40, 0],
    [0, 90],
    [25, 60],
    [1e5, 0],
  ]) {
    // prettier-ignore
    const rules = { rounds: 1, leavesMax: 2, learningRate: 1, l1, l2 };
    const { boosted, scores } = fitTrees(columns, y, { rules });
    const answers = scores(columns, 400);
    for (const [from, to] of [
      [0, 150],
      [150, 400],
    ]) {
      // prettier-ignore
      const gradient = y.slice(from, to).reduce((sum, value) => sum + start - value, 0);
      const kept = Math.sign(gradient) * Math.max(0, Math.abs(gradient) - l1);
      expect(answers[from]).toBeCloseTo(start - kept / (to - from + l2), 6);
    }
    expect(boosted.rounds).toHaveLength(l1 === 1e5 ? 0 : 1);
  }
});

test.each([
  [
    'huber',
    (y: number, score: number) => (Math.abs(y - score) <= 1 ? (y - score) ** 2 / 2 : Math.abs(y - score) - 0.5),
  ],
  ['absolute', (y: number, score: number) => Math.abs(y - score)],
  ['squared', (y: number, score: number) => (y - score) ** 2],
] as const)('by the %s loss each group has the number that loses least', (loss, lossOf) => {
  const random = new Random(8);
  const x = Array.from({ length: 900 }, (_, i) => i % 3);
  const y = Float32Array.from(x, (value) => 2 * value + (uniform(random) < 0.1 ? 30 : 2 * uniform(random)));
  const answers = fitTrees([numbers('x', x)], y, { loss, rules: { rounds: 400 } }).scores([numbers('x', x)], 3);
  for (const group of [0, 1, 2]) {
    const members = y.filter((_, i) => x[i] === group);
    const total = (score: number): number => members.reduce((sum, value) => sum + lossOf(value, score), 0);
    const tried = Array.from({ length: 4000 }, (_, i) => i / 400);
    const best = tried.reduce((a, b) => (total(b) < total(a) ? b : a));
    expect(Math.abs(answers[group] - best)).toBeLessThan(0.02);
  }
});

test.each([0.1, 0.5, 0.9])('by the quantile loss the share %p of the targets is below the answer', (quantile) => {
  const random = new Random(6);
  const x = Array.from({ length: 3000 }, (_, i) => i % 3);
  const y = Float32Array.from(x, (value) => value + uniform(random) ** 3);
  const columns = [numbers('x', x)];
  const fit = fitTrees(columns, y, { loss: 'quantile', settings: { quantile }, rules: { rounds: 100 } });
  const answers = fit.scores(columns, 3);
  for (const group of [0, 1, 2]) {
    const members = y.filter((_, i) => x[i] === group);
    const below = members.filter((value) => value <= answers[group]).length / members.length;
    expect(Math.abs(below - quantile)).toBeLessThan(0.01);
  }
});

/** All sides that a set of levels can make. */
const subsets = (count: number): number[][] =>
  Array.from({ length: 2 ** (count - 1) - 1 }, (_, mask) =>
    Array.from({ length: count }, (_, level) => level).filter((level) => ((mask + 1) >> level) % 2 === 1),
  );

describe('a tree by impurity', () => {
  const rows = 200;

  it('splits levels into the two sets that explain most of all', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = new Random(seed);
      const places = Uint16Array.from({ length: rows }, () => random.below(7));
      const worth = Array.from({ length: 7 }, () => uniform(random));
      const y = Float32Array.from(places, (place) => worth[place] + uniform(random));
      const column: PlainColumn = { kind: 'category', name: 'b', places, count: 7 };
      const [tree] = grow([column], y, null, 1);
      const gain = (side: (i: number) => boolean): number => {
        const explained = (of: number[]) => of.reduce((sum, i) => sum + y[i], 0) ** 2 / of.length;
        const all = [...rowNumbers(rows)];
        const [left, right] = [all.filter(side), all.filter((i) => !side(i))];
        return left.length < 5 || right.length < 5 ? 0 : explained(left) + explained(right) - explained(all);
      };
      const best = Math.max(...subsets(7).map((set) => gain((i) => set.includes(places[i]))));
      expect(tree.splits[0]!.gain).toBeCloseTo(best, 4);
    }
  });

  it('counts a row of weight 2 as two rows, and one of weight 0 not at all', () => {
    const random = new Random(4);
    const values = Float64Array.from({ length: rows }, () => random.below(30));
    const y = Float32Array.from(values, (value) => value + 10 * uniform(random));
    const weight = Float32Array.from(values, () => random.below(3));
    const [weighted] = grow([{ kind: 'number', name: 'a', values }], y, weight, 1);
    const again = Array.from(rowNumbers(rows)).flatMap((row) => new Array<number>(weight[row]).fill(row));
    const repeated: PlainColumn = { kind: 'number', name: 'a', values: Float64Array.from(again, (row) => values[row]) };
    const [twice] = grow(
      [repeated],
      Float32Array.from(again, (row) => y[row]),
      null,
      1,
    );
    expect(weighted.splits[0]!.gain).toBeCloseTo(twice.splits[0]!.gain, 3);
    expect([...weighted.value].slice(0, 3).map((value) => value.toFixed(6))).toEqual(
      [...twice.value].slice(0, 3).map((value) => value.toFixed(6)),
    );
  });
});

function grow(columns: PlainColumn[], y: Float32Array, weight: Float32Array | null, outputs: number): Tree[] {
  const rows = y.length / outputs;
  const bins = columns.map((column) => fitBins(column, rowNumbers(rows)));
  return growByImpurity({
    ...{ binned: binRows(columns, bins, rowNumbers(rows)), columns: bins, prior: new Array<number>(outputs).fill(0) },
    ...{ order: rowNumbers(rows), times: null, random: null },
    targets: { rows, count: outputs, y, weight, outputs },
    rules: { leavesMax: 2, depthMax: null, rowsPerLeaf: 5, columnsPerSplit: columns.length, extra: 0 },
    proceed: () => {},
  });
}
