import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The owner of the tables may be held by the policies itself; to move rows of all tenants they are lifted for it. */
const withoutPolicies = (tables: string[], sql: string): string => `
  ${tables.map((table) => `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY;`).join('\n  ')}
  ${sql}
  ${tables.map((table) => `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;`).join('\n  ')}`;

const TABLES = ['model_versions', 'artifacts', 'model_variants'];

/** A model version is one or more files, one for each precision of its weights; a deployment names one of them. */
export class CreateModelVariants1795605600000 implements MigrationInterface {
  name = 'CreateModelVariants1795605600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model_variants (
        tenant_id uuid NOT NULL,
        model_version_id uuid NOT NULL,
        precision text NOT NULL CHECK (precision IN ('float32', 'float16', 'int8')),
        artifact_id uuid NOT NULL,
        byte_count bigint NOT NULL,
        -- {metrics: [{name, value, change}], difference: {largest, mean}, latency: {rowMs, batchRows, batchMs}};
        -- null where nothing was measured.
        figures jsonb,
        PRIMARY KEY (tenant_id, model_version_id, precision),
        FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts
      );
      SELECT protect_tenant_table('model_variants');
      REVOKE UPDATE ON model_variants FROM praxis_app;
      ${withoutPolicies(
        TABLES,
        `INSERT INTO model_variants
         SELECT v.tenant_id, v.id, 'float32', a.id, a.byte_count FROM model_versions v
         JOIN artifacts a ON (a.tenant_id, a.id) = (v.tenant_id, v.artifact_id);`,
      )}
      ALTER TABLE model_versions DROP COLUMN artifact_id;
      ALTER TABLE deployments ADD COLUMN precision text NOT NULL DEFAULT 'float32',
        DROP CONSTRAINT deployments_tenant_id_model_version_id_fkey,
        ADD FOREIGN KEY (tenant_id, model_version_id, precision) REFERENCES model_variants;
      ALTER TABLE predictions ADD COLUMN precision text NOT NULL DEFAULT 'float32';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE predictions DROP COLUMN precision;
      ALTER TABLE deployments DROP COLUMN precision,
        ADD FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_versions;
      ALTER TABLE model_versions ADD COLUMN artifact_id uuid;
      ${withoutPolicies(
        TABLES,
        `UPDATE model_versions v SET artifact_id = f.artifact_id FROM model_variants f
         WHERE (f.tenant_id, f.model_version_id, f.precision) = (v.tenant_id, v.id, 'float32');`,
      )}
      ALTER TABLE model_versions ALTER COLUMN artifact_id SET NOT NULL,
        ADD FOREIGN KEY (tenant_id, artifact_id) REFERENCES artifacts;
      DROP TABLE model_variants;`);
  }
}
