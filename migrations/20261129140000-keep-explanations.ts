import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of a model version that its answers do not need, but explanations of them. */
export class KeepExplanations1795960800000 implements MigrationInterface {
  name = 'KeepExplanations1795960800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE model_assets
        ADD COLUMN purpose text NOT NULL DEFAULT 'SERVING' CHECK (purpose IN ('SERVING', 'EXPLANATION')),
        DROP CONSTRAINT model_assets_pkey,
        ADD PRIMARY KEY (tenant_id, model_version_id, purpose, name)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM model_assets WHERE purpose <> 'SERVING';
      ALTER TABLE model_assets
        DROP CONSTRAINT model_assets_pkey,
        DROP COLUMN purpose,
        ADD PRIMARY KEY (tenant_id, model_version_id, name)`);
  }
}
