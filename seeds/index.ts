import type { ApiKeyService, IssuedApiKey, OperatorKeyService } from '../src/access';
import type { CaseGenerator, CaseService } from '../src/cases';
import { makeFolder, type TenantContext } from '../src/kernel';
import { Plan, type OnboardingService, type TenantService } from '../src/tenants';
import { keepKeyFile, type KeyFileServices } from './key-file';
import { CASES } from './library';

/** How each case of the library makes its data, by slug; what `runCase` calls. */
export const GENERATORS: Readonly<Record<string, CaseGenerator>> = Object.fromEntries(
  CASES.map(({ slug, generate }) => [slug, generate]),
);

export const DEMO_KEY_FILE = 'demo-api-key';
export const OPERATOR_KEY_FILE = 'operator-api-key';

const DEMO = { name: 'Demo', slug: 'demo', adminEmail: 'demo@example.com', plan: Plan.TRIAL };

export interface SeedServices extends KeyFileServices {
  cases: CaseService;
  tenants: TenantService;
  onboarding: OnboardingService;
  tenantKeys: ApiKeyService;
  operatorKeys: OperatorKeyService;
}

/** The platform itself. */
const PLATFORM = { role: 'OPERATOR', apiKeyId: null, requestId: 'seed' } as const;

/**
 * Writes the case library, an operator key, and the demo tenant with its key; the keys go to 0600 files in `dataDir`.
 * Runs at every start and leaves alone what is there; a key file that is gone, or whose key no longer works, is made anew,
 * and the key that it held is revoked.
 */
export async function seed(dependencies: SeedServices, dataDir: string): Promise<void> {
  await dependencies.cases.publish(CASES);
  await makeFolder(dataDir);
  await keepKeyFile(dependencies, dataDir, {
    file: OPERATOR_KEY_FILE,
    issue: () => dependencies.operatorKeys.create(PLATFORM, { name: OPERATOR_KEY_FILE }),
    revoke: (id) => dependencies.operatorKeys.revoke(PLATFORM, id),
  });
  await keepKeyFile(dependencies, dataDir, {
    file: DEMO_KEY_FILE,
    issue: () => issueDemoKey(dependencies),
    revoke: async (id) =>
      dependencies.tenantKeys.revoke(demoContext((await dependencies.tenants.find(DEMO.slug))!), id),
  });
}

/** The first key of the demo tenant, or one more when the tenant is there and its key is lost. */
async function issueDemoKey({ tenants, onboarding, tenantKeys }: SeedServices): Promise<IssuedApiKey> {
  const tenantId = await tenants.find(DEMO.slug);
  if (tenantId) return tenantKeys.create(demoContext(tenantId), { name: DEMO_KEY_FILE, role: 'OWNER' });
  return (await onboarding.onboard(PLATFORM, DEMO)).apiKey;
}

const demoContext = (tenantId: string): TenantContext => ({
  ...{ tenantId, role: 'OWNER', apiKeyId: null, requestId: 'seed' },
});
