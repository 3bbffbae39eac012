import { MaxLength } from 'class-validator';
import { Args, ArgsType, Ctx, Field, Query, Resolver } from 'type-graphql';
import { connectionOf, eitherOf, type GraphContext, operatorOf, type Page, tenantOf } from '../kernel';
import { AuditEvent } from './audit-event.entity';
import { auditEventList, type AuditEventListArgs } from './audit.list';
import type { AuditService } from './audit.service';

const AuditEventConnection = connectionOf(AuditEvent, 'AuditEvent');

@ArgsType()
class AuditEventsArgs extends auditEventList.Args {
  @Field(() => String, {
    nullable: true,
    description: 'Deprecated: use `filter.actions`. Only this action, e.g. `apiKey.create`.',
  })
  @MaxLength(100)
  action?: string | null;
}

@Resolver()
export class AuditResolver {
  constructor(private readonly audit: AuditService) {}

  @Query(() => AuditEventConnection, { description: 'What was changed in this tenant, newest first. ADMIN and OWNER.' })
  async auditEvents(@Ctx() context: GraphContext, @Args() args: AuditEventsArgs): Promise<Page<AuditEvent>> {
    return this.audit.list(tenantOf(context), withAction(args));
  }

  @Query(() => AuditEventConnection, {
    description:
      'What was done on the platform, newest first: tenants onboarded (`tenant.onboard`), OWNER keys issued ' +
      '(`tenant.issueOwnerKey`), keys of operators made and revoked (`operatorKey.create`, `operatorKey.revoke`). Nothing ' +
      'that tenants do themselves. OPERATOR.',
  })
  async platformAuditEvents(@Ctx() context: GraphContext, @Args() args: AuditEventsArgs): Promise<Page<AuditEvent>> {
    operatorOf(context);
    return this.audit.listPlatform(withAction(args));
  }
}

function withAction({ action, ...args }: AuditEventsArgs): AuditEventListArgs {
  const actions = eitherOf({ 'filter.actions': args.filter?.actions, action: action ? [action] : null });
  return { ...args, filter: { ...args.filter, actions } };
}
