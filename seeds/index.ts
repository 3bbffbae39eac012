import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKey, type ApiKeyService, type Authenticator } from '../src/access';
import type { CaseGenerator, CaseService } from '../src/cases';
import type { Database } from '../src/db';
import { newId, PraxisError, type Log } from '../src/kernel';
import { Plan, type OnboardingService } from '../src/tenants';
import { CASES } from './library';

/** How each case of the library makes its data, by slug; what `runCase` calls. */
export const GENERATORS: Readonly<Record<string, CaseGenerator>> = Object.fromEntries(
  CASES.map(({ slug, generate }) => [slug, generate]),
);

export const DEMO_KEY_FILE = 'demo-api-key';
export const OPERATOR_KEY_FILE = 'operator-api-key';

const DEMO = { name: 'Demo', slug: 'demo', adminEmail: 'demo@example.com', plan: Plan.TRIAL };
const YEAR_MS = 365 * 86_400_000;

export interface SeedRooms {
  database: Database;
  cases: CaseService;
  onboarding: OnboardingService;
  apiKeys: ApiKeyService;
  authenticator: Authenticator;
  log: Log;
}

/**
 * Writes the case library, an operator key, and the demo tenant with its key; the keys go to 0600 files in `dataDir`.
 * Runs at every start and leaves alone what is there; a key file that is gone, or whose key no longer works, is made anew.
 */
export async function seed(rooms: SeedRooms, dataDir: string): Promise<void> {
  await rooms.cases.publish(CASES);
  await mkdir(dataDir, { recursive: true });
  await keepKey(rooms, join(dataDir, OPERATOR_KEY_FILE), () => issueOperatorKey(rooms.database));
  await keepKey(rooms, join(dataDir, DEMO_KEY_FILE), () => issueDemoKey(rooms));
}

async function keepKey(rooms: SeedRooms, path: string, issue: () => Promise<string>): Promise<void> {
  if (await works(rooms.authenticator, path)) return;
  const partial = `${path}.${process.pid}.tmp`;
  await writeFile(partial, `${await issue()}\n`, { mode: 0o600 });
  await rename(partial, path);
  rooms.log.info({ path }, 'api key written');
}

/** False for a file that is not there, and for a key this database does not know (any more). */
async function works(authenticator: Authenticator, path: string): Promise<boolean> {
  try {
    const key = await readFile(path, 'utf8');
    return (await authenticator.authenticate(`Bearer ${key.trim()}`, 'seed')) !== null;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || (error instanceof PraxisError && code === 'UNAUTHENTICATED')) return false;
    throw error;
  }
}

async function issueOperatorKey(database: Database): Promise<string> {
  const key = generateKey();
  const id = newId();
  const createdAt = new Date();
  await database.inSystem('ISSUE_OPERATOR_KEY', async (tx) => {
    await tx.query(
      `INSERT INTO api_keys (id, tenant_id, name, role, prefix, secret_hash, created_at, expires_at)
       VALUES ($1, NULL, 'operator-api-key', 'OPERATOR', $2, $3, $4, $5)`,
      [id, key.prefix, key.hash, createdAt, new Date(createdAt.getTime() + YEAR_MS)],
    );
    await tx.audit({ tenantId: null, apiKeyId: null, requestId: 'seed', action: 'operatorKey.issue', subjectId: id });
  });
  return key.secret;
}

/** The first key of the demo tenant, or one more when the tenant is there and its key is lost. */
async function issueDemoKey({ database, onboarding, apiKeys }: SeedRooms): Promise<string> {
  const { tenantId, operatorKeyId } = await database.inSystem('SEED_LIBRARY', async (tx) => {
    const [tenant] = await tx.query<{ id: string }>('SELECT id FROM tenants WHERE slug = $1', [DEMO.slug]);
    const [key] = await tx.query<{ id: string }>(
      `SELECT id FROM api_keys WHERE role = 'OPERATOR' ORDER BY created_at DESC LIMIT 1`,
    );
    return { tenantId: tenant?.id, operatorKeyId: key.id };
  });
  if (tenantId) {
    const context = { tenantId, role: 'OWNER', apiKeyId: null, requestId: 'seed' } as const;
    return (await apiKeys.create(context, { name: DEMO_KEY_FILE, role: 'OWNER' })).secret;
  }
  const operator = { role: 'OPERATOR', apiKeyId: operatorKeyId, requestId: 'seed' } as const;
  return (await onboarding.onboard(operator, DEMO)).apiKey.secret;
}
