import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Names that lists are sorted by, without regard to case. */
const NAMED = ['api_keys', 'datasets', 'deployments', 'models', 'pipelines', 'pretrained_models', 'runs'];

/** What lists are filtered and sorted by is walked in an index, from either end. */
export class IndexLists1795868100000 implements MigrationInterface {
  name = 'IndexLists1795868100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of NAMED) {
      await runner.query(`CREATE INDEX ${table}_by_name ON ${table} (tenant_id, lower(name) DESC, id)`);
    }
    await runner.query(`
      CREATE INDEX deployments_by_update ON deployments (tenant_id, updated_at DESC, id);
      CREATE INDEX runs_by_state ON runs (tenant_id, state, created_at DESC, id);
      CREATE INDEX runs_by_pipeline_version ON runs (tenant_id, pipeline_version_id, created_at DESC, id);
      CREATE INDEX runs_by_dataset_version ON runs (tenant_id, dataset_version_id, created_at DESC, id);
      CREATE INDEX case_runs_by_time ON case_runs (tenant_id, created_at DESC, id);
      CREATE INDEX audit_events_by_action ON audit_events (tenant_id, action, at DESC, id);
      CREATE INDEX audit_events_by_key ON audit_events (tenant_id, api_key_id, at DESC, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX ${NAMED.map((table) => `${table}_by_name`).join(', ')}, deployments_by_update, runs_by_state,
        runs_by_pipeline_version, runs_by_dataset_version, case_runs_by_time, audit_events_by_action, audit_events_by_key;
    `);
  }
}
