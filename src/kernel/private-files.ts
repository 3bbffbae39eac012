import { chmod, mkdir } from 'node:fs/promises';

/** Of a file with data of tenants: for the user alone that Praxis runs as. */
export const PRIVATE_FILE = { mode: 0o600 };

export const PRIVATE_FOLDER = { recursive: true, mode: 0o700 };

/** Makes a folder that nobody else can enter, and closes one that is there. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, PRIVATE_FOLDER);
  await chmod(path, PRIVATE_FOLDER.mode);
}
