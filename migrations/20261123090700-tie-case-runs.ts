import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A dataset version that a case run names cannot go. */
export class TieCaseRuns1795424820000 implements MigrationInterface {
  name = 'TieCaseRuns1795424820000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE case_runs ADD FOREIGN KEY (tenant_id, dataset_version_id) REFERENCES dataset_versions',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE case_runs DROP CONSTRAINT case_runs_tenant_id_dataset_version_id_fkey');
  }
}
