import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { AnotherTurn, jobFacts, JobRunner, type EnqueueOptions, type JobRun, type Task } from '../../src/db';
import { newId, PraxisError, type TenantContext } from '../../src/kernel';
import { openTestDatabase, testLog } from '../support';

interface Payload {
  tenantId: string;
  value: string;
}

const payload = z.object({ tenantId: z.uuid(), value: z.string() });
const database = openTestDatabase();
let tenant: TenantContext;

beforeAll(async () => {
  tenant = await database.createTenant();
});

/** A task that hands every run to the test. */
function observedTask(name: string, run: (value: string, job: JobRun) => Promise<void> | void) {
  const seen: string[] = [];
  const gaveUp: string[] = [];
  const task: Task<Payload> = {
    name,
    payload,
    run: async ({ value }, job) => {
      seen.push(`${value} ${job.attempt}/${job.attemptsMax}`);
      await run(value, job);
    },
    exhausted: async ({ value }, error) => void gaveUp.push(`${value}: ${error.message}`),
  };
  return { task, seen, gaveUp };
}

/** So quick to take others for dead that a test need not wait for it long. */
const HASTY = { beatMs: 100, deadAfterMs: 600 };

function openRunner(beats: Partial<typeof HASTY> = HASTY): JobRunner {
  const runner = new JobRunner({ url: database.url, log: testLog, ...beats });
  database.defer(() => runner.drain(2_000).catch(() => undefined));
  return runner;
}

const enqueue = (task: Task<Payload>, value: string, o?: EnqueueOptions, context = tenant) =>
  database.db.inTenant(context, (tx) => tx.enqueue(task, { tenantId: tx.tenantId, value }, o));

const jobs = (name: string) =>
  database.ownerQuery<{ attempts: number; locked: boolean; payload: Payload }>(
    `SELECT attempts, locked_by IS NOT NULL AS locked, payload FROM graphile_worker._private_jobs
     WHERE task_id = (SELECT id FROM graphile_worker._private_tasks WHERE identifier = $1) ORDER BY id`,
    [name],
  );

const failures = async (name: string) => (await jobFacts(database.db)).find(({ task }) => task === name)?.failed ?? 0;

/** Makes the jobs that wait out their backoff due now. */
const skipBackoff = () =>
  database.ownerQuery(`WITH due AS (UPDATE graphile_worker._private_jobs SET run_at = now() WHERE locked_by IS NULL)
    SELECT pg_notify('jobs:insert', '{"count": 1}')`);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('enqueue', () => {
  const { task } = observedTask('test.enqueue', () => undefined);

  test('a job exists once its transaction commits, and not when it rolls back', async () => {
    await enqueue(task, 'kept');
    const aborted = database.db.inTenant(tenant, async (tx) => {
      await tx.enqueue(task, { tenantId: tx.tenantId, value: 'dropped' });
      throw new Error('aborted');
    });
    await expect(aborted).rejects.toThrow('aborted');
    expect((await jobs(task.name)).map((job) => job.payload.value)).toEqual(['kept']);
  });

  test('a payload of another tenant is refused, in TypeScript and in SQL', async () => {
    const other = await database.createTenant('Other');
    const before = await jobs(task.name);
    const foreign = { tenantId: tenant.tenantId, value: 'foreign' };
    await expect(database.db.inTenant(other, (tx) => tx.enqueue(task, foreign))).rejects.toThrow(/another tenant/);
    const bare = (payload: unknown) =>
      database.db.inTenant(other, (tx) =>
        tx.query('SELECT enqueue_job($1, $2, NULL, NULL, 5)', [task.name, JSON.stringify(payload)]),
      );
    for (const payload of [foreign, {}, [], { tenantId: null }])
      await expect(bare(payload)).rejects.toThrow(/another tenant/);
    expect(await jobs(task.name)).toEqual(before);
  });

  test('the application role reaches the queue in no other way', async () => {
    const attempt = (sql: string) => expect(database.db.inTenant(tenant, (tx) => tx.query(sql))).rejects;
    await attempt(`SELECT graphile_worker.add_job('test.enqueue', '{}')`).toThrow(/permission denied/);
    await attempt('SELECT * FROM graphile_worker._private_jobs').toThrow(/permission denied/);
    const asSystem = database.db.inSystem('LIST_TENANTS', (tx) =>
      tx.query(`SELECT enqueue_job('test.enqueue', '{}', NULL, NULL, 5)`),
    );
    await expect(asSystem).rejects.toThrow(/permission denied/);
  });

  test('a payload that does not fit the task is refused', async () => {
    const wrong = { tenantId: tenant.tenantId, value: 7 as unknown as string };
    await expect(database.db.inTenant(tenant, (tx) => tx.enqueue(task, wrong))).rejects.toThrow(/expected string/);
  });

  test('a job key replaces the waiting job of its tenant, never that of another', async () => {
    const keyed = observedTask('test.key', () => undefined).task;
    const other = await database.createTenant('Keyed');
    await enqueue(keyed, 'old', { jobKey: 'one' });
    await enqueue(keyed, 'foreign', { jobKey: 'one' }, other);
    await enqueue(keyed, 'new', { jobKey: 'one' });
    expect((await jobs(keyed.name)).map((job) => job.payload.value).sort()).toEqual(['foreign', 'new']);
  });
});

describe('a runner', () => {
  test('runs jobs with their attempt, and takes them out of the queue', async () => {
    const { task, seen } = observedTask('test.run', () => undefined);
    const runner = openRunner();
    await runner.start([task], { concurrency: 2 });
    await enqueue(task, 'a');
    await until(() => seen.length === 1);
    await runner.drain(2_000);
    expect(seen).toEqual(['a 1/5']);
    expect(await jobs(task.name)).toEqual([]);
    expect(await database.ownerQuery('SELECT id FROM work_processes')).toEqual([]);
  });

  test('tries a failed job again, then tells the task that it gave up', async () => {
    const { task, seen, gaveUp } = observedTask('test.fail', () => Promise.reject(new Error('too hot')));
    const runner = openRunner();
    await runner.start([task], { concurrency: 1 });
    await enqueue(task, 'f', { maxAttempts: 2 });
    await until(async () => (await jobs(task.name))[0]?.locked === false && seen.length === 1);
    expect(gaveUp).toEqual([]);
    await skipBackoff();
    await until(() => gaveUp.length === 1);
    await runner.drain(2_000);
    expect(seen).toEqual(['f 1/2', 'f 2/2']);
    expect(gaveUp).toEqual(['f: too hot']);
    expect(await jobs(task.name)).toEqual([]);
  });

  test('runs the jobs of one queue one after the other', async () => {
    let running = 0;
    let most = 0;
    const { task, seen } = observedTask('test.queue', async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
    });
    const runner = openRunner();
    await runner.start([task], { concurrency: 3 });
    await Promise.all(['a', 'b', 'c', 'd'].map((value) => enqueue(task, value, { queueName: 'serial' })));
    await until(async () => seen.length === 4 && (await jobs(task.name)).length === 0);
    await runner.drain(2_000);
    expect(most).toBe(1);
  });

  test('drains: a job that stops for the signal is run again without losing an attempt', async () => {
    const { task, seen, gaveUp } = observedTask('test.drain', (_value, { signal, attempt }) =>
      seen.length > 1
        ? undefined
        : new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new Error(`stop ${attempt}`))),
          ),
    );
    const first = openRunner();
    await first.start([task], { concurrency: 1 });
    await enqueue(task, 'd', { maxAttempts: 1 });
    await until(() => seen.length === 1);
    await first.drain(5_000);
    expect(await jobs(task.name)).toMatchObject([{ attempts: 0, locked: false }]);
    const second = openRunner();
    await second.start([task], { concurrency: 1 });
    await until(() => seen.length === 2);
    await second.drain(5_000);
    expect(seen).toEqual(['d 1/1', 'd 1/1']);
    expect(gaveUp).toEqual([]);
  });

  test('drains in time though a job does not stop, which then goes back to the queue', async () => {
    let letGo = () => {};
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    const { task, seen } = observedTask('test.stuck', () => stuck);
    const runner = openRunner();
    await runner.start([task], { concurrency: 1 });
    await enqueue(task, 's');
    await until(() => seen.length === 1);
    await runner.drain(100);
    expect(await jobs(task.name)).toMatchObject([{ attempts: 0, locked: false }]);
    letGo();
    await database.ownerQuery('SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker._private_jobs');
  });

  test('takes over the job of a process that was killed', async () => {
    const { task, seen } = observedTask('test.kill', () => undefined);
    const register = join(process.cwd(), 'register.cjs');
    const args = ['-r', register, join(__dirname, 'hanging-worker.ts'), database.url];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk));
    await until(() => output.includes('ready'));
    await database.db.inTenant(tenant, (tx) => tx.enqueue(task, { tenantId: tenant.tenantId, value: 'k' }));
    await until(() => output.includes('claimed'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await jobs(task.name)).toMatchObject([{ attempts: 1, locked: true }]);
    const runner = openRunner();
    await runner.start([task], { concurrency: 1 });
    await until(() => seen.length === 1);
    await runner.drain(2_000);
    expect(seen).toEqual(['k 2/5']);
    expect(await database.ownerQuery('SELECT id FROM work_processes')).toEqual([]);
  });

  test('a job whose process died during the last attempt gives up instead of staying silent', async () => {
    const { task, seen, gaveUp } = observedTask('test.last', () => undefined);
    await enqueue(task, 'l', { maxAttempts: 1 });
    await database.ownerQuery(`UPDATE graphile_worker._private_jobs
      SET attempts = 1, locked_by = 'pool-gone', locked_at = now() - interval '1 minute'
      WHERE task_id = (SELECT id FROM graphile_worker._private_tasks WHERE identifier = 'test.last')`);
    const runner = openRunner();
    await runner.start([task], { concurrency: 1 });
    await until(() => gaveUp.length === 1);
    await runner.drain(2_000);
    expect(seen).toEqual([]);
    expect(gaveUp).toEqual(['l: The work process ended during the last attempt.']);
  });

  test('a process taken for dead interrupts its jobs and comes back', async () => {
    const { task, seen } = observedTask('test.lost', (_value, { signal }) =>
      seen.length > 1
        ? undefined
        : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    const runner = openRunner();
    await runner.start([task], { concurrency: 1 });
    await enqueue(task, 'z');
    await until(() => seen.length === 1);
    await database.ownerQuery(`WITH gone AS (DELETE FROM work_processes RETURNING id)
      SELECT graphile_worker.force_unlock_workers(array_agg(id)) FROM gone`);
    await until(async () => (await database.ownerQuery('SELECT id FROM work_processes')).length === 1);
    await skipBackoff();
    await until(() => seen.length === 2);
    await runner.drain(2_000);
    expect(seen[1]).toBe('z 2/5');
  });

  test('many runners share the jobs, and each job runs once', async () => {
    const { task, seen } = observedTask('test.share', () => undefined);
    // None of them is taken for dead when it stands still for a moment, and its jobs run again.
    const runners = [openRunner({}), openRunner({}), openRunner({})];
    await Promise.all(runners.map((runner) => runner.start([task], { concurrency: 2 })));
    const values = Array.from({ length: 40 }, () => newId());
    await Promise.all(values.map((value) => enqueue(task, value)));
    await until(async () => (await jobs(task.name)).length === 0);
    await Promise.all(runners.map((runner) => runner.drain(2_000)));
    expect(seen.sort()).toEqual(values.map((value) => `${value} 1/5`).sort());
  });

  test('puts a job off while something is away or full, at no cost of attempts, and tells how often', async () => {
    const faults = [
      Object.assign(new Error('terminating connection'), { code: '57P01' }),
      new PraxisError('UNAVAILABLE', 'The object storage does not answer; try again later.'),
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    ];
    const seenBefore: number[] = [];
    const { task, seen, gaveUp } = observedTask('test.away', (_value, { putOff }) => {
      seenBefore.push(putOff);
      const fault = faults.shift();
      if (fault) throw fault;
    });
    const runner = openRunner();
    await runner.start([task], { concurrency: 1 });
    await enqueue(task, 'w', { maxAttempts: 1 });
    for (let runs = 1; runs < 4; runs++) {
      await until(async () => seen.length === runs && (await jobs(task.name))[0]?.locked === false);
      await skipBackoff();
    }
    await until(async () => (await jobs(task.name)).length === 0);
    await runner.drain(2_000);
    expect(seen).toEqual(['w 1/1', 'w 1/1', 'w 1/1', 'w 1/1']);
    expect(seenBefore).toEqual([0, 1, 2, 3]);
    expect(gaveUp).toEqual([]);
    expect(await failures(task.name)).toBe(0);
  });

  test('an attempt that got on lets earlier ones count no more', async () => {
    const { task, seen, gaveUp } = observedTask('test.progress', async (_value, job) => {
      await job.progressed();
      if (seen.length < 4) throw new Error('again');
    });
    const runner = openRunner();
    await runner.start([task], { concurrency: 1 });
    await enqueue(task, 'p', { maxAttempts: 2 });
    for (let runs = 1; runs < 4; runs++) {
      await until(async () => seen.length === runs && (await jobs(task.name))[0]?.locked === false);
      await skipBackoff();
    }
    await until(async () => (await jobs(task.name)).length === 0);
    await runner.drain(2_000);
    expect(seen).toEqual(['p 1/2', 'p 2/2', 'p 2/2', 'p 2/2']);
    expect(gaveUp).toEqual([]);
    expect(await failures(task.name)).toBe(3);
  });

  test('ends when the queue can no longer be read, and its heart with it', async () => {
    const runner = openRunner();
    const { stopped } = await runner.start([], { concurrency: 1 });
    const beats = () => database.ownerQuery<{ beat_at: Date }>('SELECT beat_at FROM work_processes');
    expect(await beats()).toHaveLength(1);
    await database.ownerQuery('ALTER TABLE graphile_worker._private_jobs RENAME TO lost_jobs');
    expect((await stopped)?.message).toMatch(/_private_jobs/);
    const last = await beats();
    await new Promise((resolve) => setTimeout(resolve, 3 * HASTY.beatMs));
    expect(await beats()).toEqual(last);
    await database.ownerQuery('ALTER TABLE graphile_worker.lost_jobs RENAME TO _private_jobs');
    await runner.drain(2_000);
    expect(await stopped).toBeInstanceOf(Error);
  });

  test('goes on with its jobs when all connections of the queue are cut', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const { task, seen } = observedTask('test.cut', (value) => (value === 'held' ? held : undefined));
    const runner = openRunner({});
    await runner.start([task], { concurrency: 2 });
    await enqueue(task, 'held');
    await until(() => seen.length === 1);
    await database.ownerQuery(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await until(() =>
      enqueue(task, 'next').then(
        () => true,
        () => false,
      ),
    );
    await until(() => seen.length === 2);
    letGo();
    await until(async () => (await jobs(task.name)).length === 0);
    await runner.drain(2_000);
    expect(seen).toEqual(['held 1/5', 'next 1/5']);
  });

  test('one tenant with a backlog leaves a slot of the lane to others, and asks for way where it has none', async () => {
    const other = await database.createTenant('Other');
    const calls: string[] = [];
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const { task, seen } = observedTask('test.lane', async (value, { makeWay }) => {
      if (value === 'other') return;
      const asked = new Promise<'asked'>((resolve) => makeWay.addEventListener('abort', () => resolve('asked')));
      if ((await Promise.race([held, asked])) !== 'asked') return;
      calls.push(value);
      throw new AnotherTurn();
    });
    const shared = { ...task, lane: 'shared' };
    const runner = openRunner();
    await runner.start([shared], { concurrency: 1, lanes: { shared: { slots: 1, perTenant: 1 } } });
    await enqueue(shared, 'first');
    await until(() => seen.length === 1);
    await enqueue(shared, 'second');
    await enqueue(shared, 'other', undefined, other);
    await until(() => seen.length === 3);
    letGo();
    await until(async () => (await jobs(task.name)).length === 0);
    await runner.drain(2_000);
    expect(calls).toEqual(['first']);
    // The one that made way keeps its place before the second, and its attempt.
    expect(seen).toEqual(['first 1/5', 'other 1/5', 'first 1/5', 'second 1/5']);
  });

  test('a job that is added again while it runs replaces that one, whose failure is not tried again', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const { task, seen } = observedTask('test.replace', async (value) => {
      if (value !== 'old') return;
      await held;
      throw new Error('too late');
    });
    const runner = openRunner();
    await runner.start([task], { concurrency: 2 });
    await enqueue(task, 'old', { jobKey: 'one' });
    await until(() => seen.length === 1);
    await enqueue(task, 'new', { jobKey: 'one' });
    await until(() => seen.length === 2);
    letGo();
    await until(async () => (await jobs(task.name)).length === 0);
    await runner.drain(2_000);
    expect(seen).toEqual(['old 1/5', 'new 1/5']);
  });
});
