import { COLUMN_TYPES, numberSql } from '../../../formats';
import type { Duck } from '../../tables/duck';
import type { ColumnType, TypedColumn } from '../columns/infer';
import { SortedNumbers, TOP_VALUES_MAX, type Groups, type Histogram, type Quantiles } from './sorted-numbers';

/** The typed columns c0, c1 … as a table of an ingestion, whose `rowid` counts the rows from 0, or as a view of Parquet. */
export const DATA_TABLE = 'data';
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
  const { shown } = COLUMN_TYPES[column.type];
  const x = asNumber(column);
  const sorted = x ? await sortedSummary(duck, x) : null;
  // Times may differ by less than the milliseconds that their numbers count.
  const { present, distinctCount, top } = x === c ? sorted!.groups : await groupsOf(duck, column);
  return {
    name: column.name,
    type: column.type,
    missingCount: rowCount - present,
    distinctCount,
    topValues: top.map(({ value, count }) => ({ value: shown ? shown(value as number) : String(value), count })),
    numbers: sorted?.numbers ?? null,
    text: COLUMN_TYPES[column.type].isText && present > 0 ? await textSummary(duck, c) : null,
  };
}

async function groupsOf(duck: Duck, { index, type }: TypedColumn): Promise<Groups<unknown>> {
  const c = `c${index}`;
  // Numbers are shown by their type.
  const value = numberSql(type, 'v') ?? 'v';
  const top = await duck.rows<{ value: unknown; count: number; distinct: number; present: number }>(
    `WITH grouped AS MATERIALIZED (SELECT ${c} AS v, count(*) AS n FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL GROUP BY v)
     SELECT ${value} AS value, n AS count, (SELECT count(*) FROM grouped) AS "distinct", (SELECT CAST(sum(n) AS BIGINT) FROM grouped) AS present
     FROM grouped ORDER BY n DESC, grouped.v LIMIT ${TOP_VALUES_MAX}`,
  );
  return { present: top[0]?.present ?? 0, distinctCount: top[0]?.distinct ?? 0, top };
}

/** A column of the data view as DOUBLE, or null when its type has no order of magnitude. */
export const asNumber = ({ index, type }: { index: number; type: ColumnType }): string | null =>
  numberSql(type, `c${index}`);

/** DuckDB sorts a column out of core, and its order tells all but the moments. */
async function sortedSummary(
  duck: Duck,
  x: string,
): Promise<{ numbers: NumberSummary | null; groups: Groups<number> }> {
  const source = `(SELECT ${x} AS x FROM ${DATA_TABLE})`;
  const range = await duck.one<{
    minimum: number;
    maximum: number;
    mean: number;
    count: number;
    spread: number | null;
  }>(
    `SELECT min(x) AS minimum, max(x) AS maximum, avg(x) AS mean, count(x) AS count, ${spreadSql} AS spread FROM ${source}`,
  );
  if (range.count === 0) return { numbers: null, groups: { present: 0, distinctCount: 0, top: [] } };
  const sorted = new SortedNumbers(range);
  const values = duck.chunks(`SELECT x FROM ${source} WHERE x IS NOT NULL ORDER BY x`);
  for await (const chunk of values) sorted.feed(chunk.doubles(0));
  const { groups, ...shape } = sorted.end();
  const { minimum, maximum, mean, spread: standardDeviation } = range;
  return { numbers: { minimum, maximum, mean, standardDeviation, ...shape }, groups };
}

/** DuckDB fails when the variance overflows; no spread is better than no profile. */
const spreadSql = 'CASE WHEN max(abs(x)) < 1e150 THEN stddev_samp(CASE WHEN abs(x) < 1e150 THEN x END) END';

async function textSummary(duck: Duck, c: string) {
  return duck.one<{ meanLength: number; maximumLength: number; withBlank: number }>(
    `SELECT avg(length(${c})) AS "meanLength", max(length(${c})) AS "maximumLength",
       count_if(contains(${c}, ' ')) AS "withBlank" FROM ${DATA_TABLE} WHERE ${c} IS NOT NULL`,
  );
}
