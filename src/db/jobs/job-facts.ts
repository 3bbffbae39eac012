import type { Database } from '../database';

/** The queue of one task, over all processes. */
export interface JobFacts {
  task: string;
  /** Due and not running. */
  waiting: number;
  running: number;
  /** How long the first of those that wait has been due; 0 when none waits. */
  oldestAgeSeconds: number;
  /** Attempts that failed by a fault of their own, since the database was made. */
  failed: number;
}

/** What operators may know of the durable queue; nothing of a tenant. */
export const jobFacts = (database: Database): Promise<JobFacts[]> =>
  database.inSystem('CHECK_READINESS', (tx) =>
    tx.query<JobFacts>(
      `SELECT task, waiting, running, oldest_age_seconds AS "oldestAgeSeconds", failed FROM job_facts() ORDER BY task`,
    ),
  );

/** A process that looks for jobs beats its heart every two seconds; one that did not for so long is not counted. */
const LATELY = `interval '6 seconds'`;

/** Work processes that looked for jobs lately. */
export async function countWorkProcesses(database: Database): Promise<number> {
  const [row] = await database.inSystem('CHECK_READINESS', (tx) =>
    tx.query<{ count: number }>(`SELECT count(*)::int AS count FROM work_processes WHERE beat_at > now() - ${LATELY}`),
  );
  return row.count;
}
