import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

const TENANT_BYTES = 16;
const SECRET_BYTES = 32;

/**
 * The secret of an upload address. It begins with the tenant's id, because whoever PUTs shows no key: the tenant is read
 * from the token, and the hash of the whole token is then looked up inside that tenant, so it cannot be forged.
 */
export function createToken(tenantId: string): { token: string; hash: Buffer } {
  const tenant = Buffer.from(tenantId.replaceAll('-', ''), 'hex');
  const token = Buffer.concat([tenant, randomBytes(SECRET_BYTES)]).toString('base64url');
  return { token, hash: hashOf(token) };
}

/** The tenant a token speaks of, or null when the text is no token. */
export function tenantOfToken(token: string): string | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== TENANT_BYTES + SECRET_BYTES) return null;
  const hex = bytes.subarray(0, TENANT_BYTES).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const tokenMatches = (token: string, hash: Buffer): boolean => timingSafeEqual(hashOf(token), hash);

const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer');
