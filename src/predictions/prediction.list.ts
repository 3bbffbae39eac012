import { ArgsType, Field, GraphQLISODateTime, ID, InputType } from 'type-graphql';
import { comparableTime } from '../db';
import {
  ConnectionArgs,
  decodeCursor,
  encodeCursor,
  isUuid,
  PraxisError,
  TOTAL_COUNT_MAX,
  uuidOf,
  windowOf,
  type PageWindow,
} from '../kernel';
import { blockOf, placeOf, type BlockRow } from './blocks/block.format';
import type { Prediction } from './prediction.entity';
import type { RecordedBlock } from './blocks/recorded.block';

@InputType({ description: 'Which recorded predictions to show: those that pass every field that is given.' })
export class PredictionFilter {
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Only from this time on.' })
  createdFrom?: Date | null;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Only before this time.' })
  createdBefore?: Date | null;
  @Field(() => ID, { nullable: true, description: 'Only answers of this model version.' })
  modelVersionId?: string | null;
}

@ArgsType()
export class PredictionListArgs extends ConnectionArgs {
  @Field(() => PredictionFilter, { nullable: true, description: 'Only predictions that pass; left out, all.' })
  filter?: PredictionFilter | null;
}

const NAME = 'Prediction';
const ORDER = 'CREATED_AT DESC';
/** Longer than a block gathers; what begins this long before a time ends before it. */
const BLOCK_SPAN = `interval '1 minute'`;

/** What the blocks of one page hold, so that it can be read at once; two are always read, as a page of one may need. */
const PAGE_BYTES_MAX = 32 * 1024 * 1024;

/** `content` is null in every row where the blocks together hold too much. */
export const BLOCK_COLUMNS = `
  b.id, b.deployment_id AS "deploymentId", b.model_version_id AS "modelVersionId", b.precision, b.count,
  b.answers::text, b.created_at AS "createdAt",
  CASE WHEN count(*) OVER () <= 2 OR sum(octet_length(b.content)) OVER () <= ${PAGE_BYTES_MAX} THEN b.content END AS content`;

/** @throws PraxisError PAYLOAD_TOO_LARGE */
export function refuseUnread(rows: readonly { content: Buffer | null }[]): void {
  if (rows.every(({ content }) => content !== null)) return;
  const message = `These predictions came in requests that hold more than ${PAGE_BYTES_MAX} bytes together: ask for fewer at a time.`;
  throw new PraxisError('PAYLOAD_TOO_LARGE', message);
}

/** $1 deployment, $2 and $3 times, $4 model version, $5 to $7 the cursor after, $8 to $10 the one before. */
const PARAMETERS = `
  (SELECT $1::uuid AS deployment_id, $2::timestamptz AS created_from, $3::timestamptz AS created_before,
    $4::uuid AS model_version_id, $5::timestamptz AS after_at, $6::uuid AS after_id, $7::integer AS after_place,
    $8::timestamptz AS before_at, $9::uuid AS before_id, $10::integer AS before_place) g`;

/** Blocks that hold any of the wanted predictions, and how many; the newest block is first, and in it the last place. */
const BLOCKS = `
  SELECT b.id, b.created_at, p.passing FROM ${PARAMETERS}
  JOIN prediction_blocks b ON b.deployment_id = g.deployment_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN b.id = g.before_id THEN g.before_place + 1 ELSE 0 END AS low,
      CASE WHEN b.id = g.after_id THEN g.after_place ELSE b.count END AS high
  ) r
  CROSS JOIN LATERAL (
    SELECT CASE WHEN (g.created_from IS NULL OR b.created_at >= g.created_from)
        AND (g.created_before IS NULL OR b.created_at < g.created_before - ${BLOCK_SPAN}) THEN r.high - r.low
      ELSE (SELECT count(*) FROM json_array_elements(b.answers) WITH ORDINALITY a (answer, ordinal)
        CROSS JOIN LATERAL (SELECT b.created_at + (a.answer->>1)::integer * interval '1 millisecond' AS at) t
        WHERE a.ordinal > r.low AND a.ordinal <= r.high
          AND (g.created_from IS NULL OR t.at >= g.created_from) AND (g.created_before IS NULL OR t.at < g.created_before))
      END AS passing
  ) p
  WHERE p.passing > 0 AND (g.model_version_id IS NULL OR b.model_version_id = g.model_version_id)
    AND (g.created_from IS NULL OR b.created_at >= g.created_from - ${BLOCK_SPAN})
    AND (g.created_before IS NULL OR b.created_at < g.created_before)
    AND (g.after_at IS NULL OR b.created_at < g.after_at OR (b.created_at = g.after_at AND b.id >= g.after_id))
    AND (g.before_at IS NULL OR b.created_at > g.before_at OR (b.created_at = g.before_at AND b.id <= g.before_id))`;

/** Of whose block the place is counted from 0. */
interface Place {
  at: string;
  blockId: string;
  place: number;
}

type Statement = [sql: string, parameters: unknown[]];

/** The SQL of one call of the list, and what of the blocks that it gives is on the page. */
export class PredictionPage {
  readonly window: PageWindow;
  private readonly after: Place | null;
  private readonly before: Place | null;
  private readonly filter: PredictionFilter;

  constructor(
    private readonly deploymentId: string,
    args: PredictionListArgs,
  ) {
    this.window = windowOf(args);
    this.after = placeIn('after', this.window.after);
    this.before = placeIn('before', this.window.before);
    const { modelVersionId, createdFrom, createdBefore } = args.filter ?? {};
    this.filter = {
      createdFrom: createdFrom && comparableTime(createdFrom, 'filter.createdFrom'),
      createdBefore: createdBefore && comparableTime(createdBefore, 'filter.createdBefore'),
      modelVersionId: modelVersionId ? uuidOf('ModelVersion', modelVersionId) : null,
    };
  }

  /** The fewest blocks that hold the page and one prediction more, in the direction of the window. */
  blocks(): Statement {
    const { size, backwards } = this.window;
    const order = backwards ? 'b.created_at, b.id DESC' : 'b.created_at DESC, b.id';
    const sql = `
      WITH listed AS (${BLOCKS} ORDER BY ${order} LIMIT ${size + 1}),
      needed AS (SELECT b.id, sum(b.passing) OVER (ORDER BY ${order}) - b.passing AS before FROM listed b)
      SELECT ${BLOCK_COLUMNS} FROM prediction_blocks b JOIN needed n USING (id)
      WHERE n.before < ${size + 1} ORDER BY ${order}`;
    return [sql, this.parameters(this.after, this.before)];
  }

  /** Whether anything lies on the other side of a cursor, its own prediction included; null without one. */
  beyond(side: 'after' | 'before'): Statement | null {
    const { after, before } = this;
    const sql = `${BLOCKS} LIMIT 1`;
    if (side === 'after') return after && [sql, this.parameters(null, { ...after, place: after.place - 1 })];
    return before && [sql, this.parameters({ ...before, place: before.place + 1 }, null)];
  }

  count(): Statement {
    const sql = `
      SELECT least(coalesce(sum(passing), 0), ${TOTAL_COUNT_MAX})::integer AS count
      FROM (${BLOCKS} LIMIT ${TOTAL_COUNT_MAX}) AS counted`;
    return [sql, this.parameters(null, null)];
  }

  /** Those of a block that are wanted, in the direction of the window. */
  predictionsOf(block: RecordedBlock): Prediction[] {
    const { size, backwards } = this.window;
    const low = this.before?.blockId === block.row.id ? this.before.place + 1 : 0;
    const high = this.after?.blockId === block.row.id ? this.after.place : block.row.count;
    const found: Prediction[] = [];
    for (let i = 0; i < high - low && found.length <= size; i++) {
      const prediction = block.at(backwards ? low + i : high - 1 - i);
      if (prediction && this.passes(prediction)) found.push(prediction);
    }
    return found;
  }

  cursorOf({ createdAt }: BlockRow, { id }: Prediction): string {
    return encodeCursor([NAME, ORDER, createdAt.toISOString(), id]);
  }

  private passes({ createdAt }: Prediction): boolean {
    const { createdFrom, createdBefore } = this.filter;
    return (!createdFrom || createdAt >= createdFrom) && (!createdBefore || createdAt < createdBefore);
  }

  private parameters(after: Place | null, before: Place | null): unknown[] {
    const { createdFrom = null, createdBefore = null, modelVersionId } = this.filter;
    const places = [after, before].flatMap((position) => [
      position?.at ?? null,
      position?.blockId ?? null,
      position?.place ?? null,
    ]);
    return [this.deploymentId, createdFrom, createdBefore, modelVersionId, ...places];
  }
}

function placeIn(path: 'after' | 'before', cursor: string | null): Place | null {
  if (cursor === null) return null;
  const [at, id] = decodeCursor(cursor, { path, list: NAME, order: ORDER }, isPlace) as string[];
  return { at, blockId: blockOf(id), place: placeOf(id) };
}

function isPlace([at, id, ...rest]: unknown[]): boolean {
  if (typeof at !== 'string' || typeof id !== 'string' || rest.length > 0) return false;
  const ms = Date.parse(at);
  return isUuid(id) && /^[12]\d{3}-/.test(at) && !Number.isNaN(ms) && new Date(ms).toISOString() === at;
}
