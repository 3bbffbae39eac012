/** The families `forest` and `tree` from a table to answers, as runs train them; and trees by impurity against trying each split. */
import { Random } from '../../../src/engine/random';
import { openModel } from '../../../src/engine/serving/serving';
import { binRows, fitBins } from '../../../src/engine/trees/bins';
import { growByImpurity } from '../../../src/engine/trees/forest/grow';
import type { PlainColumn } from '../../../src/engine/learning/fit';
import { NodeCount, NODES_MAX } from '../../../src/engine/trees/request';
import type { Tree } from '../../../src/engine/trees/tree';
import { planParameters } from '../../../src/engine/families/registry';
import { EngineError, type TrainRequest } from '../../../src/engine/types';
import { requestOf, trained } from './learner.fixture';
import { rowNumbers, uniform } from './boosting.fixture';

const settings: Record<string, Record<string, unknown>> = { forest: { trees: 30 }, tree: {} };
const request = (family: string, target: string | string[], parameters: Record<string, unknown> = {}): TrainRequest =>
  requestOf(family, target, { ...settings[family], ...parameters });

const metricOf = (evaluation: { metrics: { name: string; target?: string; value: number }[] }, wanted: string) =>
  evaluation.metrics.filter(({ name }) => name === wanted).map(({ value }) => value);

describe.each(['forest', 'tree'])('%s', (family) => {
  test.each<[string | string[], string, number]>([
    ['number', 'r2', 0.8],
    ['flag', 'rocAuc', 0.9],
    ['class', 'accuracy', 0.7],
    [['number', 'other'], 'r2', 0.75],
    [['flag', 'east'], 'f1', 0.8],
  ])('learns %p', async (target, metric, least) => {
    const { evaluation, variants, events, card } = await trained(request(family, target));
    const found = metricOf(evaluation, metric);
    expect(found.length).toBeGreaterThan(0);
    for (const value of found) expect(value).toBeGreaterThan(least);
    expect(variants.map(({ precision }) => precision)).toEqual(['float32']);
    expect(card.parameterCount).toBeGreaterThan(2);
    const steps = events.flatMap((event) =>
      event.kind === 'metric' && event.split === 'validation' && event.name === 'loss' ? [event.step] : [],
    );
    expect(steps).toEqual(steps.map((_, i) => i + 1));
    if (family === 'forest') expect(steps).toHaveLength(30);
  });

  test('from every state, events and model are those of a run that was not interrupted', async () => {
    const trainRequest = request(family, 'class', family === 'forest' ? { trees: 5 } : { leaves: 6 });
    const whole = await trained(trainRequest, { checkpointMs: 0 });
    expect(whole.states.length).toBeGreaterThan(8);
    for (const { bytes, lastOrdinal } of whole.states.filter((_, i) => i % 3 === 1)) {
      const rest = await trained({ ...trainRequest, resume: { checkpoint: bytes, skipThroughOrdinal: lastOrdinal } });
      expect(rest.events).toEqual(whole.events.filter(({ ordinal }) => ordinal > lastOrdinal));
      expect(Buffer.compare(rest.model, whole.model)).toBe(0);
    }
  });

  test('serves one row as it does many', async () => {
    const { model } = await trained(request(family, 'class'));
    const served = await openModel(model);
    const columns = [['north', '', 'nowhere'], Float64Array.of(0.2, NaN, 1e300), Float64Array.of(3, NaN, -7)];
    const together = await served.predict({ rowCount: 3, columns });
    for (let row = 0; row < 3; row++) {
      const single = columns.map((column) => column.slice(row, row + 1)) as typeof columns;
      const alone = await served.predict({ rowCount: 1, columns: single });
      const at = (output: typeof alone) => (output.kind === 'labels' ? output.probabilities! : new Float32Array());
      expect(at(alone)).toEqual(at(together).slice(3 * row, 3 * row + 3));
    }
    await served.release();
  });
});

test('the rows that a tree was not fitted to judge a forest', async () => {
  const { events } = await trained(request('forest', 'flag'));
  const last = (name: string, split: string) =>
    events.flatMap((e) => (e.kind === 'metric' && e.name === name && e.split === split ? [e.value] : [])).pop()!;
  const [outOfBag, validation] = [last('outOfBagLoss', 'train'), last('loss', 'validation')];
  expect(Math.abs(outOfBag - validation)).toBeLessThan(0.15);
  const { events: whole } = await trained(request('forest', 'flag', { bootstrap: false, trees: 2 }));
  expect(whole.some((event) => event.kind === 'metric' && event.name === 'outOfBagLoss')).toBe(false);
});

test('trees of too many nodes are refused with the remedy, which large tables need by no default', () => {
  const splits = new Array(600_000).fill(null);
  const tree = { splits } as unknown as Tree;
  const nodes = new NodeCount([], 'Raise rowsPerLeaf.');
  nodes.add([tree, { ...tree }]);
  expect(() => nodes.add([tree])).toThrow(
    new EngineError(
      'The trees have more than 1,000,000 nodes together, too many for a model file.',
      'estimator.parameters.trees',
      'Raise rowsPerLeaf.',
    ),
  );
  expect(planParameters('forest', {}, 1000)).toMatchObject({ rowsPerLeaf: 1 });
  for (const rows of [100_000, 10_000_000]) {
    const { rowsPerLeaf } = planParameters('forest', {}, rows) as { rowsPerLeaf: number };
    expect((200 * 1.3 * rows) / rowsPerLeaf).toBeLessThanOrEqual(NODES_MAX);
  }
});

test('a tree splits as trying every split would', () => {
  const random = new Random(5);
  const rows = 120;
  const columns: PlainColumn[] = [
    {
      kind: 'number',
      name: 'a',
      values: Float64Array.from({ length: rows }, () => (uniform(random) < 0.2 ? NaN : random.below(40))),
    },
    { kind: 'category', name: 'b', places: Uint16Array.from({ length: rows }, () => random.below(5)), count: 5 },
  ];
  const y = Float32Array.from({ length: rows }, () => random.below(3));
  const bins = columns.map((column) => fitBins(column, rowNumbers(rows)));
  const binned = binRows(columns, bins, rowNumbers(rows));
  const trees = growByImpurity({
    ...{ binned, columns: bins, prior: [0, 0, 0], order: rowNumbers(rows), times: null, random: null },
    targets: { rows, count: 1, y, weight: null, outputs: 3 },
    rules: { leavesMax: 2, depthMax: null, rowsPerLeaf: 5, columnsPerSplit: 2, extra: 0 },
    proceed: () => {},
  });
  /** Of a side: n times the sum of the squares of the shares. */
  const explained = (side: number[]): number =>
    [0, 1, 2].reduce((sum, k) => sum + side.filter((i) => y[i] === k).length ** 2, 0) / side.length;
  const all = [...rowNumbers(rows)];
  const gainOf = (isLeft: (i: number) => boolean): number => {
    const [left, right] = [all.filter(isLeft), all.filter((i) => !isLeft(i))];
    return left.length < 5 || right.length < 5 ? 0 : explained(left) + explained(right) - explained(all);
  };
  const { values } = columns[0] as { values: Float64Array };
  const gains = all.flatMap((row) => [
    gainOf((i) => values[i] <= values[row]),
    gainOf((i) => !(values[i] > values[row])),
  ]);
  expect(trees).toHaveLength(3);
  const [root] = trees[0].splits;
  if (root!.column === 0) expect(root!.gain).toBeCloseTo(Math.max(...gains), 6);
  else expect(root!.gain).toBeGreaterThanOrEqual(Math.max(...gains) - 1e-6);
  const shares = trees.map(({ value }) => value[1]);
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
});
