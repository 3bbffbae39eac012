import type { Database, TenantTx } from '../db';
import { PraxisError, type TenantContext } from '../kernel';
import { Run } from './run.entity';
import type { RunLabels } from './run.label';
import { HELD, isFinal, RunState } from './run-state';
import { enqueueRun } from './work/run.job';

/** What is left out or null stays; an empty name or list takes them away. */
export interface RunChanges extends RunLabels {
  learningRate?: number | null;
}

/** What clients ask of a run on its way: to pause, to go on, to learn at another rate. */
export class RunControl {
  constructor(private readonly database: Database) {}

  /** A run that waits is paused at once, one that is held by its worker between two chunks of steps. */
  pause(context: TenantContext, id: string): Promise<Run> {
    return this.change(context, id, async (tx, run) => {
      if (run.state === RunState.PAUSED || run.pauseRequested) return;
      if (run.state === RunState.QUEUED) await enter(tx, id, RunState.PAUSED);
      else await ask(tx, id, { pause: true }, 'Asked to pause.');
      await tx.audit('run.pause', id);
    });
  }

  /** A paused run goes back to the queue; one that was only asked to pause trains on. */
  resume(context: TenantContext, id: string): Promise<Run> {
    return this.change(context, id, async (tx, run) => {
      if (run.state === RunState.PAUSED) {
        await enter(tx, id, RunState.QUEUED);
        await enqueueRun(tx, id, context.requestId);
      } else if (run.pauseRequested) {
        await ask(tx, id, { pause: false }, 'Asked to train on.');
      } else return;
      await tx.audit('run.resume', id);
    });
  }

  /** A learning rate is for a run that has not ended; name and tags are for any. */
  update(context: TenantContext, id: string, { learningRate, name, tags }: RunChanges): Promise<Run> {
    const work = async (tx: TenantTx) => {
      await tx.query('UPDATE runs SET name = coalesce($2, name), tags = coalesce($3::text[], tags) WHERE id = $1', [
        ...[id, name ?? null, tags ?? null],
      ]);
      if (learningRate) await ask(tx, id, { learningRate }, `Asked for the learning rate ${learningRate}.`);
      await tx.audit('run.update', id, { learningRate, name, tags });
    };
    return this.change(context, id, work, { alsoEnded: !learningRate });
  }

  /** Locks the run, so that its worker cannot end it meanwhile. */
  private change(
    context: TenantContext,
    id: string,
    work: (tx: TenantTx, run: Run) => Promise<void>,
    { alsoEnded }: { alsoEnded: boolean } = { alsoEnded: false },
  ): Promise<Run> {
    return this.database.inTenant(context, async (tx) => {
      const run = await tx.repo(Run).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!run) throw PraxisError.notFound('Run', id);
      if (isFinal(run.state) && !alsoEnded)
        throw new PraxisError('CONFLICT', `The run has ended as ${run.state}; start another one.`);
      await work(tx, run);
      return tx.repo(Run).findOneByOrFail({ id });
    });
  }
}

async function enter(tx: TenantTx, id: string, state: RunState): Promise<void> {
  await tx.query('UPDATE runs SET state = $2, pause_requested = false WHERE id = $1', [id, state]);
  await tx.appendEvents(id, [{ kind: 'state', payload: { state } }]);
}

/** What a worker that holds a run is to do. */
export interface ControlRequests {
  pause: boolean;
  learningRate: number | null;
}

/** Stores what is asked, and tells the worker by an event to read it; the log line is for people. */
async function ask(
  tx: TenantTx,
  id: string,
  { pause = null, learningRate = null }: { pause?: boolean | null; learningRate?: number | null },
  message: string,
): Promise<void> {
  await tx.query(
    'UPDATE runs SET pause_requested = coalesce($2, pause_requested), learning_rate = coalesce($3, learning_rate) WHERE id = $1',
    [id, pause, learningRate],
  );
  await tx.appendEvents(id, [
    { kind: 'control', payload: { pause, learningRate } },
    { kind: 'log', payload: { level: 'info', message } },
  ]);
}

export async function findControlRequests(tx: TenantTx, id: string): Promise<ControlRequests> {
  const [requests] = await tx.query<ControlRequests>(
    'SELECT pause_requested AS pause, learning_rate AS "learningRate" FROM runs WHERE id = $1',
    [id],
  );
  return requests ?? { pause: false, learningRate: null };
}

const PAUSE = `
  UPDATE runs SET paused_state = before.state, pause_requested = false,
    state = CASE WHEN before.pause_requested THEN 'PAUSED' ELSE 'QUEUED' END
  FROM (SELECT id, state, pause_requested FROM runs WHERE id = $1 FOR UPDATE) AS before
  WHERE runs.id = before.id AND attempt = $2 AND before.state = ANY($3)
  RETURNING runs.state`;

/**
 * Lets go of a run whose training has paused; null when it is no longer this worker's. QUEUED when nobody asked for a
 * pause, or took it back meanwhile: its job goes on in its turn.
 */
export async function pauseRun(
  tx: TenantTx,
  { id, attempt }: { id: string; attempt: number },
): Promise<RunState.PAUSED | RunState.QUEUED | null> {
  const [run] = await tx.query<{ state: RunState.PAUSED | RunState.QUEUED }>(PAUSE, [id, attempt, HELD]);
  if (!run) return null;
  await tx.appendEvents(id, [{ kind: 'state', payload: { state: run.state } }]);
  return run.state;
}
