import { readList, type Database } from '../db';
import type { Page, TenantContext } from '../kernel';
import type { AuditEvent } from './audit-event.entity';
import { auditEventList, type AuditEventListArgs } from './audit.list';

export class AuditService {
  constructor(private readonly database: Database) {}

  list(context: TenantContext, args: AuditEventListArgs): Promise<Page<AuditEvent>> {
    return this.database.list(context, auditEventList, args, { tenant_id: context.tenantId });
  }

  /** Acts on the platform, and of operators on tenants; no tenant's own. */
  listPlatform(args: AuditEventListArgs): Promise<Page<AuditEvent>> {
    return readList((work) => this.database.inSystem('AUDIT_PLATFORM', work), auditEventList, args, {
      tenant_id: null,
    });
  }
}
