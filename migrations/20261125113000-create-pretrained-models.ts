import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Networks that were trained elsewhere and uploaded, and the runs that go on from them. */
export class CreatePretrainedModels1795606200000 implements MigrationInterface {
  name = 'CreatePretrainedModels1795606200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pretrained_models (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        -- Of the address that takes its files.
        token_hash bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        -- Both are null until a file has come in that can be read.
        artifact_id uuid,
        card jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts,
        CHECK ((artifact_id IS NULL) = (card IS NULL))
      );
      CREATE INDEX pretrained_models_list ON pretrained_models (tenant_id, created_at DESC, id);
      SELECT protect_tenant_table('pretrained_models');

      ALTER TABLE runs ADD COLUMN pretrained_model_id uuid,
        ADD FOREIGN KEY (tenant_id, pretrained_model_id) REFERENCES pretrained_models`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runs DROP COLUMN pretrained_model_id; DROP TABLE pretrained_models;');
  }
}
