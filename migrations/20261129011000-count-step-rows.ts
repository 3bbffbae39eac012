import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many rows each step of a run left. */
export class CountStepRows1795914600000 implements MigrationInterface {
  name = 'CountStepRows1795914600000';

  async up(runner: QueryRunner): Promise<void> {
    // [{stepId, parts, rowsIn, rowsOut}]
    await runner.query('ALTER TABLE runs ADD COLUMN step_rows jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN step_rows');
  }
}
