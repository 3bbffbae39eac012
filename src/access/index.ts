// Access owns api keys: who a request comes from (`Authenticator`) and which root field each role may call (`PERMISSIONS`).
// Keys are stored as hashes, shown once, and refused within seconds after they are revoked.
export { ApiKey, RoleName } from './api-key.entity';
export { CreateApiKeyInput, IssuedApiKey, KEY_LIFETIME_DAYS_DEFAULT } from './api-key.input';
export { ApiKeyResolver } from './api-key.resolver';
export { ApiKeyService } from './api-key.service';
export { Authenticator } from './authenticator';
export { authorise, PERMISSIONS } from './permissions';
export { generateKey } from './secret';
