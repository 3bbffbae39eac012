import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { type GraphContext, operatorOf, type Page, uuidOf } from '../../kernel';
import { ApiKey, ApiKeyConnection } from './api-key.entity';
import {
  CreateApiKeyPayload,
  CreateOperatorKeyInput,
  RevokeApiKeyPayload,
  RevokeOperatorKeyInput,
} from './api-key.input';
import { apiKeyList, type ApiKeyListArgs } from './api-key.list';
import type { OperatorKeyService } from './operator-key.service';

@Resolver()
export class OperatorKeyResolver {
  constructor(private readonly keys: OperatorKeyService) {}

  @Query(() => ApiKeyConnection, {
    description: 'Keys of operators, newest first, with expiry, last use and revocation. OPERATOR.',
  })
  async operatorKeys(
    @Ctx() context: GraphContext,
    @Args(() => apiKeyList.Args) args: ApiKeyListArgs,
  ): Promise<Page<ApiKey>> {
    operatorOf(context);
    return this.keys.list(args);
  }

  @Mutation(() => CreateApiKeyPayload, {
    description:
      'Makes a key with role OPERATOR and shows its secret once. To rotate: make the new key, then revoke the old one. OPERATOR. Audited.',
  })
  async createOperatorKey(
    @Ctx() context: GraphContext,
    @Arg('input', { description: 'The new key.' }) input: CreateOperatorKeyInput,
  ): Promise<CreateApiKeyPayload> {
    return { apiKey: await this.keys.create(operatorOf(context), input) };
  }

  @Mutation(() => RevokeApiKeyPayload, {
    description:
      'Revokes a key of an operator, at once. CONFLICT for the last working one, NOT_FOUND for a key of a tenant. OPERATOR. Audited.',
  })
  async revokeOperatorKey(
    @Ctx() context: GraphContext,
    @Arg('input', { description: 'The key to revoke.' }) input: RevokeOperatorKeyInput,
  ): Promise<RevokeApiKeyPayload> {
    return { apiKey: await this.keys.revoke(operatorOf(context), uuidOf('ApiKey', input.apiKeyId)) };
  }
}
