import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs carry a name and tags that clients give them. */
export class NameRuns1795867800000 implements MigrationInterface {
  name = 'NameRuns1795867800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE runs
        ADD COLUMN name text NOT NULL DEFAULT '' CHECK (length(name) <= 200),
        ADD COLUMN tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 20);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN name, DROP COLUMN tags;');
  }
}
