import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authenticator, IssuedApiKey } from '../src/access';
import { PraxisError, uuidOf, type Log } from '../src/kernel';

/** Which key each file of a data directory holds, by id: so that the key of a file that is gone is known. */
const HELD_FILE = 'key-ids.json';

/** A key that a file of the data directory holds. */
export interface KeptKey {
  file: string;
  /** Makes one, also when there were others. */
  issue(): Promise<IssuedApiKey>;
  /** Throws NOT_FOUND for a key that this database does not have. */
  revoke(id: string): Promise<unknown>;
}

export interface KeyFileServices {
  authenticator: Authenticator;
  log: Log;
}

/** Leaves a file with a working key alone; otherwise makes it anew, and revokes the key that it held. */
export async function keepKeyFile(dependencies: KeyFileServices, dataDir: string, kept: KeptKey): Promise<void> {
  const path = join(dataDir, kept.file);
  const held = await heldKeys(dataDir);
  const working = await workingKey(dependencies.authenticator, path);
  if (working) return working === held[kept.file] ? undefined : note(dataDir, { ...held, [kept.file]: working });
  const { id, secret } = await kept.issue();
  const predecessor = held[kept.file];
  if (predecessor) await revokeIfThere(kept, predecessor);
  await note(dataDir, { ...held, [kept.file]: uuidOf('ApiKey', id) });
  await replace(path, `${secret}\n`);
  dependencies.log.info({ path, predecessor }, 'api key written');
}

/** Its id; null for a file that is not there, and for a key that this database does not know (any more). */
async function workingKey(authenticator: Authenticator, path: string): Promise<string | null> {
  try {
    const key = await readFile(path, 'utf8');
    return (await authenticator.authenticate(`Bearer ${key.trim()}`, 'seed'))?.apiKeyId ?? null;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || (error instanceof PraxisError && code === 'UNAUTHENTICATED')) return null;
    throw error;
  }
}

async function revokeIfThere(kept: KeptKey, id: string): Promise<void> {
  try {
    await kept.revoke(id);
  } catch (error) {
    if (!(error instanceof PraxisError && error.code === 'NOT_FOUND')) throw error;
  }
}

async function heldKeys(dataDir: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(join(dataDir, HELD_FILE), 'utf8')) as Record<string, string>;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}

const note = (dataDir: string, held: Record<string, string>): Promise<void> =>
  replace(join(dataDir, HELD_FILE), `${JSON.stringify(held)}\n`);

/** In one step, so that no reader sees half of it. */
async function replace(path: string, text: string): Promise<void> {
  const partial = `${path}.${process.pid}.tmp`;
  await writeFile(partial, text, { mode: 0o600 });
  await rename(partial, path);
}
