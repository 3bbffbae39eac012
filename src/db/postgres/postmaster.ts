import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running postmaster writes into postmaster.pid of its data directory. */
export interface Postmaster {
  pid: number;
  /** Port, also part of the socket's name. */
  port: number;
  /** Directory of the Unix socket; empty when there is none. */
  socketDir: string;
  ready: boolean;
}

/** The postmaster of a data directory, or null when no process runs there. Removes a file that a crash left behind. */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const path = join(data, 'postmaster.pid');
  const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!pid) return null;
  if (!isAlive(pid) || !isPostgres(pid)) {
    await rm(path, { force: true });
    return null;
  }
  return { pid, port: Number(lines[3]), socketDir: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' };
}

/** Our process id travels as the cluster's name, so that whoever finds the postmaster knows who guards it. */
export const OWNER_SETTING = { cluster_name: `praxis.${process.pid}` };

/** Process that started the postmaster which is ready in this data directory; 0 when it was not one of ours. */
export async function findOwner(data: string): Promise<number> {
  const options = await readFile(join(data, 'postmaster.opts'), 'utf8').catch(() => '');
  return Number(/cluster_name=praxis\.(\d+)/.exec(options)?.[1] ?? 0);
}

/** False for a process that is gone, also when its parent has not yet taken note (a zombie). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !/\) [ZX] /.test(readProcess(pid, 'stat'));
}

/** After a restart another process can hold the number; where /proc tells, PostgreSQL is known by its name. */
const isPostgres = (pid: number): boolean => /^(postgres|$)/.test(readProcess(pid, 'comm'));

/** A file of /proc; empty on systems that have none. */
function readProcess(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Stops a postmaster: fast shutdown (open transactions roll back), at once after ten seconds. */
export async function stopPostmaster(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  if (await waitFor(() => !isAlive(pid), 10_000)) return;
  signal(pid, 'SIGQUIT');
  await waitFor(() => !isAlive(pid), 5_000);
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Polls a condition every few milliseconds; false when the time is over. */
export async function waitFor(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
}
