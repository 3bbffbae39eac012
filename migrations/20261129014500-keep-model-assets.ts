import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files that a model version needs beside its graph, the same in every precision; and versions can be deleted. */
export class KeepModelAssets1795916700000 implements MigrationInterface {
  name = 'KeepModelAssets1795916700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model_assets (
        tenant_id uuid NOT NULL,
        model_version_id uuid NOT NULL,
        -- A relative path. Its bounds stand in src/engine/serving/assets.ts.
        name text NOT NULL CHECK (length(name) <= 100 AND name ~ '^\\w([\\w.-]*\\w)?(/\\w([\\w.-]*\\w)?)*$'),
        media_type text NOT NULL,
        artifact_id uuid NOT NULL,
        byte_count bigint NOT NULL,
        sha256 bytea NOT NULL,
        PRIMARY KEY (tenant_id, model_version_id, name),
        FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts
      );
      SELECT protect_tenant_table('model_assets');
      REVOKE UPDATE ON model_assets FROM praxis_app;
      -- The highest number of a version that was deleted: it is not given again.
      ALTER TABLE models ADD COLUMN deleted_version integer NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE models DROP COLUMN deleted_version; DROP TABLE model_assets');
  }
}
