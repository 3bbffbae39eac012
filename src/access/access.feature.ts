import type { Feature, Platform } from '../feature';
import { systemClock } from '../kernel';
import { ApiKeyResolver } from './keys/api-key.resolver';
import { ApiKeyService } from './keys/api-key.service';
import { Authenticator } from './authenticator';
import { OperatorKeyResolver } from './keys/operator-key.resolver';
import { OperatorKeyService } from './keys/operator-key.service';

export function createAccess({ database, events }: Platform) {
  const authenticator = new Authenticator(database, systemClock, {
    isHeard: () => events.isListening,
    heardByAll: (limitMs) => events.heardByAll(limitMs),
  });
  events.onChange('api_keys', (tenantId) => authenticator.forget(tenantId));
  const apiKeys = new ApiKeyService(database, authenticator);
  const operatorKeys = new OperatorKeyService(database, authenticator);
  const feature: Feature = {
    resolvers: [new ApiKeyResolver(apiKeys), new OperatorKeyResolver(operatorKeys)],
    nodes: { ApiKey: (context, id) => apiKeys.get(context, id) },
  };
  return { authenticator, apiKeys, operatorKeys, feature };
}
