import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openTestDatabase } from '../support';
import { CANCEL, expectGapless, metricsOf, withRuns, statesOf } from './runs.fixture';
import { holdAtCheckpoint, TRAINING_ENTITIES } from './training.fixture';

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('runs and their workers', () => {
  const children: ChildProcess[] = [];

  afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

  const { at, rest, wake, pipelineOf, start, read, follow } = withRuns(testDatabase);
  const LONG = { epochs: 400, patience: 0, batchSize: 16 };
  const ENDLESS = { epochs: 10_000, patience: 0, batchSize: 8 };

  test('cancel ends a run that trains in another process, and frees its worker', async () => {
    await rest();
    await spawnWorker();
    const { run } = await start(await pipelineOf('mlp', ENDLESS));
    await follow(run.id, ({ event }) => event.__typename === 'MetricPoint');
    await at.fixture.run(at.owner, CANCEL, { id: run.id });
    const events = await follow(run.id);
    expect(statesOf(events).at(-1)).toBe('CANCELLED');
    expectGapless(events);
    const { run: next } = await start(await pipelineOf('logistic', { epochs: 2 }));
    expect(statesOf(await follow(next.id)).at(-1)).toBe('SUCCEEDED');
    expect((await follow(run.id)).length).toBe(events.length);
  });

  test('a killed worker: the run goes on from its checkpoint, no event is lost or repeated', async () => {
    const pipelineId = await pipelineOf('mlp', { ...LONG, epochs: 600 });
    const letGo = await holdAtCheckpoint(testDatabase);
    const { run } = await start(pipelineId);
    await follow(run.id, ({ event }) => event.__typename === 'MetricPoint');
    await checkpointOf(run.id);
    const worker = children.at(-1)!;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await letGo();
    const before = await testDatabase.ownerQuery<{ state: string }>(`SELECT state FROM runs WHERE finished_at IS NULL`);
    expect(before).toEqual([{ state: 'TRAINING' }]);
    await spawnWorker();
    const events = await follow(run.id);
    expectGapless(events);
    expect(await read(run.id)).toMatchObject({ state: 'SUCCEEDED', attempt: 2 });
    const { run: whole } = await start(pipelineId);
    const untouched = await follow(whole.id);
    expect(metricsOf(events)).toEqual(metricsOf(untouched));
    expect(statesOf(events)).toEqual(statesOf(untouched));
    const [a, b] = await Promise.all([run.id, whole.id].map(async (id) => (await read(id)).evaluation));
    expect(a).toEqual(b);
    const left = await testDatabase.ownerQuery(
      `SELECT key FROM artifacts WHERE kind = 'CHECKPOINT' UNION SELECT checkpoint_key FROM runs WHERE checkpoint_key IS NOT NULL`,
    );
    expect(left).toEqual([]);
  }, 120_000);

  test('a drained worker gives its run back, and that counts as no failure', async () => {
    const { run } = await start(await pipelineOf('mlp', LONG));
    await follow(run.id, ({ event }) => event.__typename === 'MetricPoint');
    const worker = children.at(-1)!;
    worker.kill('SIGTERM');
    const [code] = await once(worker, 'exit');
    expect(code).toBe(0);
    const jobs = await testDatabase.ownerQuery<{ attempts: number }>(
      `SELECT attempts FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
       WHERE t.identifier = 'run.train' AND locked_at IS NULL`,
    );
    expect(jobs).toEqual([{ attempts: 0 }]);
    await wake();
    const events = await follow(run.id);
    expectGapless(events);
    expect(statesOf(events)).toEqual(['QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'SUCCEEDED']);
  }, 60_000);

  const spawnWorker = async (): Promise<void> => {
    children.push(await at.fixture.forkWork());
  };

  const checkpointOf = async (runId: string): Promise<void> => {
    for (let wait = 0; wait < 400; wait++) {
      const rows = await testDatabase.ownerQuery(
        `SELECT FROM runs JOIN artifacts ON key = checkpoint_key AND kind = 'CHECKPOINT' WHERE finished_at IS NULL`,
      );
      if (rows.length > 0) return;
      await new Promise((resume) => setTimeout(resume, 25));
    }
    throw new Error(`Run ${runId} made no checkpoint.`);
  };
});
