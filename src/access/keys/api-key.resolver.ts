import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { type GraphContext, type Page, oneNamed, tenantOf, uuidOf } from '../../kernel';
import { ApiKey, ApiKeyConnection } from './api-key.entity';
import { CreateApiKeyInput, CreateApiKeyPayload, RevokeApiKeyInput, RevokeApiKeyPayload } from './api-key.input';
import { apiKeyList, type ApiKeyListArgs } from './api-key.list';
import type { ApiKeyService } from './api-key.service';

@Resolver(() => ApiKey)
export class ApiKeyResolver {
  constructor(private readonly keys: ApiKeyService) {}

  @Query(() => ApiKeyConnection, { description: 'Keys of this tenant, newest first. ADMIN and OWNER.' })
  async apiKeys(
    @Ctx() context: GraphContext,
    @Args(() => apiKeyList.Args) args: ApiKeyListArgs,
  ): Promise<Page<ApiKey>> {
    return this.keys.list(tenantOf(context), args);
  }

  @Mutation(() => CreateApiKeyPayload, {
    description: 'Makes an api key and shows its secret once. ADMIN and OWNER; an OWNER key needs an OWNER.',
  })
  async createApiKey(
    @Ctx() context: GraphContext,
    @Arg('input', { description: 'The new key.' }) input: CreateApiKeyInput,
  ): Promise<CreateApiKeyPayload> {
    return { apiKey: await this.keys.create(tenantOf(context), input) };
  }

  @Mutation(() => RevokeApiKeyPayload, {
    description:
      'Revokes an api key: requests are refused at once and its open sockets are closed within seconds. ' +
      'CONFLICT for the last working OWNER key.',
  })
  async revokeApiKey(
    @Ctx() context: GraphContext,
    @Arg('input', { description: 'The key to revoke.' }) { apiKeyId, id }: RevokeApiKeyInput,
  ): Promise<RevokeApiKeyPayload> {
    return { apiKey: await this.keys.revoke(tenantOf(context), uuidOf('ApiKey', oneNamed({ apiKeyId, id }))) };
  }
}
