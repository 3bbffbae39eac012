import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './alive';

/**
 * Where the server of a data directory answers, for other commands on the same machine: a file in the directory while the
 * server runs. It names the process, so that the file of one that was killed says nothing.
 */
const FILE = 'address';

interface Announced {
  url: string;
  pid: number;
}

/** Until this process ends; then a server that was announced before and still runs is announced again. */
export function announceServer(dataDir: string, url: string): void {
  const before = readAnnounced(dataDir);
  write(dataDir, { url, pid: process.pid });
  process.on('exit', () => {
    if (readAnnounced(dataDir)?.pid !== process.pid) return;
    if (before && isAlive(before.pid)) write(dataDir, before);
    else rmSync(join(dataDir, FILE), { force: true });
  });
}

function write(dataDir: string, announced: Announced): void {
  const path = join(dataDir, FILE);
  const partial = `${path}.${process.pid}.tmp`;
  writeFileSync(partial, `${JSON.stringify(announced)}\n`);
  renameSync(partial, path);
}

/** The address of the server that runs on this data directory, or null. */
export function findServer(dataDir: string): string | null {
  const announced = readAnnounced(dataDir);
  return announced && isAlive(announced.pid) ? announced.url : null;
}

/** Null for a file that is not there, cannot be read or holds something else. */
function readAnnounced(dataDir: string): Announced | null {
  try {
    const { url, pid } = JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')) as Partial<Announced>;
    return typeof url === 'string' && URL.canParse(url) && Number.isInteger(pid) ? { url, pid: pid! } : null;
  } catch {
    return null;
  }
}
