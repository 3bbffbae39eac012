import type { Feature, Platform } from '../feature';
import { AuditResolver } from './audit.resolver';
import { AuditService } from './audit.service';

export function createAudit({ database }: Platform) {
  const feature: Feature = { resolvers: [new AuditResolver(new AuditService(database))] };
  return { feature };
}
