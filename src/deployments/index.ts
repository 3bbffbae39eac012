// Owns deployments: the names under which model versions answer. Moves a name in one audited step and keeps
// what the hot path needs in memory, per tenant.
export * from './deployment.entity';
export * from './deployment.input';
export * from './deployment.resolver';
export * from './deployment.service';
export { createDeployments } from './deployments.feature';
