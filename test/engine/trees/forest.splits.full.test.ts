/** Where a forest splits numbers, and forests that are too large. */
import { binRows, fitBins } from '../../../src/engine/trees/bins';
import { growByImpurity } from '../../../src/engine/trees/forest/grow';
import type { PlainColumn } from '../../../src/engine/learning/fit';
import { goesLeft } from '../../../src/engine/trees/tree';
import { rowNumbers } from './boosting.fixture';
import { requestOf, trained } from './learner.fixture';

/** Of a tree that is fitted to some rows: which of all rows go left at its root. */
function leftOf(values: number[], order: number[], y: (value: number) => number): number[] {
  const column: PlainColumn = { kind: 'number', name: 'x', values: Float64Array.from(values) };
  const bins = [fitBins(column, rowNumbers(values.length))];
  const binned = binRows([column], bins, rowNumbers(values.length));
  const [{ splits }] = growByImpurity({
    ...{ binned, columns: bins, prior: [0], order: Uint32Array.from(order), times: null, random: null },
    targets: { rows: values.length, count: 1, y: Float32Array.from(values, y), weight: null, outputs: 1 },
    rules: { leavesMax: 2, depthMax: null, rowsPerLeaf: 1, columnsPerSplit: 1, extra: 0 },
    proceed: () => {},
  });
  return values.filter((_, row) => goesLeft(splits[0]!, binned.bins[row * binned.stride]));
}

// As DecisionTreeRegressor of scikit-learn 1.9.1, whose thresholds lie midway between the values on both sides.
test.each([
  { rows: [0, 1, 6, 7], above: 4, left: [1, 2, 3, 4] },
  { rows: [0, 4, 7], above: 3, left: [1, 2, 3] },
  { rows: [0, 1, 2], above: 2, left: [1, 2] },
])('rows that were not drawn go to the nearer side, those in the middle to the left: $rows', (c) => {
  expect(leftOf([1, 2, 3, 4, 5, 6, 7, 8], c.rows, (value) => Number(value > c.above))).toEqual(c.left);
});

test('a forest of more nodes than a model file holds is refused while it grows, with what to do', async () => {
  const tooMany = requestOf('forest', 'number', { trees: 10_000, rowsPerLeaf: 1, refit: false });
  await expect(trained(tooMany)).rejects.toMatchObject({
    path: 'estimator.parameters.trees',
    message: expect.stringContaining('more than 1,000,000 nodes'),
    hint: 'Ask for fewer trees, or raise rowsPerLeaf.',
  });
});
