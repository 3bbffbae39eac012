import { IsEmail, IsOptional, Length, Matches, MaxLength } from 'class-validator';
import { Field, InputType, ObjectType } from 'type-graphql';
import { IssuedApiKey } from '../access';
import { Plan, Tenant } from './tenant.entity';

@InputType({ description: 'A new tenant.' })
export class OnboardTenantInput {
  @Field({ description: 'Name for people, 1 to 200 characters.' })
  @Length(1, 200)
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

@ObjectType({ description: 'The new tenant and its first key.' })
export class OnboardTenantPayload {
  @Field(() => Tenant, { description: 'The tenant.' })
  tenant!: Tenant;
  @Field(() => IssuedApiKey, { description: 'Its OWNER key; hand it to the tenant, it is not shown again.' })
  apiKey!: IssuedApiKey;
}
