import { toJsonText, type Continuation, type TenantTx } from '../../db';
import type { ExecutorChoice } from '../../engine';
import { forgetArtifactAt } from '../../storage';
import type { FindingLine } from './run.findings';
import { HELD, isFinal, RunState, sourcesOf } from '../run-state';

/** A run as one worker holds it. `attempt` is its fence: once another worker has claimed the run, it no longer fits. */
export interface ClaimedRun {
  id: string;
  attempt: number;
  state: RunState;
  seed: number;
  /** What the client named to train on. */
  executor: ExecutorChoice | null;
  lastOrdinal: number;
  checkpointKey: string | null;
  datasetVersionId: string;
  pipelineVersionId: string;
  pretrainedModelId: string | null;
  /** Sequence of the event that told of the claim. */
  sequence: number;
}

/** The run was ended or claimed by somebody else: this worker has nothing more to say about it. */
export class RunLost extends Error {
  constructor(runId: string) {
    super(`Run ${runId} is no longer held by this worker.`);
    this.name = 'RunLost';
  }
}

const CLAIM = `
  UPDATE runs SET attempt = attempt + 1, started_at = coalesce(started_at, now()),
    state = CASE before.state WHEN 'QUEUED' THEN coalesce(paused_state, 'PREPARING') ELSE before.state END
  FROM (SELECT id AS held, state FROM runs WHERE id = $1 FOR UPDATE) AS before
  WHERE id = held AND before.state = ANY($2)
  RETURNING id, attempt, runs.state, before.state = 'QUEUED' AS waited, seed, executor_wish AS executor,
    last_ordinal::int AS "lastOrdinal", checkpoint_key AS "checkpointKey",
    dataset_version_id AS "datasetVersionId", pipeline_version_id AS "pipelineVersionId",
    pretrained_model_id AS "pretrainedModelId"`;

/** Takes up a run that waits, or whose worker is gone. Null when it has ended meanwhile. */
export async function claimRun(tx: TenantTx, runId: string): Promise<ClaimedRun | null> {
  const [claimed] = await tx.query<Omit<ClaimedRun, 'sequence'> & { waited: boolean }>(CLAIM, [
    runId,
    [RunState.QUEUED, ...HELD],
  ]);
  if (!claimed) return null;
  const { waited, ...run } = claimed;
  const event = waited
    ? { kind: 'state', payload: { state: run.state } }
    : {
        kind: 'log',
        payload: { level: 'info', message: `Another worker continues the run (attempt ${run.attempt}).` },
      };
  return { ...run, sequence: await tx.appendEvents(runId, [event]) };
}

const HOLD = 'SELECT id FROM runs WHERE id = $1 AND attempt = $2 AND state = ANY($3) FOR UPDATE';

/** Tells those who follow the run what its worker does. Throws RunLost when it is no longer this worker's. */
export async function logRun(tx: TenantTx, { id, attempt }: ClaimedRun, message: string): Promise<void> {
  const rows = await tx.query(HOLD, [id, attempt, HELD]);
  if (rows.length === 0) throw new RunLost(id);
  await tx.appendEvents(id, [{ kind: 'log', payload: { level: 'info', message } }]);
}

/** Begins the log of a run with what was found in its data, in the transaction that has claimed it. */
export async function logFindings(tx: TenantTx, { id }: ClaimedRun, lines: FindingLine[]): Promise<void> {
  const events = lines.map((line) => ({ kind: 'log', payload: { level: 'warn', ...line } }));
  if (events.length > 0) await tx.appendEvents(id, events);
}

export interface RunEnding {
  state: RunState.SUCCEEDED | RunState.FAILED | RunState.CANCELLED;
  /** The claim of the worker that ends it; left out, the run ends whoever holds it. */
  attempt?: number;
  /** Columns of `runs` that are set with the state. */
  set?: Partial<Record<'error' | 'evaluation' | 'leaderboard' | 'split_counts' | 'executor' | 'step_rows', unknown>>;
}

const END = `
  UPDATE runs SET state = $2, finished_at = now(), checkpoint_key = NULL,
    progress = CASE $2 WHEN 'SUCCEEDED' THEN 1 ELSE progress END,
    cancel_requested = cancel_requested OR $2 = 'CANCELLED',
    error = $5, evaluation = $6, leaderboard = $7, split_counts = $8, executor = $9, step_rows = $10
  FROM (SELECT id, checkpoint_key FROM runs WHERE id = $1 FOR UPDATE) AS before
  WHERE runs.id = before.id AND state = ANY($3) AND ($4::int IS NULL OR attempt = $4)
  RETURNING continuation, before.checkpoint_key AS "checkpointKey"`;

/**
 * Ends a run: final state, its event, and the job that was to follow. Returns null when the run may not go to this
 * state or another worker holds it; otherwise the key of a checkpoint whose bytes to delete after the commit, if
 * there is one.
 */
export async function endRun(
  tx: TenantTx,
  runId: string,
  { state, attempt, set = {} }: RunEnding,
): Promise<{ checkpointKey: string | null } | null> {
  const { error, evaluation, leaderboard, split_counts, executor, step_rows } = set;
  const json = [error, evaluation, leaderboard, split_counts, executor, step_rows].map((value) =>
    value === undefined ? null : toJsonText(value),
  );
  const [ended] = await tx.query<{ continuation: Continuation | null; checkpointKey: string | null }>(END, [
    runId,
    state,
    sourcesOf(state),
    attempt ?? null,
    ...json,
  ]);
  if (!ended || !isFinal(state)) return null;
  await tx.appendEvents(runId, [{ kind: 'state', payload: { state } }]);
  if (ended.checkpointKey) await forgetArtifactAt(tx, ended.checkpointKey);
  if (ended.continuation) await tx.enqueueContinuation(ended.continuation);
  return ended;
}
