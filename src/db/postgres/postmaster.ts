import { readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../../kernel/process/alive';

/** What a running postmaster writes into postmaster.pid of its data directory. */
export interface Postmaster {
  pid: number;
  /** Port, also part of the socket's name. */
  port: number;
  /** Directory of the Unix socket; empty when there is none. */
  socketDir: string;
  ready: boolean;
}

/** The postmaster of a data directory, or null when no process runs there. */
export function findPostmaster(data: string): Postmaster | null {
  const lines = readPidFile(data).split('\n');
  const pid = Number(lines[0]);
  if (!pid || !isPostmaster(pid)) return null;
  return { pid, port: Number(lines[3]), socketDir: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' };
}

/**
 * Removes a pid file whose process is no postmaster: PostgreSQL would take a zombie, or whoever has the number by now,
 * for one. Only before a start: PostgreSQL ends within a minute when the file of its own is gone.
 */
export function removeStalePidFile(data: string): void {
  const pid = Number(readPidFile(data).split('\n')[0]);
  if (pid && !isPostmaster(pid)) rmSync(pidFile(data), { force: true });
}

export const pidFile = (data: string): string => join(data, 'postmaster.pid');

const readPidFile = (data: string): string => readText(pidFile(data));

const isPostmaster = (pid: number): boolean => isAlive(pid) && isPostgres(pid);

/** Our process id travels as the cluster's name, so that whoever finds the postmaster knows who guards it. */
export const OWNER_SETTING = { cluster_name: `praxis.${process.pid}` };

/** Process that started the postmaster which is ready in this data directory; 0 when it was not one of ours. */
export async function findOwner(data: string): Promise<number> {
  const options = await readFile(join(data, 'postmaster.opts'), 'utf8').catch(() => '');
  return Number(/cluster_name=praxis\.(\d+)/.exec(options)?.[1] ?? 0);
}

/** After a restart another process can hold the number; where /proc tells, PostgreSQL is known by its name. */
const isPostgres = (pid: number): boolean => /^(postgres|$)/.test(readText(`/proc/${pid}/comm`));

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
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
