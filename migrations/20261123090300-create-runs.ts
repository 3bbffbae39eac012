import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pipelines, runs, models. */
export class CreateRuns1795424580000 implements MigrationInterface {
  name = 'CreateRuns1795424580000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pipelines (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        current_version_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX pipelines_list ON pipelines (tenant_id, created_at DESC, id);
      SELECT protect_tenant_table('pipelines');

      CREATE TABLE pipeline_versions (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        pipeline_id uuid NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        steps jsonb NOT NULL,
        edges jsonb NOT NULL,
        content_hash bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, pipeline_id, version),
        FOREIGN KEY (tenant_id, pipeline_id) REFERENCES pipelines ON DELETE CASCADE
      );
      SELECT protect_tenant_table('pipeline_versions');
      REVOKE UPDATE ON pipeline_versions FROM praxis_app;
      ALTER TABLE pipelines ADD FOREIGN KEY (tenant_id, current_version_id) REFERENCES pipeline_versions;

      CREATE TABLE runs (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        pipeline_version_id uuid NOT NULL,
        dataset_version_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        seed integer NOT NULL,
        progress real NOT NULL DEFAULT 0,
        cancel_requested boolean NOT NULL DEFAULT false,
        attempt integer NOT NULL DEFAULT 0,
        -- Last engine event that is stored; a resumed run skips up to it.
        last_ordinal bigint NOT NULL DEFAULT 0,
        checkpoint_key text,
        -- {task, payload}: a durable job enqueued in the transaction that ends the run.
        continuation jsonb,
        error jsonb,
        evaluation jsonb,
        leaderboard jsonb,
        split_counts jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, pipeline_version_id) REFERENCES pipeline_versions,
        FOREIGN KEY (tenant_id, dataset_version_id) REFERENCES dataset_versions
      );
      CREATE INDEX runs_list ON runs (tenant_id, created_at DESC, id);
      SELECT protect_tenant_table('runs');

      CREATE TABLE models (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        pipeline_id uuid NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, pipeline_id),
        FOREIGN KEY (tenant_id, pipeline_id) REFERENCES pipelines ON DELETE CASCADE
      );
      CREATE INDEX models_list ON models (tenant_id, created_at DESC, id);
      SELECT protect_tenant_table('models');

      CREATE TABLE model_versions (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        model_id uuid NOT NULL,
        run_id uuid NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        artifact_id uuid NOT NULL,
        card jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, model_id, version),
        UNIQUE (tenant_id, run_id),
        FOREIGN KEY (tenant_id, model_id) REFERENCES models ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, run_id) REFERENCES runs,
        FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts
      );
      SELECT protect_tenant_table('model_versions');
      REVOKE UPDATE ON model_versions FROM praxis_app;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE model_versions, models, runs, pipeline_versions, pipelines CASCADE;');
  }
}
