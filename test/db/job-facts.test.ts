import { Registry } from 'prom-client';
import { z } from 'zod';
import { jobFacts, registerJobMetrics } from '../../src/db';
import { openTestDatabase } from '../support';

const database = openTestDatabase();

test('tells what waits, how long, and what failed, by task and as metrics', async () => {
  const tenant = await database.createTenant();
  const task = { name: 'test.facts', payload: z.object({ tenantId: z.uuid() }) };
  await database.db.inTenant(tenant, (tx) => tx.enqueue(task, { tenantId: tx.tenantId }));
  await database.ownerQuery(`UPDATE graphile_worker._private_jobs SET run_at = now() - interval '1 minute'`);
  await database.ownerQuery(`INSERT INTO job_failures VALUES ('test.facts', 7)`);
  const facts = (await jobFacts(database.db)).find((fact) => fact.task === task.name)!;
  expect(facts).toMatchObject({ waiting: 1, running: 0, failed: 7 });
  expect(facts.oldestAgeSeconds).toBeGreaterThanOrEqual(60);
  const registry = new Registry();
  registerJobMetrics(registry, database.db);
  const text = await registry.metrics();
  expect(text).toContain('praxis_jobs_waiting{task="test.facts"} 1');
  expect(text).toMatch(/praxis_jobs_oldest_age_seconds\{task="test.facts"\} [67]\d/);
  expect(text).toContain('praxis_jobs_failed_total{task="test.facts"} 7');
});
