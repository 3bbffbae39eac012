import { SortedNumbers } from '../../src/datasets/ingest/profile/sorted-numbers';

/** Fed in pieces of this length. */
function summaryOf(values: number[], piece: number) {
  const sorted = Float64Array.from(values).sort();
  const numbers = new SortedNumbers({ count: sorted.length, minimum: sorted[0], maximum: sorted.at(-1)! });
  for (let at = 0; at < sorted.length; at += piece) numbers.feed(sorted.subarray(at, at + piece));
  return numbers.end();
}

/** By definition, over all values at once. */
function quantile(values: number[], probability: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = probability * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + ((sorted[low + 1] ?? sorted[low]) - sorted[low]) * (at - low);
}

const VALUES = Array.from({ length: 1003 }, (_, i) => Math.round(((i * 7919) % 1003) ** 1.5) % 400);

test.each([1, 2, 7, 1003])('pieces of %i values give what all of them give', (piece) => {
  const { groups, quantiles, histogram } = summaryOf(VALUES, piece);
  const counts = new Map<number, number>();
  for (const value of VALUES) counts.set(value, (counts.get(value) ?? 0) + 1);
  const top = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value - b.value);
  expect(groups).toEqual({ present: 1003, distinctCount: counts.size, top: top.slice(0, 10) });
  for (const [name, value] of Object.entries(quantiles))
    expect(value).toBeCloseTo(quantile(VALUES, Number(name.slice(1)) / 100), 10);
  expect(histogram).toEqual(summaryOf(VALUES, 1003).histogram);
  expect(histogram.counts.reduce((a, b) => a + b)).toBe(1003);
});

test('one value, many times', () => {
  expect(summaryOf([2.5, 2.5, 2.5], 2)).toEqual({
    groups: { present: 3, distinctCount: 1, top: [{ value: 2.5, count: 3 }] },
    histogram: { edges: [2.5, 2.5], counts: [3] },
    quantiles: { p1: 2.5, p5: 2.5, p25: 2.5, p50: 2.5, p75: 2.5, p95: 2.5, p99: 2.5 },
  });
});

test('zeros of both signs are one value', () => {
  expect(summaryOf([-0, 0, 1, -0], 1).groups).toMatchObject({ distinctCount: 2, top: [{ count: 3 }, { value: 1 }] });
});
