import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Datasets, their uploads and immutable versions. */
export class CreateDatasets1795424520000 implements MigrationInterface {
  name = 'CreateDatasets1795424520000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE datasets (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        format text NOT NULL CHECK (format IN ('CSV', 'PARQUET', 'JSONL')),
        current_version_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX datasets_list ON datasets (tenant_id, created_at DESC, id);
      SELECT protect_tenant_table('datasets');

      -- One upload address: a token that lets one PUT in, then the state of its ingestion.
      CREATE TABLE uploads (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        dataset_id uuid NOT NULL,
        token_hash bytea NOT NULL,
        state text NOT NULL CHECK (state IN ('WAITING', 'RECEIVING', 'INGESTING', 'READY', 'REFUSED')),
        expires_at timestamptz NOT NULL,
        artifact_id uuid,
        version_id uuid,
        findings jsonb NOT NULL DEFAULT '[]',
        -- {task, payload}: a durable job enqueued in the transaction that ends the ingestion.
        continuation jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts
      );
      CREATE INDEX uploads_dataset ON uploads (tenant_id, dataset_id, created_at DESC);
      SELECT protect_tenant_table('uploads');

      CREATE TABLE dataset_versions (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        dataset_id uuid NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        parent_id uuid,
        content_hash bytea NOT NULL,
        row_count bigint NOT NULL,
        byte_count bigint NOT NULL,
        columns jsonb NOT NULL,
        findings jsonb NOT NULL,
        artifact_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, dataset_id, version),
        FOREIGN KEY (tenant_id, dataset_id) REFERENCES datasets ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, parent_id) REFERENCES dataset_versions,
        FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts
      );
      SELECT protect_tenant_table('dataset_versions');
      REVOKE UPDATE ON dataset_versions FROM praxis_app;
      ALTER TABLE datasets ADD FOREIGN KEY (tenant_id, current_version_id) REFERENCES dataset_versions;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE datasets, uploads, dataset_versions CASCADE;');
  }
}
