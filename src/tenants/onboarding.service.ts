import { createHash } from 'node:crypto';
import { generateKey, IssuedApiKey, KEY_LIFETIME_DAYS_DEFAULT } from '../access';
import type { Database, SystemTx } from '../db';
import { newId, type OperatorContext, PraxisError } from '../kernel';
import { Tenant } from './tenant.entity';
import type { OnboardTenantInput, OnboardTenantPayload } from './tenant.input';

const DAY_MS = 86_400_000;

/** Makes tenants, through the system door: a tenant that does not exist yet has no context to act in. */
export class OnboardingService {
  constructor(private readonly database: Database) {}

  async onboard(context: OperatorContext, input: OnboardTenantInput): Promise<OnboardTenantPayload> {
    const id = input.idempotencyKey ? derivedId(context.apiKeyId, input.idempotencyKey) : newId();
    return this.database.inSystem('ONBOARD_TENANT', async (tx) => {
      const created = await insertTenant(tx, id, input);
      if (!created) await replaceUnusedKey(tx, id, input);
      const apiKey = await issueOwnerKey(tx, id, input.adminEmail);
      await tx.audit({
        tenantId: id,
        apiKeyId: context.apiKeyId,
        requestId: context.requestId,
        action: created ? 'tenant.onboard' : 'tenant.onboardAgain',
        subjectId: id,
        detail: { slug: input.slug },
      });
      return { tenant: await readTenant(tx, id), apiKey };
    });
  }
}

/** Same operator key and idempotency key: same tenant. A version 8 UUID, as RFC 9562 has it for vendors' own schemes. */
function derivedId(apiKeyId: string, idempotencyKey: string): string {
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
  throw new PraxisError('CONFLICT', `The slug "${input.slug}" is taken; choose another one.`);
}

async function replaceUnusedKey(tx: SystemTx, id: string, input: OnboardTenantInput): Promise<void> {
  const [same] = await tx.query(
    'SELECT id FROM tenants WHERE id = $1 AND slug = $2 AND name = $3 AND plan = $4 AND admin_email = $5',
    [id, input.slug, input.name, input.plan, input.adminEmail],
  );
  if (!same) throw new PraxisError('CONFLICT', 'This idempotency key was used with another input.');
  const [used] = await tx.query('SELECT id FROM api_keys WHERE tenant_id = $1 AND last_used_at IS NOT NULL LIMIT 1', [
    id,
  ]);
  if (used)
    throw new PraxisError('CONFLICT', 'This tenant is onboarded and its key is in use; no second one is given.');
  await tx.query('UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL', [id]);
}

async function issueOwnerKey(tx: SystemTx, tenantId: string, adminEmail: string): Promise<IssuedApiKey> {
  const generated = generateKey();
  const createdAt = new Date();
  const key = {
    id: newId(),
    role: 'OWNER' as const,
    expiresAt: new Date(createdAt.getTime() + KEY_LIFETIME_DAYS_DEFAULT * DAY_MS),
  };
  await tx.query(
    `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      key.id,
      tenantId,
      `First key, for ${adminEmail}`,
      key.role,
      generated.prefix,
      generated.hash,
      createdAt,
      key.expiresAt,
    ],
  );
  return IssuedApiKey.of(key, generated);
}

async function readTenant(tx: SystemTx, id: string): Promise<Tenant> {
  const [row] = await tx.query<{ slug: string; name: string; plan: string; created_at: Date }>(
    'SELECT slug, name, plan, created_at FROM tenants WHERE id = $1',
    [id],
  );
  const { created_at: createdAt, ...rest } = row;
  return Object.assign(new Tenant(), { id, createdAt, ...rest });
}
