import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

const ID_BYTES = 16;
const SECRET_BYTES = 32;

/**
 * The secret of an upload address. It begins with the ids of the tenant and of the key that made it, because whoever PUTs
 * shows no key: they are read from the token, and the hash of the whole token is then looked up inside that tenant, so it
 * cannot be forged. What the server sends to itself has no key.
 */
export function createToken(tenantId: string, keyId: string | null = null): { token: string; hash: Buffer } {
  const ids = [tenantId, ...(keyId ? [keyId] : [])].map((id) => Buffer.from(id.replaceAll('-', ''), 'hex'));
  const token = Buffer.concat([...ids, randomBytes(SECRET_BYTES)]).toString('base64url');
  return { token, hash: hashOf(token) };
}

/** The tenant a token speaks of, or null when the text is no token. */
export const tenantOfToken = (token: string): string | null => idsOf(token)[0] ?? null;

/** The key that made it; null for none, and in addresses of earlier releases. */
export const keyOfToken = (token: string): string | null => idsOf(token)[1] ?? null;

function idsOf(token: string): string[] {
  const bytes = Buffer.from(token, 'base64url');
  const count = (bytes.length - SECRET_BYTES) / ID_BYTES;
  if (count !== 1 && count !== 2) return [];
  return Array.from({ length: count }, (_, i) => {
    const hex = bytes.subarray(i * ID_BYTES, (i + 1) * ID_BYTES).toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  });
}

export const tokenMatches = (token: string, hash: Buffer): boolean => timingSafeEqual(hashOf(token), hash);

const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer');
