import type { TrainingListener } from '../../compute';
import { whileAway, type Database, type JobRun, type TenantTx } from '../../db';
import type { TrainEvent } from '../../engine';
import { newId, type TenantContext } from '../../kernel';
import {
  artifactKey,
  forgetArtifactAt,
  recordArtifact,
  recordFiles,
  type ArtifactRow,
  type ArtifactStore,
} from '../../storage';
import type { RunEventKind } from '../events/run-event.type';
import { HELD, RunState, TRANSITIONS } from '../run-state';
import { logRun, RunLost, type ClaimedRun } from './run.store';

interface NewEvent {
  kind: RunEventKind;
  payload: unknown;
}

const RECORD = `
  UPDATE runs SET last_ordinal = $3, state = $4, progress = coalesce($5, progress)
  WHERE id = $1 AND attempt = $2 AND state = $6 AND last_ordinal < $3 RETURNING id`;

/** Whether the chunk is there already: its commit may have been made though the answer was lost. */
const RECORDED = 'SELECT id FROM runs WHERE id = $1 AND attempt = $2 AND last_ordinal = $3';

const POINTS_TO =
  'SELECT checkpoint_key AS key FROM runs WHERE id = $1 AND attempt = $2 AND state = ANY($3) FOR UPDATE';

const STARTS_ANEW =
  'Training begins again from the start: its checkpoint was made by another version, and cannot be gone on from.';

/**
 * Stores what the engine reports about one claimed run. Each chunk is one transaction: its events, the last ordinal and
 * the state, guarded by the attempt, so events are stored exactly once however often a worker dies. Training waits while
 * the database is away for a moment. Throws RunLost when the run was ended or claimed by somebody else.
 */
export class RunRecorder implements TrainingListener {
  private state: RunState;
  private lastOrdinal: number;
  private checkpointKey: string | null;

  constructor(
    private readonly dependencies: {
      database: Database;
      artifacts: ArtifactStore;
      job: Pick<JobRun, 'signal' | 'progressed'>;
    },
    private readonly context: TenantContext,
    private readonly run: ClaimedRun,
  ) {
    this.state = run.state;
    this.lastOrdinal = run.lastOrdinal;
    this.checkpointKey = run.checkpointKey;
  }

  async events(events: TrainEvent[]): Promise<void> {
    const fresh = events.filter(({ ordinal }) => ordinal > this.lastOrdinal);
    if (fresh.length === 0) return;
    const { id, attempt } = this.run;
    const last = fresh[fresh.length - 1].ordinal;
    const { stored, state, progress } = this.digest(fresh);
    await this.inTenant(async (tx, again) => {
      if (again && (await tx.query(RECORDED, [id, attempt, last])).length > 0) return;
      const rows = await tx.query(RECORD, [id, attempt, last, state, progress, this.state]);
      if (rows.length === 0) throw new RunLost(id);
      if (stored.length > 0) await tx.appendEvents(id, stored);
    });
    this.lastOrdinal = last;
    this.state = state;
  }

  async checkpoint(bytes: Uint8Array): Promise<void> {
    const id = newId();
    const key = artifactKey(this.context.tenantId, 'CHECKPOINT', id);
    const { artifacts, job } = this.dependencies;
    const held = await recordFiles(artifacts, async (keys) => {
      keys.push(key);
      const written = await whileAway(() => artifacts.write(key, bytes), job.signal);
      return this.point({ id, kind: 'CHECKPOINT', key, ...written });
    });
    const old = held ? this.checkpointKey : key;
    // One that stays behind is removed by the daily sweep.
    if (old) await artifacts.delete(old).catch(() => undefined);
    if (!held) throw new RunLost(this.run.id);
    this.checkpointKey = key;
    await whileAway(() => job.progressed(), job.signal);
  }

  async startsAnew(): Promise<void> {
    await this.inTenant((tx) => logRun(tx, this.run, STARTS_ANEW));
  }

  private inTenant<T>(work: (tx: TenantTx, again: boolean) => Promise<T>): Promise<T> {
    const { database, job } = this.dependencies;
    return whileAway((again) => database.inTenant(this.context, (tx) => work(tx, again)), job.signal);
  }

  /** Lets the run point to its new checkpoint; false when this worker no longer holds it. */
  private point(checkpoint: ArtifactRow): Promise<boolean> {
    const { id, attempt } = this.run;
    return this.inTenant(async (tx) => {
      const [held] = await tx.query<{ key: string | null }>(POINTS_TO, [id, attempt, HELD]);
      if (!held) return false;
      // Committed already, though the answer was lost.
      if (held.key === checkpoint.key) return true;
      await tx.query('UPDATE runs SET checkpoint_key = $2 WHERE id = $1', [id, checkpoint.key]);
      if (held.key) await forgetArtifactAt(tx, held.key);
      await recordArtifact(tx, checkpoint);
      return true;
    });
  }

  /** What of the events is stored, and where they leave the run. */
  private digest(events: TrainEvent[]): { stored: NewEvent[]; state: RunState; progress: number | null } {
    let state = this.state;
    let progress: number | null = null;
    const stored: NewEvent[] = [];
    for (const { ordinal: _, ...event } of events) {
      const { kind, ...payload } = event;
      if (event.kind === 'state') {
        const next = event.state as RunState;
        // The claim has told of PREPARING already.
        if (next === state) continue;
        if (!TRANSITIONS[state].includes(next)) throw new Error(`A run cannot go from ${state} to ${next}.`);
        state = next;
      }
      if (event.kind === 'progress') progress = event.fraction;
      stored.push({ kind, payload });
    }
    return { stored, state, progress };
  }
}
