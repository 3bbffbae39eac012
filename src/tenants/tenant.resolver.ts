import { GraphQLSafeInt } from 'graphql-scalars';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver } from 'type-graphql';
import { connectionOf, type GraphContext, operatorOf, type Page, PraxisError, tenantOf, uuidOf } from '../kernel';
import type { OnboardingService } from './onboarding.service';
import { Tenant, TenantSummary, Viewer } from './tenant.entity';
import { IssueOwnerKeyInput, IssueOwnerKeyPayload, OnboardTenantInput, OnboardTenantPayload } from './tenant.input';
import { tenantList, type TenantListArgs } from './tenant.list';
import type { TenantService } from './tenant.service';

const TenantSummaryConnection = connectionOf(TenantSummary, 'TenantSummary');

@Resolver(() => Tenant)
export class TenantResolver {
  constructor(
    private readonly tenants: TenantService,
    private readonly onboarding: OnboardingService,
  ) {}

  @Query(() => Viewer, { description: 'Who the key of this request belongs to, and what it may do.' })
  async me(@Ctx() context: GraphContext): Promise<Viewer> {
    if (!context.caller) throw new PraxisError('UNAUTHENTICATED', 'Send an api key as "Authorization: Bearer <key>".');
    return this.tenants.viewer(context.caller);
  }

  @Query(() => Tenant, { description: 'The tenant of the key.' })
  async tenant(@Ctx() context: GraphContext): Promise<Tenant> {
    return this.tenants.get(tenantOf(context));
  }

  @FieldResolver(() => GraphQLSafeInt, {
    description:
      'Bytes that its files take in the storage: tables of dataset versions, models, checkpoints, and files as they were sent, as ' +
      'long as they are kept (`Upload.keptUntil`).',
  })
  storedByteCount(@Ctx() context: GraphContext): Promise<number> {
    return this.tenants.storedBytes(tenantOf(context));
  }

  @Query(() => TenantSummaryConnection, {
    name: 'tenants',
    description: 'Every tenant, newest first: names and counts only. OPERATOR.',
  })
  async tenantSummaries(
    @Ctx() context: GraphContext,
    @Args(() => tenantList.Args) args: TenantListArgs,
  ): Promise<Page<TenantSummary>> {
    operatorOf(context);
    return this.tenants.summaries(args);
  }

  @Mutation(() => OnboardTenantPayload, { description: 'Makes a tenant and its first OWNER key. OPERATOR. Audited.' })
  async onboardTenant(
    @Ctx() context: GraphContext,
    @Arg('input', { description: 'The new tenant.' }) input: OnboardTenantInput,
  ): Promise<OnboardTenantPayload> {
    return this.onboarding.onboard(operatorOf(context), input);
  }

  @Mutation(() => IssueOwnerKeyPayload, {
    description:
      'Makes an OWNER key for a tenant whose own are lost or expired. The other keys of the tenant stay as they are; it can ' +
      'revoke them with the new one. OPERATOR. Audited, with the reason, for the operators and for the tenant. NOT_FOUND.',
  })
  async issueOwnerKey(
    @Ctx() context: GraphContext,
    @Arg('input', { description: 'Which tenant, and why.' }) input: IssueOwnerKeyInput,
  ): Promise<IssueOwnerKeyPayload> {
    const operator = operatorOf(context);
    return this.onboarding.issueOwnerKey(operator, uuidOf('Tenant', input.tenantId), input);
  }
}
