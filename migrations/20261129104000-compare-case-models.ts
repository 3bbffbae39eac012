import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The runs of the models that a case is compared with, in the order of its definition. */
export class CompareCaseModels1795948800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE case_runs ADD COLUMN comparison_run_ids uuid[]');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE case_runs DROP COLUMN comparison_run_ids');
  }
}
