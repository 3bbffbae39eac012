// Audit owns the reading of audit events; they are written by `tx.audit` in the transaction of the change they tell of.
// The application role may insert and read them, and neither change nor delete.
export { AuditEvent } from './audit-event.entity';
export { AuditResolver } from './audit.resolver';
export { AuditService } from './audit.service';
export { createAudit } from './audit.feature';
