import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a run was trained on. */
export class AddRunExecutor1795424760000 implements MigrationInterface {
  name = 'AddRunExecutor1795424760000';

  async up(runner: QueryRunner): Promise<void> {
    // {provider, reason, threads}
    await runner.query('ALTER TABLE runs ADD COLUMN executor jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN executor');
  }
}
