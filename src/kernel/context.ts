/**
 * Who acts. OPERATOR is a role of the platform (onboards tenants, sees no tenant data);
 * the others live inside one tenant, from most to least powerful.
 */
export const ROLES = ['OPERATOR', 'OWNER', 'ADMIN', 'DEVELOPER', 'PREDICTOR', 'VIEWER'] as const;
export type Role = (typeof ROLES)[number];

/** A caller inside a tenant. Services take this; `inTenant` needs it. */
export interface TenantContext {
  readonly tenantId: string;
  readonly role: Exclude<Role, 'OPERATOR'>;
  /** The api key used, or null for work done on behalf of the tenant by a durable job. */
  readonly apiKeyId: string | null;
  readonly requestId: string;
  /** Asked before a transaction commits: throws where the caller may no longer act. */
  readonly refuseEnded?: () => void;
}

/** A platform operator. Holds no tenant, so it cannot be passed to `inTenant`. */
export interface OperatorContext {
  readonly role: 'OPERATOR';
  /** The api key used, or null for work that the platform does by itself. */
  readonly apiKeyId: string | null;
  readonly requestId: string;
}

/** The context of a durable job that acts for a tenant. */
export function jobContext(tenantId: string, requestId: string): TenantContext {
  return { tenantId, role: 'DEVELOPER', apiKeyId: null, requestId };
}
