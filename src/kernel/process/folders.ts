import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PraxisError } from '../errors/errors';

/** Of a file with data of tenants: for the user alone that Praxis runs as. */
export const PRIVATE_FILE = { mode: 0o600 };

export const PRIVATE_FOLDER = { recursive: true, mode: 0o700 };

/** A disk that is only slow has answered by then; a network file system whose server is gone never does. */
const ANSWER_LIMIT_MS = 15_000;

/**
 * Makes a folder and those above it that are missing; one that is there stays as it is.
 * @throws the fault of the file system; PraxisError UNAVAILABLE when it does not answer
 */
export async function makeFolder(
  path: string,
  mode = 0o777,
  make = makeWithParents,
  limitMs = ANSWER_LIMIT_MS,
): Promise<void> {
  const stop = new AbortController();
  const silence = sleep(limitMs, true, { signal: stop.signal }).catch(() => false);
  const isSilent = await Promise.race([silence, make(path, mode)]).finally(() => stop.abort());
  if (!isSilent) return;
  const remedy = 'look whether its file system is there, or set PRAXIS_DATA_DIR to another folder';
  throw new PraxisError('UNAVAILABLE', `${path} cannot be made: its disk does not answer; ${remedy}.`);
}

/** Node's `recursive` tries for ever where a folder that is there takes none, as below /proc. */
async function makeWithParents(path: string, mode: number): Promise<void> {
  const fault = await tryToMake(path, mode);
  if (!fault) return;
  const above = dirname(path);
  if (fault.code !== 'ENOENT' || above === path) throw fault;
  await makeWithParents(above, mode);
  const second = await tryToMake(path, mode);
  if (second) throw second;
}

async function tryToMake(path: string, mode: number): Promise<NodeJS.ErrnoException | null> {
  try {
    await mkdir(path, { mode });
    return null;
  } catch (error) {
    const found = await stat(path).catch(() => null);
    return found?.isDirectory() ? null : (error as NodeJS.ErrnoException);
  }
}

/** Makes a folder that nobody else can enter, and closes one that is there. */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path, PRIVATE_FOLDER.mode);
  await chmod(path, PRIVATE_FOLDER.mode);
}
