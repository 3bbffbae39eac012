import type { LineageKinds } from '../lineage';

/** Cases belong to all tenants, their runs to one. A run that is on its way has a file before it has a version. */
export const caseLineage: LineageKinds = {
  Case: { labels: 'SELECT id, slug AS label, created_at FROM cases' },
  CaseRun: {
    labels: `SELECT r.id, c.slug || ' (' || lower(r.state) || ')' AS label, r.created_at
      FROM case_runs r JOIN cases c ON c.id = r.case_id`,
    madeFrom: {
      DatasetVersion: 'SELECT id, created_at FROM case_runs WHERE dataset_version_id = ANY($1)',
      Upload: "SELECT id, created_at FROM case_runs WHERE state = 'RUNNING' AND upload_id = ANY($1)",
    },
  },
};
