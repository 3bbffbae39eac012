import { Tensor, InferenceSession } from 'onnxruntime-node';
import { binFinder, fitBins, MISSING } from '../../../src/engine/trees/bins';
import { sortNumbers } from '../../../src/engine/trees/bucket-sort';
import { expOfMinus } from '../../../src/engine/trees/boosting/logistic';
import { lossOf } from '../../../src/engine/trees/boosting/losses';
import { appendEnsemble } from '../../../src/engine/trees/export';
import type { Tree } from '../../../src/engine/trees/tree';
import { encodeModel } from '../../../src/engine/onnx/encode';
import { GraphBuilder } from '../../../src/engine/onnx/graph';
import { Random } from '../../../src/engine/random';
import type { Column, NumberColumn } from '../../../src/engine/types';
import { fitTrees, mixedTable, rowNumbers, uniform } from './boosting.fixture';

const numbers = (name: string, values: ArrayLike<number>): NumberColumn => ({
  name,
  kind: 'number',
  values: Float64Array.from(values),
});

describe('bins', () => {
  it.each([[[1]], [[1, 1, 1]], [[NaN, 2, 3, 3]], [[-1e308, 0, 1e308]], [[5e-324, 0, -5e-324, 1]]])(
    'tell all values of %p apart',
    (values) => {
      const { bounds } = fitBins(numbers('x', values), rowNumbers(values.length)) as { bounds: Float64Array };
      const binOf = binFinder(bounds);
      const distinct = [...new Set(values.filter((v) => !Number.isNaN(v)))].sort((a, b) => a - b);
      expect(distinct.map(binOf)).toEqual(distinct.map((_, i) => i + 1));
      for (const missing of [NaN, Infinity, -Infinity]) expect(binOf(missing)).toBe(MISSING);
    },
  );

  it.each<[string, (random: Random) => number]>([
    ['spread evenly', uniform],
    ['of few levels', (random) => random.below(16) / 16],
    ['most of which are the same', (random) => Math.max(0, uniform(random) - 0.9)],
    ['of far outliers', (random) => (random.below(5000) === 0 ? -1e300 : uniform(random))],
    ['that overflow', (random) => (uniform(random) - 0.5) * Number.MAX_VALUE * 2],
    ['that are tiny', (random) => random.below(40_000) * Number.MIN_VALUE],
  ])('are between sorted numbers: %s', (_, draw) => {
    const random = new Random(11);
    const values = Float64Array.from({ length: 20_000 }, () => draw(random));
    expect(sortNumbers(values.slice())).toEqual(values.slice().sort());
  });

  it('find the same bin as counting the bounds below a value', () => {
    const random = new Random(3);
    for (let round = 0; round < 200; round++) {
      const size = 1 + random.below(254);
      const spread = 10 ** (random.below(20) - 10);
      const bounds = Float64Array.from({ length: size }, () => (uniform(random) - 0.5) ** 5 * spread).sort();
      const binOf = binFinder(bounds);
      const values = [...bounds, ...Array.from({ length: 50 }, () => (uniform(random) - 0.5) * spread)];
      for (const value of values) expect(binOf(value)).toBe(1 + bounds.filter((bound) => bound < value).length);
    }
  });

  it('hold about equal counts, and a frequent value alone', () => {
    const random = new Random(5);
    const values = Float64Array.from({ length: 20_000 }, (_, i) => (i % 4 === 0 ? 0 : uniform(random) - 0.5));
    const { bounds } = fitBins(numbers('x', values), rowNumbers(20_000)) as { bounds: Float64Array };
    const counts = new Array<number>(256).fill(0);
    const binOf = binFinder(bounds);
    for (const value of values) counts[binOf(value)]++;
    expect(bounds.length).toBeGreaterThan(240);
    expect(counts[binOf(0)]).toBeLessThan(5200);
    counts[binOf(0)] = 0;
    expect(Math.max(...counts)).toBeLessThan(130);
  });
});

/** The best split of all by trying each: what squared loss falls by. */
function bestGain(columns: Column[], y: Float32Array, rowsPerLeaf: number): number {
  const rows = y.length;
  const mean = y.reduce((a, b) => a + b, 0) / rows;
  const g = Float64Array.from(y, (value) => mean - value);
  const gainOf = (left: number[]): number => {
    const sum = left.reduce((total, i) => total + g[i], 0);
    return left.length < rowsPerLeaf || rows - left.length < rowsPerLeaf
      ? 0
      : sum ** 2 / left.length + sum ** 2 / (rows - left.length);
  };
  const gains = columns.flatMap((column) => {
    if (column.kind !== 'number') return [];
    const all = [...rowNumbers(rows)];
    const missing = all.filter((i) => Number.isNaN(column.values[i]));
    return [...new Set(column.values)]
      .filter((value) => !Number.isNaN(value))
      .flatMap((value) => {
        const left = all.filter((i) => column.values[i] <= value);
        return [gainOf(left), gainOf([...left, ...missing])];
      });
  });
  return Math.max(...gains);
}

describe('a tree', () => {
  it('splits as trying every split would', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = new Random(seed);
      const rows = 150;
      const columns = [0, 1, 2].map((c) =>
        numbers(
          `x${c}`,
          Array.from({ length: rows }, () => (c > 0 && uniform(random) < 0.2 ? NaN : random.below(c === 1 ? 200 : 7))),
        ),
      );
      const y = Float32Array.from({ length: rows }, (_, i) => {
        const { values } = columns[1] as { values: Float64Array };
        return (Number.isNaN(values[i]) ? 90 : values[i] > 60 ? 1 : 0) + uniform(random);
      });
      const { boosted } = fitTrees(columns, y, { rules: { rounds: 1, leavesMax: 2, rowsPerLeaf: 5 }, seed });
      const [[tree]] = boosted.rounds;
      // Gradients are rounded to a million levels.
      expect(tree.splits[0]!.gain / bestGain(columns, y, 5)).toBeCloseTo(1, 4);
    }
  });

  it('gives leaves the mean of what is left, exactly', () => {
    const { columns, y } = mixedTable(2000);
    const { boosted, scores } = fitTrees(columns, y, { rules: { rounds: 1, learningRate: 1 } });
    const answers = scores(columns, 2000);
    const byAnswer = new Map<number, number[]>();
    answers.forEach((answer, i) => byAnswer.set(answer, [...(byAnswer.get(answer) ?? []), y[i]]));
    expect(byAnswer.size).toBe(31);
    for (const [answer, rows] of byAnswer) {
      expect(rows.length).toBeGreaterThanOrEqual(20);
      expect(answer).toBeCloseTo(rows.reduce((a, b) => a + b, 0) / rows.length, 9);
    }
    expect(boosted.rounds[0][0].rows[0]).toBe(2000);
  });

  it('keeps to columns that may meet', () => {
    const { columns, y } = mixedTable(3000);
    const { boosted } = fitTrees(columns, y, { rules: { interactions: [[0, 1], [2]] } });
    const paths = boosted.rounds.flat().flatMap(pathsOf);
    expect(paths.some((path) => path.has(2))).toBe(true);
    for (const path of paths) expect(path.has(2) && path.size > 1).toBe(false);
  });
});

function pathsOf({ splits, left, right }: Tree): Set<number>[] {
  const visit = (node: number, path: number[]): Set<number>[] => {
    const split = splits[node];
    if (!split) return [new Set(path)];
    return [left[node], right[node]].flatMap((child) => visit(child, [...path, split.column]));
  };
  return visit(0, []);
}

describe('boosting', () => {
  it('finds what a target is made of, up to its noise', () => {
    const [train, test] = [mixedTable(4000, 1), mixedTable(2000, 2)];
    const { scores } = fitTrees(train.columns, train.y, { rules: { rounds: 150 } });
    const answers = scores(test.columns, 2000);
    const mse = answers.reduce((sum, answer, i) => sum + (answer - test.y[i]) ** 2, 0) / 2000;
    // The noise is uniform over one unit: its deviation is 0.289.
    expect(Math.sqrt(mse)).toBeLessThan(0.35);
  });

  it('never falls where it may only rise', () => {
    const random = new Random(9);
    const rows = 3000;
    const x = Array.from({ length: rows }, () => uniform(random));
    const z = Array.from({ length: rows }, () => uniform(random));
    const y = Float32Array.from(
      x,
      (value, i) => value + Math.sin(12 * value) / 2 - z[i] + 0.3 * Math.sin(20 * z[i]) + uniform(random),
    );
    const { scores } = fitTrees([numbers('x', x), numbers('z', z)], y, { directions: [1, -1], rules: { rounds: 60 } });
    const pairs = 100_000;
    const draw = () => Float64Array.from({ length: pairs }, () => uniform(random));
    const [low, fixed, step, other] = [draw(), draw(), draw(), draw()];
    const at = (first: Float64Array, second: Float64Array) =>
      scores([numbers('x', first), numbers('z', second)], pairs);
    const [before, right, down] = [
      at(low, fixed),
      at(
        low.map((value, i) => value + step[i]),
        fixed,
      ),
      at(
        low,
        fixed.map((value, i) => value + other[i]),
      ),
    ];
    expect(before.findIndex((value, i) => right[i] < value)).toBe(-1);
    expect(before.findIndex((value, i) => down[i] > value)).toBe(-1);
    expect(right.some((value, i) => value > before[i])).toBe(true);
  });

  it.each([
    ['absolute', 0.5],
    ['quantile', 0.5],
  ] as const)('by the %s loss answers the median', (loss, share) => {
    const random = new Random(4);
    const x = Array.from({ length: 4000 }, (_, i) => i % 4);
    const y = Float32Array.from(x, (value) => value + uniform(random) ** 6 * 100);
    const { scores } = fitTrees([numbers('x', x)], y, { loss, rules: { rounds: 60 } });
    const answers = scores([numbers('x', x)], 4000);
    const below = answers.filter((answer, i) => y[i] <= answer).length / 4000;
    expect(below).toBeCloseTo(share, 1);
    expect(Math.abs(answers[0] - 0.5 ** 6 * 100)).toBeLessThan(0.5);
  });

  it.each(['poisson', 'tweedie'] as const)('by the %s loss answers logarithms of means', (loss) => {
    const random = new Random(4);
    const x = Array.from({ length: 6000 }, (_, i) => i % 3);
    const y = Float32Array.from(x, (value) => (uniform(random) < 0.5 ? 0 : 2 * (value + 1)));
    const { scores } = fitTrees([numbers('x', x)], y, { loss, rules: { rounds: 200 } });
    const answers = scores([numbers('x', x)], 3);
    [0, 1, 2].forEach((group) => {
      const members = [...y].filter((_, i) => x[i] === group);
      expect(Math.exp(answers[group])).toBeCloseTo(members.reduce((a, b) => a + b, 0) / members.length, 2);
    });
  });

  it('answers shares of classes by softmax, and of two by the logistic loss', () => {
    const x = Array.from({ length: 3000 }, (_, i) => i % 3);
    const y = Float32Array.from(x, (value, i) => (i % 10 < 7 ? value : (value + 1) % 3));
    const three = fitTrees([numbers('x', x)], y, { loss: 'softmax', outputs: 3, rules: { rounds: 150 } }).scores(
      [numbers('x', x)],
      1,
    );
    const exps = [...three].map(Math.exp);
    const [first] = exps.map((value) => value / exps.reduce((a, b) => a + b, 0));
    expect(first).toBeCloseTo(0.7, 2);
    const two = fitTrees(
      [numbers('x', x)],
      y.map((value) => Number(value === 0)),
      { loss: 'logistic', rules: { rounds: 150 } },
    );
    expect(1 / (1 + Math.exp(-two.scores([numbers('x', x)], 1)[0]))).toBeCloseTo(0.7, 2);
  });

  it.each([0, 1e-9, 0.3, 1, 7.77, 36, 300, 700, 745])('knows e to the power of −%p', (x) => {
    const close = Math.abs(expOfMinus(x) / Math.exp(-x) - 1);
    expect(close).toBeLessThan(x < 708 ? 1e-12 : 1);
  });

  it.each([null, Float32Array.of(1, 2, 0, 0.5, 3, 1)])(
    'derives the logistic loss by its definition, weights %p',
    (weight) => {
      const scores = Float64Array.of(0, -3, 2.5, 40, -900, 0.1);
      const y = Float32Array.of(1, 1, 0, 0, 0, 1);
      const loss = lossOf({ name: 'logistic', settings: { delta: 1, quantile: 0.5, power: 1.5 } });
      const scored = { targets: { rows: 6, count: 1, y, weight }, scores, outputs: 1 };
      const into = { gradients: new Float64Array(6), hessians: new Float64Array(6) };
      const all = { from: 0, to: 6 };
      const [sum, total] = loss.deriveAndTotal!(scored, into, all);
      const weights = weight ?? new Float32Array(6).fill(1);
      const shares = scores.map((score) => 1 / (1 + Math.exp(-score)));
      const losses = scores.map(
        (score, i) => -Math.log(y[i] === 1 ? shares[i] : 1 / (1 + Math.exp(score))) * weights[i],
      );
      expect(sum).toBeCloseTo(
        losses.reduce((a, b) => a + b),
        9,
      );
      expect(total).toBe(weights.reduce((a, b) => a + b));
      expect(loss.total(scored, all)[0]).toBeCloseTo(sum, 9);
      shares.forEach((p, i) => {
        expect(into.gradients[i]).toBeCloseTo(weights[i] * (p - y[i]), 12);
        expect(into.hessians[i]).toBeCloseTo(weights[i] * p * (1 - p), 12);
      });
    },
  );

  it('counts a row of weight 2 as two rows', () => {
    const { columns, y } = mixedTable(1000);
    const weight = Float32Array.from(y, (_, i) => (i < 500 ? 2 : 1));
    const weighted = fitTrees(columns, y, { weight, rules: { rounds: 1, leavesMax: 2, learningRate: 1 } });
    const value = weighted.scores(columns, 1000);
    const group = [...rowNumbers(1000)].filter((i) => value[i] === value[0]);
    const mean = group.reduce((sum, i) => sum + weight[i] * y[i], 0) / group.reduce((sum, i) => sum + weight[i], 0);
    expect(value[0]).toBeCloseTo(mean, 9);
  });
});

describe('the exported graph', () => {
  it('answers as the trees do, with missing values, sets of levels and levels that training never saw', async () => {
    const train = mixedTable(3000, 1);
    const { boosted, bins, binned, scores } = fitTrees(train.columns, train.y, {
      rules: { rounds: 40, rowShare: 0.8 },
    });
    const test = mixedTable(1000, 2).columns;
    const [a, b] = test as { values: Float64Array }[];
    a.values.set([NaN, -1e300, 1e300, 5e-324]);
    const { bins: rows, stride } = binned(test, 1000);
    const x = Float64Array.from({ length: 3000 }, (_, i) => {
      const row = Math.floor(i / 3);
      return [a.values[row], b.values[row], rows[row * stride + 2]][i % 3];
    });
    const graph = new GraphBuilder('trees');
    graph.input('x', 'float64', ['batch', 3]);
    const out = appendEnsemble(graph, 'x', { ...boosted, columns: bins });
    graph.node('Identity', [out], {}, { outputs: ['scores'] });
    graph.output('scores', 'float64', ['batch', 1]);
    const session = await InferenceSession.create(encodeModel(graph), { intraOpNumThreads: 1 });
    const results = await session.run({ x: new Tensor('float64', x, [1000, 3]) });
    expect(boosted.rounds.flat().some(({ splits }) => splits.some((split) => split?.members))).toBe(true);
    expect(Float64Array.from(results['scores'].data as Float64Array)).toEqual(scores(test, 1000));
  });
});
