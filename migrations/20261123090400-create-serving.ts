import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deployments, predictions, and the case library. */
export class CreateServing1795424640000 implements MigrationInterface {
  name = 'CreateServing1795424640000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE deployments (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
        state text NOT NULL CHECK (state IN ('READY', 'RETIRED')),
        model_version_id uuid NOT NULL,
        revision integer NOT NULL DEFAULT 1,
        -- Share of predictions that is recorded, 0 to 1.
        record_fraction real NOT NULL DEFAULT 1 CHECK (record_fraction BETWEEN 0 AND 1),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions
      );
      CREATE UNIQUE INDEX deployments_name ON deployments (tenant_id, name) WHERE state <> 'RETIRED';
      CREATE INDEX deployments_list ON deployments (tenant_id, created_at DESC, id);
      SELECT protect_tenant_table('deployments');

      CREATE TABLE predictions (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        deployment_id uuid NOT NULL,
        model_version_id uuid NOT NULL,
        input jsonb NOT NULL,
        value text NOT NULL,
        scores jsonb,
        latency_ms real NOT NULL,
        request_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX predictions_list ON predictions (tenant_id, deployment_id, created_at DESC, id);
      SELECT protect_tenant_table('predictions');

      -- The case library belongs to the platform: every tenant reads it, only seeds write it.
      CREATE TABLE cases (
        id uuid PRIMARY KEY,
        slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
        industry text NOT NULL,
        -- {en: {...}, zh: {...}}: the document in both languages.
        document jsonb NOT NULL,
        -- Generator, pipeline and expected metrics: what runCase executes.
        definition jsonb NOT NULL,
        content_hash bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      GRANT SELECT ON cases TO praxis_app, praxis_system;
      GRANT INSERT, UPDATE ON cases TO praxis_system;

      CREATE TABLE case_runs (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        id uuid NOT NULL,
        case_id uuid NOT NULL REFERENCES cases,
        case_hash bytea NOT NULL,
        state text NOT NULL CHECK (state IN ('RUNNING', 'SUCCEEDED', 'FAILED')),
        seed integer NOT NULL,
        upload_id uuid,
        dataset_version_id uuid,
        run_id uuid,
        deployment_id uuid,
        prediction_id uuid,
        -- [{metric, expected, tolerance, actual, met}]
        checks jsonb NOT NULL DEFAULT '[]',
        met boolean,
        error jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, run_id) REFERENCES runs
      );
      CREATE INDEX case_runs_list ON case_runs (tenant_id, case_id, created_at DESC, id);
      SELECT protect_tenant_table('case_runs');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE case_runs, cases, predictions, deployments CASCADE;');
  }
}
