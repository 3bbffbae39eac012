import { MaxLength } from 'class-validator';
import { Args, ArgsType, Ctx, Field, Query, Resolver } from 'type-graphql';
import { connectionOf, ConnectionArgs, type GraphContext, operatorOf, type Page, tenantOf } from '../kernel';
import { AuditEvent } from './audit-event.entity';
import type { AuditService } from './audit.service';

const AuditEventConnection = connectionOf(AuditEvent, 'AuditEvent');

@ArgsType()
class AuditEventsArgs extends ConnectionArgs {
  @Field(() => String, { nullable: true, description: 'Only this action, e.g. `apiKey.create`.' })
  @MaxLength(100)
  action?: string | null;
}

@Resolver()
export class AuditResolver {
  constructor(private readonly audit: AuditService) {}

  @Query(() => AuditEventConnection, { description: 'What was changed in this tenant, newest first. ADMIN and OWNER.' })
  async auditEvents(@Ctx() context: GraphContext, @Args() args: AuditEventsArgs): Promise<Page<AuditEvent>> {
    return this.audit.list(tenantOf(context), args);
  }

  @Query(() => AuditEventConnection, {
    description:
      'What was done on the platform, newest first: tenants onboarded (`tenant.onboard`), OWNER keys issued ' +
      '(`tenant.issueOwnerKey`), keys of operators made and revoked (`operatorKey.create`, `operatorKey.revoke`). Nothing ' +
      'that tenants do themselves. OPERATOR.',
  })
  async platformAuditEvents(@Ctx() context: GraphContext, @Args() args: AuditEventsArgs): Promise<Page<AuditEvent>> {
    operatorOf(context);
    return this.audit.listPlatform(args);
  }
}
