import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Roles, tenancy, keys, audit, the door to the queue.
 *
 * praxis_app is the role of every request and job: it owns nothing and cannot bypass row-level security.
 * praxis_system is the second door (`inSystem`): it sees only the tables that grant it a policy here.
 */
export class CreatePlatform1795424400000 implements MigrationInterface {
  name = 'CreatePlatform1795424400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT nullif(current_setting('praxis.tenant_id', true), '')::uuid $$;

      -- One rule for every tenant table: forced policy on tenant_id, rights for the application role.
      CREATE FUNCTION protect_tenant_table(name regclass) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant_isolation ON %s USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO praxis_app', name);
      END $$;

      CREATE TABLE tenants (
        id uuid PRIMARY KEY,
        slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
        name text NOT NULL,
        plan text NOT NULL CHECK (plan IN ('TRIAL', 'STANDARD', 'ENTERPRISE')),
        admin_email text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
      ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant_isolation ON tenants USING (id = current_tenant()) WITH CHECK (id = current_tenant());
      CREATE POLICY system_door ON tenants TO praxis_system USING (true) WITH CHECK (true);
      GRANT SELECT, UPDATE ON tenants TO praxis_app;
      GRANT SELECT, INSERT, UPDATE ON tenants TO praxis_system;

      -- tenant_id is null for the platform's operators only.
      CREATE TABLE api_keys (
        id uuid PRIMARY KEY,
        tenant_id uuid REFERENCES tenants ON DELETE CASCADE,
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('OPERATOR', 'OWNER', 'ADMIN', 'DEVELOPER', 'PREDICTOR', 'VIEWER')),
        prefix text NOT NULL,
        secret_hash bytea NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        CHECK ((tenant_id IS NULL) = (role = 'OPERATOR'))
      );
      CREATE INDEX api_keys_tenant ON api_keys (tenant_id, created_at DESC, id);
      SELECT protect_tenant_table('api_keys');
      CREATE POLICY system_door ON api_keys TO praxis_system USING (true) WITH CHECK (true);
      GRANT SELECT, INSERT, UPDATE ON api_keys TO praxis_system;

      -- Who did what; written with the change it tells of. tenant_id is null for acts on the platform.
      CREATE TABLE audit_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant_id uuid REFERENCES tenants ON DELETE CASCADE,
        at timestamptz NOT NULL DEFAULT now(),
        api_key_id uuid,
        request_id text NOT NULL,
        action text NOT NULL,
        subject_id uuid,
        detail jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX audit_events_tenant ON audit_events (tenant_id, at DESC);
      SELECT protect_tenant_table('audit_events');
      REVOKE UPDATE, DELETE ON audit_events FROM praxis_app;
      CREATE POLICY system_door ON audit_events TO praxis_system USING (true) WITH CHECK (true);
      GRANT SELECT, INSERT ON audit_events TO praxis_system;

      -- The answer of a mutation that starts work, kept under the caller's key so that a retry does not start it twice.
      CREATE TABLE idempotency_keys (
        tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
        operation text NOT NULL,
        key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
        request_hash bytea NOT NULL,
        subject_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, operation, key)
      );
      SELECT protect_tenant_table('idempotency_keys');

      -- Heartbeats of work processes; platform table, no tenant data.
      CREATE TABLE work_processes (
        id text PRIMARY KEY,
        host text NOT NULL,
        pid integer NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        beat_at timestamptz NOT NULL DEFAULT now()
      );
      GRANT SELECT, INSERT, UPDATE, DELETE ON work_processes TO praxis_system;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE work_processes, idempotency_keys, audit_events, api_keys, tenants;
      DROP FUNCTION protect_tenant_table(regclass);
      DROP FUNCTION current_tenant();
    `);
  }
}
