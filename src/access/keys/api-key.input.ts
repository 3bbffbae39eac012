import { IsDate, IsIn, IsOptional, Length, MinDate } from 'class-validator';
import { Field, GraphQLISODateTime, ID, InputType, ObjectType } from 'type-graphql';
import { IsName, type Role, ROLES, toGlobalId } from '../../kernel';
import { ApiKey, RoleName } from './api-key.entity';
import { KEY_LIFETIME_DAYS_DEFAULT, type GeneratedKey } from './secret';

/** What a new key of either kind is given. */
@InputType()
abstract class NewKeyInput {
  @Field({ description: 'What the key is for, 1 to 100 characters.' })
  @IsName(100)
  name!: string;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: `When it stops working, in the future. Default: ${KEY_LIFETIME_DAYS_DEFAULT} days from now.`,
  })
  @IsOptional()
  @IsDate()
  @MinDate(() => new Date(), { message: 'must lie in the future' })
  expiresAt?: Date | null;
}

@InputType({ description: 'A new api key.' })
export class CreateApiKeyInput extends NewKeyInput {
  @Field(() => RoleName, {
    description: 'What the key may do. Not OPERATOR, and OWNER only with an OWNER key: else FORBIDDEN.',
  })
  @IsIn(ROLES.filter((role) => role !== 'OPERATOR'), { message: 'must be a role of a tenant, not OPERATOR' })
  role!: Exclude<Role, 'OPERATOR'>;
}

@InputType({ description: 'A new key of an operator.' })
export class CreateOperatorKeyInput extends NewKeyInput {}

@InputType({ description: 'Which key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { nullable: true, description: 'The key. Needed. NOT_FOUND when this tenant has no such key.' })
  @IsOptional()
  @Length(1, 200)
  apiKeyId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Deprecated: use `apiKeyId`.' })
  @IsOptional()
  @Length(1, 200)
  id?: string | null;
}

@InputType({ description: 'Which key of an operator to revoke.' })
export class RevokeOperatorKeyInput {
  @Field(() => ID, { description: 'The key. NOT_FOUND when no operator has such a key.' })
  apiKeyId!: string;
}

@ObjectType({ description: 'A key at the moment it is made: the only time its secret is shown.' })
export class IssuedApiKey {
  @Field(() => ID, { description: 'Global id of the key.' })
  id!: string;
  @Field({ description: 'The whole key, sent as "Authorization: Bearer <secret>". It cannot be shown again.' })
  secret!: string;
  @Field({ description: 'The 8 characters after `prx_`, to recognise the key by.' })
  prefix!: string;
  @Field(() => RoleName, { description: 'What the key may do.' })
  role!: Role;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it stops working; null for never.' })
  expiresAt!: Date | null;

  static of(key: Pick<ApiKey, 'id' | 'role' | 'expiresAt'>, generated: GeneratedKey): IssuedApiKey {
    return Object.assign(new IssuedApiKey(), {
      id: toGlobalId('ApiKey', key.id),
      secret: generated.secret,
      prefix: generated.prefix,
      role: key.role,
      expiresAt: key.expiresAt,
    });
  }
}

@ObjectType({ description: 'The new key.' })
export class CreateApiKeyPayload {
  @Field(() => IssuedApiKey, { description: 'The key with its secret.' })
  apiKey!: IssuedApiKey;
}

@ObjectType({ description: 'The revoked key.' })
export class RevokeApiKeyPayload {
  @Field(() => ApiKey, { description: 'The key; `revokedAt` says since when it is refused.' })
  apiKey!: ApiKey;
}
