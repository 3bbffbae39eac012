import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Acts of operators on a tenant stand twice: in the tenant's audit and in the platform's, which outlives the tenant. The
 * platform's door reads its own events only, never a tenant's.
 */
export class KeepPlatformAudit1795867200000 implements MigrationInterface {
  name = 'KeepPlatformAudit1795867200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY;
      INSERT INTO audit_events (tenant_id, at, api_key_id, request_id, action, subject_id, detail)
        SELECT NULL, at, api_key_id, request_id, action, subject_id, detail FROM audit_events
        WHERE tenant_id IS NOT NULL AND action IN ('tenant.onboard', 'tenant.onboardAgain') ORDER BY at, id;
      ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
      ALTER POLICY system_door ON audit_events USING (tenant_id IS NULL);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER POLICY system_door ON audit_events USING (true);
      ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY;
      DELETE FROM audit_events WHERE tenant_id IS NULL AND action LIKE 'tenant.%';
      ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
    `);
  }
}
