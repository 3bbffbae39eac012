import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What models of several targets predict of each. */
export class AddPredictionTargets1795604400000 implements MigrationInterface {
  name = 'AddPredictionTargets1795604400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE predictions ADD COLUMN targets jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE predictions DROP COLUMN targets');
  }
}
