export const TOP_VALUES_MAX = 10;
export const HISTOGRAM_BINS = 20;
const PROBABILITIES = { p1: 0.01, p5: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 };

export type Quantiles = Record<keyof typeof PROBABILITIES, number>;

export interface Histogram {
  /** One more than `counts`, equally spaced; a bin holds its lower edge, the last one both. */
  edges: number[];
  counts: number[];
}

export interface Groups<T> {
  /** Values that are there. */
  present: number;
  distinctCount: number;
  /** Most frequent values first, ties in the order of the values. */
  top: { value: T; count: number }[];
}

/**
 * Quantiles, histogram and frequent values of numbers that come in ascending order, piece by piece: exact, in one pass, and
 * in memory that does not grow with them.
 */
export class SortedNumbers {
  private readonly groups: Groups<number> = { present: 0, distinctCount: 0, top: [] };
  private readonly histogram: Histogram;
  /** Of the values in order, those that quantiles lie at or between. */
  private readonly ranks: number[];
  private readonly atRanks: number[] = [];
  private bin = 0;
  /** Equal values that came last; the next piece may go on with them. */
  private value = NaN;
  private run = 0;

  constructor(private readonly range: { count: number; minimum: number; maximum: number }) {
    const ranks = Object.values(PROBABILITIES).flatMap((probability) => this.between(probability).slice(0, 2));
    this.ranks = [...new Set(ranks)].sort((a, b) => a - b);
    this.histogram = emptyHistogram(range);
  }

  feed(values: Float64Array): void {
    const { ranks, atRanks } = this;
    const { present: seen } = this.groups;
    while (atRanks.length < ranks.length && ranks[atRanks.length] < seen + values.length)
      atRanks.push(values[ranks[atRanks.length] - seen]);
    this.groups.present += values.length;
    let { value, run } = this;
    for (const next of values) {
      if (next !== value) {
        this.count(value, run);
        [value, run] = [next, 0];
      }
      run++;
    }
    [this.value, this.run] = [value, run];
  }

  end(): { groups: Groups<number>; histogram: Histogram; quantiles: Quantiles } {
    this.count(this.value, this.run);
    this.run = 0;
    const quantiles = Object.entries(PROBABILITIES).map(([name, probability]) => [name, this.quantile(probability)]);
    return { groups: this.groups, histogram: this.histogram, quantiles: Object.fromEntries(quantiles) };
  }

  /** By linear interpolation between the two values around it. */
  private quantile(probability: number): number {
    const [low, high, share] = this.between(probability);
    const [from, to] = [low, high].map((rank) => this.atRanks[this.ranks.indexOf(rank)]);
    return from === to ? from : from * (1 - share) + to * share;
  }

  private between(probability: number): [low: number, high: number, share: number] {
    const at = probability * (this.range.count - 1);
    return [Math.floor(at), Math.ceil(at), at - Math.floor(at)];
  }

  private count(value: number, count: number): void {
    if (count === 0) return;
    const { top } = this.groups;
    this.groups.distinctCount++;
    const { edges, counts } = this.histogram;
    while (this.bin < counts.length - 1 && value >= edges[this.bin + 1]) this.bin++;
    counts[this.bin] += count;
    if (top.length === TOP_VALUES_MAX && count <= top[TOP_VALUES_MAX - 1].count) return;
    const behind = top.findIndex((other) => other.count < count);
    top.splice(behind < 0 ? top.length : behind, 0, { value, count });
    top.length = Math.min(top.length, TOP_VALUES_MAX);
  }
}

function emptyHistogram({ minimum, maximum }: { minimum: number; maximum: number }): Histogram {
  if (minimum === maximum) return { edges: [minimum, maximum], counts: [0] };
  const edges = Array.from({ length: HISTOGRAM_BINS + 1 }, (_, bin) => edge(minimum, maximum, bin));
  return { edges, counts: new Array<number>(HISTOGRAM_BINS).fill(0) };
}

/** Halves keep the width finite for ranges near the largest number. */
const edge = (low: number, high: number, bin: number): number =>
  bin === HISTOGRAM_BINS ? high : low + 2 * ((high / 2 - low / 2) * (bin / HISTOGRAM_BINS));
