import { COLUMN_TYPES, numberSql } from '../../formats';
import { listOf, type Duck } from '../duck';
import type { ColumnType, TypedColumn } from './infer';

/** The typed columns c0, c1 … as a table of an ingestion, whose `rowid` counts the rows from 0, or as a view of Parquet. */
export const DATA_TABLE = 'data';
export const TOP_VALUES_MAX = 10;
export const HISTOGRAM_BINS = 20;
/** Exact quantiles hold a column in memory; beyond this many rows they come from a t-digest. */
const EXACT_QUANTILE_ROWS = 10_000_000;
const PROBABILITIES = { p1: 0.01, p5: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 };

export type Quantiles = Record<keyof typeof PROBABILITIES, number>;

export interface Histogram {
  /** One more than `counts`, equally spaced; a bin holds its lower edge, the last one both. */
  edges: number[];
  counts: number[];
}

export interface NumberSummary {
  minimum: number;
  maximum: number;
  mean: number;
  /** Of the sample (n - 1); null for a single value. */
  standardDeviation: number | null;
  quantiles: Quantiles;
  histogram: Histogram;
}

export interface ColumnSummary {
  name: string;
  type: ColumnType;
  missingCount: number;
  distinctCount: number;
  /** Most frequent first, ties in the order of the values. */
  topValues: { value: string; count: number }[];
  /** Numbers, and times as milliseconds since 1970 UTC; null for other types and for columns without a value. */
  numbers: NumberSummary | null;
  /** Characters; null unless text. */
  text: { meanLength: number; maximumLength: number; withBlank: number } | null;
}

export async function profileColumn(duck: Duck, column: TypedColumn, rowCount: number): Promise<ColumnSummary> {
  const c = `c${column.index}`;
  const top = await duck.rows<{ v: unknown; n: number; groups: number; present: number }>(
    `WITH grouped AS MATERIALIZED (SELECT ${c} AS v, count(*) AS n FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL GROUP BY v)
     SELECT v, n, (SELECT count(*) FROM grouped) AS groups, (SELECT CAST(sum(n) AS BIGINT) FROM grouped) AS present
     FROM grouped ORDER BY n DESC, v LIMIT ${TOP_VALUES_MAX}`,
  );
  const present = top[0]?.present ?? 0;
  return {
    name: column.name,
    type: column.type,
    missingCount: rowCount - present,
    distinctCount: top[0]?.groups ?? 0,
    topValues: top.map(({ v, n }) => ({ value: valueText(v), count: n })),
    numbers: present > 0 ? await numberSummary(duck, column, rowCount) : null,
    text: COLUMN_TYPES[column.type].isText && present > 0 ? await textSummary(duck, c) : null,
  };
}

/** A column of the data view as DOUBLE, or null when its type has no order of magnitude. */
export const asNumber = ({ index, type }: { index: number; type: ColumnType }): string | null =>
  numberSql(type, `c${index}`);

async function numberSummary(duck: Duck, column: TypedColumn, rowCount: number): Promise<NumberSummary | null> {
  const x = asNumber(column);
  if (!x) return null;
  const probabilities = Object.values(PROBABILITIES).join(', ');
  const quantile = rowCount > EXACT_QUANTILE_ROWS ? 'approx_quantile' : 'quantile_cont';
  const row = await duck.one<{
    low: number;
    high: number;
    mean: number;
    present: number;
    spread: number | null;
    q: number[];
  }>(
    `SELECT min(x) AS low, max(x) AS high, avg(x) AS mean, count(x) AS present, ${spreadSql} AS spread, ${quantile}(x, [${probabilities}]) AS q
     FROM (SELECT ${x} AS x FROM ${DATA_TABLE})`,
  );
  const names = Object.keys(PROBABILITIES) as (keyof Quantiles)[];
  return {
    minimum: row.low,
    maximum: row.high,
    mean: row.mean,
    standardDeviation: row.spread,
    quantiles: Object.fromEntries(names.map((name, index) => [name, row.q[index]])) as Quantiles,
    histogram:
      row.low === row.high
        ? { edges: [row.low, row.high], counts: [row.present] }
        : await histogram(duck, x, row.low, row.high),
  };
}

/** DuckDB fails when the variance overflows; no spread is better than no profile. */
const spreadSql = 'CASE WHEN max(abs(x)) < 1e150 THEN stddev_samp(CASE WHEN abs(x) < 1e150 THEN x END) END';

/** DuckDB's bins hold their upper edges: those of the opposite numbers are ours. */
async function histogram(duck: Duck, x: string, low: number, high: number): Promise<Histogram> {
  const edges = Array.from({ length: HISTOGRAM_BINS + 1 }, (_, bin) => edge(low, high, bin));
  const opposite = `CAST(${listOf(edges.map((value) => String(-value)).reverse())} AS DOUBLE[])`;
  const { ends, sizes } = await duck.one<{ ends: number[]; sizes: number[] }>(
    `SELECT map_keys(bins) AS ends, map_values(bins) AS sizes
     FROM (SELECT histogram(-x, ${opposite}) AS bins FROM (SELECT ${x} AS x FROM ${DATA_TABLE}))`,
  );
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  ends.forEach((end, at) => {
    const bin = Math.min(edges.lastIndexOf(-end), HISTOGRAM_BINS - 1);
    counts[bin] += sizes[at];
  });
  return { edges, counts };
}

/** Halves keep the width finite for ranges near the largest number. */
const edge = (low: number, high: number, bin: number): number =>
  bin === HISTOGRAM_BINS ? high : low + 2 * ((high / 2 - low / 2) * (bin / HISTOGRAM_BINS));

async function textSummary(duck: Duck, c: string) {
  return duck.one<{ meanLength: number; maximumLength: number; withBlank: number }>(
    `SELECT avg(length(${c})) AS "meanLength", max(length(${c})) AS "maximumLength",
       count_if(contains(${c}, ' ')) AS "withBlank" FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL`,
  );
}

function valueText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
