import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a client names to train a run on. */
export class AskForExecutor1795606800000 implements MigrationInterface {
  name = 'AskForExecutor1795606800000';

  async up(runner: QueryRunner): Promise<void> {
    // {executor, provider}; null: what the server is set to.
    await runner.query('ALTER TABLE runs ADD COLUMN executor_wish jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN executor_wish');
  }
}
