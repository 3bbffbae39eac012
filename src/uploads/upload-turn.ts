import { PERMISSIONS, workingRole } from '../access';
import type { Database, TenantTx } from '../db';
import { PraxisError } from '../kernel';
import { UploadExpired } from './upload-address';
import { keyOfToken } from './upload-token';

/**
 * An address is worth what the key is that made it with a mutation: asked when a PUT begins and before its file is taken.
 * @throws UploadExpired once that key is revoked, has expired or may not call the mutation any more
 */
export async function refuseEndedMaker(tx: TenantTx, token: string, mutation: string): Promise<void> {
  const keyId = keyOfToken(token);
  if (keyId === null) return;
  const role = await workingRole(tx, keyId);
  if (role && PERMISSIONS[mutation].includes(role)) return;
  throw new UploadExpired(mutation, 'is void: the api key that made it was revoked, has expired or lost its role');
}

/**
 * One PUT at a time to an address, over all processes: a later one is refused before its bytes are kept, so that an address
 * holds the room of one file. A process that dies lets go; a peer that does is cut off by the pace of uploads.
 * @throws PraxisError CONFLICT
 */
export async function inTurn<T>(database: Database, uploadId: string, work: () => Promise<T>): Promise<T> {
  const lock = await database.locks.tryTake(`upload ${uploadId}`).catch((cause: unknown) => {
    throw new PraxisError('UNAVAILABLE', 'The database cannot be reached; send the file again.', { cause });
  });
  if (!lock) {
    const advice = 'Wait for its answer; one that broke off is given up within 30 seconds.';
    throw new PraxisError('CONFLICT', `A file is coming in at this address already. ${advice}`);
  }
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
