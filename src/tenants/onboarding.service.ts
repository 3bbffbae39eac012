import { createHash } from 'node:crypto';
import { insertKey, revokeUnusedKeys, type IssuedApiKey } from '../access';
import type { Database, SystemTx } from '../db';
import { newId, type OperatorContext, PraxisError, toGlobalId } from '../kernel';
import { Tenant } from './tenant.entity';
import type { IssueOwnerKeyInput, OnboardTenantInput, TenantKeyPayload } from './tenant.input';
import { shown } from '../formats';

/** Makes tenants, and keys for those whose owner has none, through the system door: nobody can act inside them yet. */
export class OnboardingService {
  constructor(private readonly database: Database) {}

  async onboard(context: OperatorContext, input: OnboardTenantInput): Promise<TenantKeyPayload> {
    const id = input.idempotencyKey ? derivedId(context.apiKeyId, input.idempotencyKey) : newId();
    return this.database.inSystem('ONBOARD_TENANT', async (tx) => {
      const created = await insertTenant(tx, id, input);
      if (!created) await replaceUnusedKey(tx, id, input);
      const apiKey = await insertOwnerKey(tx, id, { name: `First key, for ${input.adminEmail}` });
      await tx.audit(context, {
        action: created ? 'tenant.onboard' : 'tenant.onboardAgain',
        ...{ tenantId: id, subjectId: id, detail: { slug: input.slug } },
      });
      return { tenant: await getTenant(tx, id), apiKey };
    });
  }

  /** For a tenant that has lost its OWNER keys. The tenant reads in its audit who got one, and why. */
  async issueOwnerKey(context: OperatorContext, tenantId: string, input: KeyRequest): Promise<TenantKeyPayload> {
    const { reason, expiresAt } = input;
    return this.database.inSystem('ISSUE_OWNER_KEY', async (tx) => {
      const tenant = await getTenant(tx, tenantId);
      const apiKey = await insertOwnerKey(tx, tenantId, { name: 'Issued by an operator', expiresAt });
      await tx.audit(context, {
        action: 'tenant.issueOwnerKey',
        ...{ tenantId, subjectId: tenantId, detail: { slug: tenant.slug, prefix: apiKey.prefix, reason } },
      });
      return { tenant, apiKey };
    });
  }
}

type KeyRequest = Pick<IssueOwnerKeyInput, 'reason' | 'expiresAt'>;

/** Same operator key and idempotency key: same tenant. A version 8 UUID, as RFC 9562 has it for vendors' own schemes. */
function derivedId(apiKeyId: string | null, idempotencyKey: string): string {
  const bytes = createHash('sha256').update(`onboard:${apiKeyId}:${idempotencyKey}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** False when this very tenant exists already, which is a retry. */
async function insertTenant(tx: SystemTx, id: string, input: OnboardTenantInput): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO tenants (id, slug, name, plan, admin_email, created_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING RETURNING id`,
    [id, input.slug, input.name, input.plan, input.adminEmail, new Date()],
  );
  if (inserted.length > 0) return true;
  const [same] = await tx.query('SELECT id FROM tenants WHERE id = $1 FOR UPDATE', [id]);
  if (same) return false;
  throw new PraxisError('CONFLICT', `The slug ${shown(input.slug)} is taken; choose another one.`);
}

async function replaceUnusedKey(tx: SystemTx, id: string, input: OnboardTenantInput): Promise<void> {
  const [same] = await tx.query(
    'SELECT id FROM tenants WHERE id = $1 AND slug = $2 AND name = $3 AND plan = $4 AND admin_email = $5',
    [id, input.slug, input.name, input.plan, input.adminEmail],
  );
  if (!same) throw new PraxisError('CONFLICT', 'This idempotency key was used with another input.');
  if (await revokeUnusedKeys(tx, id)) return;
  throw new PraxisError('CONFLICT', 'This tenant is onboarded and its key is in use; no second one is given.');
}

async function insertOwnerKey(
  tx: SystemTx,
  tenantId: string,
  key: { name: string; expiresAt?: Date | null },
): Promise<IssuedApiKey> {
  return (await insertKey(tx, { tenantId, role: 'OWNER', ...key })).issued;
}

async function getTenant(tx: SystemTx, id: string): Promise<Tenant> {
  const tenant = await tx.repo(Tenant).findOneBy({ id });
  if (!tenant) throw new PraxisError('NOT_FOUND', `No tenant with id ${shown(toGlobalId('Tenant', id))}.`);
  return tenant;
}
