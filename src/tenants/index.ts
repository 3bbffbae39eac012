// Tenants owns the customers of the platform: their onboarding and rescue by an operator, and who the caller is (`me`, `tenant`).
// An operator sees names and counts only; row-level security keeps everything else to the tenant itself.
export { OnboardingService } from './onboarding.service';
export { Plan, Tenant, TenantSummary, Viewer } from './tenant.entity';
export { OnboardTenantInput } from './tenant.input';
export { TenantResolver } from './tenant.resolver';
export { TenantService } from './tenant.service';
export { createTenants } from './tenants.feature';
