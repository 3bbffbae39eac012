import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a dataset version looks like; kept at ingestion, as reading its file takes more than a query may cost. */
export class KeepFirstRows1795871700000 implements MigrationInterface {
  name = 'KeepFirstRows1795871700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Lists of values in the order of the columns. The text as it was written: jsonb would spell numbers out, 1e300 with
      -- 301 digits. Null in versions that were made before.
      ALTER TABLE dataset_versions ADD COLUMN first_rows json`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE dataset_versions DROP COLUMN first_rows');
  }
}
