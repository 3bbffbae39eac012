import { readFileSync } from 'node:fs';

/** False for a process that is gone, also when its parent has not yet taken note (a zombie). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !/\) [ZX] /.test(statOf(pid));
}

/** Empty on systems without /proc. */
function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}
