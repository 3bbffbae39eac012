import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the platform may know of the durable queue: numbers by task, never a tenant's payload. */
export class TellOfJobs1795869900000 implements MigrationInterface {
  name = 'TellOfJobs1795869900000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Where the process id counts, so that a neighbour knows at once that it is gone.
      ALTER TABLE work_processes ADD COLUMN machine text;

      -- Attempts that failed by a fault of their own, over all processes and time.
      CREATE TABLE job_failures (
        task text PRIMARY KEY,
        count bigint NOT NULL
      );

      -- Waiting: due and not running. The age is that of the job that has been due longest.
      CREATE FUNCTION job_facts()
        RETURNS TABLE (task text, waiting bigint, running bigint, oldest_age_seconds double precision, failed bigint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT known.identifier,
          count(job.id) FILTER (WHERE job.locked_at IS NULL AND job.run_at <= now()),
          count(job.id) FILTER (WHERE job.locked_at IS NOT NULL),
          coalesce(extract(epoch FROM now() - min(job.run_at)
            FILTER (WHERE job.locked_at IS NULL AND job.run_at <= now())), 0)::double precision,
          coalesce((SELECT failures.count FROM public.job_failures AS failures
            WHERE failures.task = known.identifier), 0)
        FROM graphile_worker._private_tasks AS known
        LEFT JOIN graphile_worker._private_jobs AS job ON job.task_id = known.id
        GROUP BY known.identifier
      $$;
      REVOKE ALL ON FUNCTION job_facts() FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION job_facts() TO praxis_system;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION job_facts();
      DROP TABLE job_failures;
      ALTER TABLE work_processes DROP COLUMN machine;
    `);
  }
}
