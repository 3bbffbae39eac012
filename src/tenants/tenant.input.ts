import { IsDate, IsEmail, IsOptional, Length, Matches, MaxLength, MinDate } from 'class-validator';
import { Field, GraphQLISODateTime, ID, InputType, ObjectType } from 'type-graphql';
import { IssuedApiKey, KEY_LIFETIME_DAYS_DEFAULT } from '../access';
import { IsName } from '../kernel';
import { Plan, Tenant } from './tenant.entity';

@InputType({ description: 'A new tenant.' })
export class OnboardTenantInput {
  @Field({ description: 'Name for people, 1 to 200 characters.' })
  @IsName()
  name!: string;

  @Field({
    description: 'Unique short name: 2 to 63 of a-z, 0-9 and "-", not starting with "-". CONFLICT when it is taken.',
  })
  @Matches(/^[a-z0-9][a-z0-9-]{1,62}$/, {
    message: 'must be 2 to 63 characters of a-z, 0-9 and "-", and start with a letter or digit',
  })
  slug!: string;

  @Field({ description: 'Whom to write to about this tenant.' })
  @IsEmail()
  @MaxLength(254)
  adminEmail!: string;

  @Field(() => Plan, { description: 'What the tenant has agreed to.' })
  plan!: Plan;

  @Field(() => String, {
    nullable: true,
    description:
      '1 to 200 characters of your own, to make a retry safe. The same key and input give the same tenant with a fresh ' +
      'secret, as long as the first secret was never used; afterwards, or with another input, CONFLICT.',
  })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@InputType({ description: 'For a tenant that has lost its OWNER keys.' })
export class IssueOwnerKeyInput {
  @Field(() => ID, { description: 'Global id of the tenant, as `tenants` lists it.' })
  tenantId!: string;

  @Field({ description: 'Why, 1 to 500 characters. The tenant and the operators read it in their audit.' })
  @Matches(/\S/, { message: 'must say why' })
  @Length(1, 500)
  reason!: string;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: `When the key stops working, in the future. Default: ${KEY_LIFETIME_DAYS_DEFAULT} days from now.`,
  })
  @IsOptional()
  @IsDate()
  @MinDate(() => new Date(), { message: 'must lie in the future' })
  expiresAt?: Date | null;
}

/** A tenant with a key that was made for it. */
@ObjectType()
export abstract class TenantKeyPayload {
  @Field(() => Tenant, { description: 'The tenant.' })
  tenant!: Tenant;
  @Field(() => IssuedApiKey, { description: 'Its OWNER key; hand it to the tenant, it is not shown again.' })
  apiKey!: IssuedApiKey;
}

@ObjectType({ description: 'The new tenant and its first key.' })
export class OnboardTenantPayload extends TenantKeyPayload {}

@ObjectType({ description: 'The tenant and its new key.' })
export class IssueOwnerKeyPayload extends TenantKeyPayload {}
