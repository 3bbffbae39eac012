import type { TenantTx } from '../../db';
import type { Split } from '../../engine';
import { SERIES_MAX, type MetricHistory, type MetricHistoryArgs, type MetricSeries } from './metric-history.type';

/** Events that one call reads; more follow after its `endSequence`. */
const EVENTS_MAX = 1_000_000;
/** A run is cut into this many parts of equal length first, in one pass; they are what points are made of. */
const SLOTS = 20_000;
export const POINTS_TOTAL_MAX = 20_000;
/** Of a list without a size, for which the cost of an operation takes ten items. */
const POINTS_OF_A_LIST = 50;

/** How many times as much as a list a history of so many points costs. */
export const pointShare = (pointsMax: number): number => Math.max(pointsMax || 0, POINTS_OF_A_LIST) / POINTS_OF_A_LIST;

/** $1 run, $2 and $3 sequences, $4 events of a slot, $5 names, $6 split, $7 candidate, $8 points of a series. */
const HISTORY = `
  WITH measured AS (
    SELECT payload->>'candidate' AS candidate, payload->>'name' AS name, payload->>'split' AS split, sequence,
      (payload->>'step')::float8 AS step, (payload->>'epoch')::float8 AS epoch, (payload->>'value')::float8 AS value
    FROM events
    WHERE subject_id = $1 AND sequence > $2 AND sequence <= $3 AND kind = 'metric'
      AND ($5::text[] IS NULL OR payload->>'name' = ANY($5)) AND ($6::text IS NULL OR payload->>'split' = $6)
      AND ($7::text IS NULL OR payload->>'candidate' = $7)
  ), slots AS (
    SELECT candidate, name, split, (sequence - $2) / $4 AS slot, min(sequence) AS began, count(*) AS count,
      min(value) AS minimum, max(value) AS maximum, max(ARRAY[sequence, step, epoch, value]) AS latest
    FROM measured GROUP BY 1, 2, 3, 4
  ), placed AS (
    SELECT *, row_number() OVER (series ORDER BY slot) - 1 AS place, count(*) OVER series AS slot_count,
      sum(count) OVER series AS value_count, min(began) OVER series AS first
    FROM slots WINDOW series AS (PARTITION BY candidate, name, split)
  ), ranked AS (
    SELECT *, dense_rank() OVER (ORDER BY first) AS series FROM placed
  ), sized AS (
    SELECT *, max(series) OVER () AS series_count,
      least($8, greatest(2, ${POINTS_TOTAL_MAX} / least(max(series) OVER (), ${SERIES_MAX}))) AS size
    FROM ranked
  )
  SELECT series::integer, candidate, name, split, max(series_count)::integer AS "seriesCount",
    max(value_count)::bigint AS "valueCount", sum(count)::integer AS count, min(minimum) AS minimum,
    max(maximum) AS maximum, max(latest) AS latest
  FROM sized WHERE series <= ${SERIES_MAX}
  GROUP BY series, candidate, name, split, CASE WHEN slot_count <= size THEN place ELSE place * size / slot_count END
  ORDER BY series, min(place)`;

interface PointRow {
  series: number;
  candidate: string;
  name: string;
  split: Split;
  seriesCount: number;
  valueCount: number;
  count: number;
  minimum: number | null;
  maximum: number | null;
  latest: [sequence: number, step: number, epoch: number, value: number | null];
}

/**
 * The metrics among the stored events of a run, each series drawn together to points with their smallest and largest
 * value. One pass over the events, in the database; memory and answer do not grow with their number.
 */
export async function readMetricHistory(
  tx: TenantTx,
  runId: string,
  { names, split, candidate, afterSequence, pointsMax }: MetricHistoryArgs,
): Promise<MetricHistory> {
  const [stream] = await tx.query<{ last: number }>(
    'SELECT last_sequence AS last FROM event_streams WHERE subject_id = $1',
    [runId],
  );
  const last = stream?.last ?? 0;
  const endSequence = Math.min(last, afterSequence + EVENTS_MAX);
  const width = Math.max(1, Math.ceil((endSequence - afterSequence) / SLOTS));
  const range = [runId, afterSequence, endSequence, width];
  const rows = await tx.query<PointRow>(HISTORY, [
    ...range,
    ...[names ?? null, split ?? null, candidate ?? null, pointsMax],
  ]);
  const truncated = last > endSequence || (rows[0]?.seriesCount ?? 0) > SERIES_MAX;
  return { series: seriesOf(rows), truncated, endSequence };
}

function seriesOf(rows: PointRow[]): MetricSeries[] {
  const found = new Map<number, MetricSeries>();
  for (const { series, candidate, name, split, valueCount, count, minimum, maximum, latest } of rows) {
    const held = found.get(series) ?? { candidate, name, split, valueCount, points: [] };
    const [sequence, step, epoch, value] = latest;
    held.points.push({ sequence, step, epoch, value, minimum, maximum, count });
    found.set(series, held);
  }
  return [...found.values()];
}
