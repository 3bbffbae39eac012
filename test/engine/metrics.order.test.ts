import { averagePrecisionOf, evaluateOrder, ndcgOf, reciprocalRankOf } from '../../src/engine/metrics/order';

const GRADES = [3, 0, 1, 2, 0, 0, 1, 3];
const TIED = [0.5, 0.9, 0.9, 0.1, 0.5, 0.5, 0.2, 0.7];
const APART = [0.5, 0.9, 0.8, 0.1, 0.55, 0.3, 0.2, 0.7];

// By ndcg_score of scikit-learn 1.9.1 of the gains 2^grade - 1, and average_precision_score of the grades above 0.
test.each([
  { scores: TIED, depth: 3, ndcg: 0.3341046035745029 },
  { scores: TIED, depth: 5, ndcg: 0.4531102621689011 },
  { scores: TIED, depth: Infinity, ndcg: 0.6068070935178512 },
  { scores: APART, depth: 3, ndcg: 0.3198178381975599 },
  { scores: APART, depth: 5, ndcg: 0.49795257471420556 },
])('the NDCG down to rank $depth is that of scikit-learn', ({ scores, depth, ndcg }) => {
  expect(ndcgOf({ grades: GRADES, scores }, depth)).toBeCloseTo(ndcg, 12);
});

test('the average precision is that of scikit-learn', () => {
  expect(averagePrecisionOf({ grades: GRADES, scores: APART })).toBeCloseTo(0.5926190476190476, 12);
});

/** All orders of some things. */
function orders<T>(things: T[]): T[][] {
  if (things.length < 2) return [things];
  return things.flatMap((first, i) => orders(things.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));
}

const precision = (grades: number[]): number => {
  const suiting = grades.flatMap((grade, rank) => (grade > 0 ? [rank] : []));
  return suiting.reduce((sum, rank, i) => sum + (i + 1) / (rank + 1), 0) / suiting.length;
};

test.each([
  { of: averagePrecisionOf, byOrder: precision },
  { of: reciprocalRankOf, byOrder: (grades: number[]) => 1 / (1 + grades.findIndex((grade) => grade > 0)) },
])('rows of one score count as the mean over all their orders: $of.name', ({ of, byOrder }) => {
  for (const grades of [
    [0, 1, 0, 2, 0, 0],
    [1, 1, 0, 2, 0, 1],
    [0, 0, 0, 0, 0, 3],
  ]) {
    for (const scores of [
      [1, 1, 1, 1, 1, 1],
      [2, 1, 1, 2, 1, 2],
      [3, 3, 1, 2, 2, 2],
    ]) {
      const all = orders(grades.map((_, row) => row)).filter((order) =>
        order.every((row, i) => i === 0 || scores[order[i - 1]] >= scores[row]),
      );
      const mean = all.reduce((sum, order) => sum + byOrder(order.map((row) => grades[row])), 0) / all.length;
      expect(of({ grades, scores })).toBeCloseTo(mean, 12);
    }
  }
});

test('an evaluation is the mean over the groups whose grades differ, with intervals by group', () => {
  const values = Float64Array.of(...GRADES, 1, 1, 0, 2, ...Array.from({ length: 80 }, (_, i) => i % 4));
  const groups = Uint32Array.from(values, (_, i) =>
    i < 8 ? 0 : i < 10 ? 1 : i < 12 ? 2 : 3 + Math.floor((i - 12) / 4),
  );
  const scores = Float64Array.from(values, (_, i) => (i < 8 ? APART[i] : (i * 7) % 13));
  const { kind, rowCount, metrics } = evaluateOrder({ values, groups }, scores, 1);
  expect([kind, rowCount]).toEqual(['numbers', 92]);
  const each = [0, 2, ...Array.from({ length: 20 }, (_, i) => 3 + i)].map((group) => {
    const rows = [...groups.keys()].filter((row) => groups[row] === group);
    return ndcgOf({ grades: rows.map((row) => values[row]), scores: rows.map((row) => scores[row]) }, 5);
  });
  const found = metrics.find(({ name }) => name === 'ndcgAt5')!;
  expect(found.value).toBeCloseTo(each.reduce((a, b) => a + b, 0) / each.length, 12);
  expect(found.lower!).toBeLessThan(found.value);
  expect(found.upper!).toBeGreaterThan(found.value);
});

test('groups of one grade alone define nothing', () => {
  const rows = { values: Float64Array.of(1, 1, 2, 2), groups: Uint32Array.of(0, 0, 1, 1) };
  const { metrics, undefinedMetrics } = evaluateOrder(rows, [1, 2, 3, 4], null);
  expect(metrics).toEqual([]);
  expect(undefinedMetrics[0]).toMatchObject({ name: 'ndcgAt5', reason: expect.stringContaining('different grades') });
});

test('groups of a single row, or of one grade, are counted and left out', () => {
  const groups = Uint32Array.of(4, 4, 7, 1, 1, 1, 9, 9, 2);
  const values = Float64Array.of(0, 2, 1, 3, 3, 3, 1, 0, 0);
  const { metrics, rankedGroups, rowCount } = evaluateOrder({ values, groups }, [1, 2, 0, 0, 0, 0, 2, 1, 0], null);
  expect([rowCount, rankedGroups]).toEqual([9, { scored: 2, leftOut: 3 }]);
  expect(metrics.map(({ value }) => value)).toEqual(metrics.map(() => 1));
});
