import type { Feature, Platform } from '../feature';
import { OnboardingService } from './onboarding.service';
import { TenantResolver } from './tenant.resolver';
import { TenantService } from './tenant.service';

export function createTenants({ database }: Platform) {
  const tenants = new TenantService(database);
  const onboarding = new OnboardingService(database);
  const feature: Feature = {
    resolvers: [new TenantResolver(tenants, onboarding)],
    nodes: { Tenant: (context, id) => tenants.get(context, id) },
  };
  return { tenants, onboarding, feature };
}
