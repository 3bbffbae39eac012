import { hash, randomBytes } from 'node:crypto';

/** Format `prx_<prefix>_<secret>`: 8 characters that name the key in lists, then 256 random bits. */
export const KEY_PATTERN = /^prx_([0-9a-f]{8})_([A-Za-z0-9_-]{43})$/;

export const KEY_LIFETIME_DAYS_DEFAULT = 365;

export interface GeneratedKey {
  /** The whole key, shown once and never stored. */
  secret: string;
  prefix: string;
  hash: Buffer;
}

export function generateKey(): GeneratedKey {
  const prefix = randomBytes(4).toString('hex');
  const secret = `prx_${prefix}_${randomBytes(32).toString('base64url')}`;
  return { secret, prefix, hash: hashOf(secret) };
}

/**
 * SHA-256 and no slow hash (argon2): those protect secrets that can be guessed. A key holds 256 random bits, so
 * a stolen hash cannot be reversed by search at any speed, and every request pays microseconds, not 50 ms.
 */
export function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
