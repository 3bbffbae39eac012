// Access owns api keys, of tenants and of operators: who a request comes from (`Authenticator`) and which root field each role may call (`PERMISSIONS`), which types it may read (`TYPE_PERMISSIONS`).
// Keys are stored as hashes, shown once, and refused as soon as they are revoked; connections that stay open hold theirs (`HeldKey`).
export { ApiKey, RoleName } from './keys/api-key.entity';
export { CreateApiKeyInput, IssuedApiKey } from './keys/api-key.input';
export { ApiKeyResolver } from './keys/api-key.resolver';
export { countWorkingKeys, insertKey, revokeUnusedKeys, workingRole } from './keys/api-key.row';
export { ApiKeyService } from './keys/api-key.service';
export { Authenticator } from './authenticator';
export type { HeldKey } from './held-key';
export type { Caller } from './known-key';
export { OperatorKeyResolver } from './keys/operator-key.resolver';
export { OperatorKeyService } from './keys/operator-key.service';
export { authorise, PERMISSIONS } from './permissions';
export { authoriseType, TYPE_PERMISSIONS } from './type-permissions';
export { generateKey, KEY_LIFETIME_DAYS_DEFAULT } from './keys/secret';
export { createAccess } from './access.feature';
