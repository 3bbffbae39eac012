import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a deployment does with input that its model has not seen in training. */
export class AddUnusualInputPolicy1795870500000 implements MigrationInterface {
  name = 'AddUnusualInputPolicy1795870500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployments ADD COLUMN on_unusual_input text NOT NULL DEFAULT 'NOTE'
        CHECK (on_unusual_input IN ('ANSWER', 'NOTE', 'REFUSE'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deployments DROP COLUMN on_unusual_input');
  }
}
