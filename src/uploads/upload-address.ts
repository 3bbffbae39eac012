import { Ctx, Field, GraphQLISODateTime, ID, ObjectType } from 'type-graphql';
import type { TenantTx } from '../db';
import { isUuid, PraxisError, type GraphContext } from '../kernel';
import { createToken, tenantOfToken, tokenMatches } from './upload-token';

export const UPLOAD_VALID_MS = 24 * 3_600_000;

@ObjectType({ description: 'Where to PUT a file. Shown once: the address holds a secret.' })
export class UploadAddress {
  @Field(() => ID, { description: 'Id of the upload.' })
  id!: string;

  /** On this server, with the secret. */
  path!: string;

  @Field({
    description:
      'Send the file with HTTP PUT and no key, for example `curl -T FILE URL`. Absolute: at the public address of this ' +
      'server, or where the request reached it. Takes one file, from one PUT at a time; an interrupted PUT may be tried ' +
      'again until it expires. Void once the api key that made it is revoked, expires or loses its role, for a PUT on its ' +
      'way too. Errors are JSON {"error": {"code", "message"}, "errors": [{"message", "extensions"}]}: 404, 408 when too few ' +
      'bytes come, 409 when a file is in or coming in, 410 when expired or void, 413 when too large, 507 when the storage ' +
      'is full.',
  })
  url(@Ctx() context: GraphContext): string {
    return context.address + this.path;
  }

  @Field(() => GraphQLISODateTime, { description: 'Until when it takes a file, UTC.' })
  expiresAt!: Date;
}

/** The address was good once. */
export class UploadExpired extends PraxisError {
  constructor(mutation: string, what = 'has expired') {
    super('NOT_FOUND', `This upload address ${what}. Ask for a new one with ${mutation}.`);
  }
}

/** A fresh address below `path`, and what to keep of it: the secret is shown once and stored as a hash. */
export function issueAddress(
  { tenantId, apiKeyId }: Pick<TenantTx, 'tenantId' | 'apiKeyId'>,
  id: string,
  path: string,
): { address: UploadAddress; hash: Buffer } {
  const { token, hash } = createToken(tenantId, apiKeyId);
  const expiresAt = new Date(Date.now() + UPLOAD_VALID_MS);
  const address = Object.assign(new UploadAddress(), { id, path: `${path}/${id}?token=${token}`, expiresAt });
  return { address, hash };
}

const noUpload = () => new PraxisError('NOT_FOUND', 'No upload at this address.');

/** The tenant that an address speaks of. NOT_FOUND for what is no address. */
export function tenantOfAddress(id: string, token: string): string {
  const tenantId = tenantOfToken(token);
  if (!tenantId || !isUuid(id)) throw noUpload();
  return tenantId;
}

/** NOT_FOUND for another token than the one of this hash, or when nothing waits there. */
export function checkToken<T extends { tokenHash: Buffer }>(upload: T | null, token: string): T {
  if (!upload || !tokenMatches(token, upload.tokenHash)) throw noUpload();
  return upload;
}
