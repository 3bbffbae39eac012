import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Where process ids are counted: one boot of one machine and, in containers, one of its spaces of process ids. Null on
 * systems that do not tell; then a process is known to be dead by its silence only.
 */
export function machineId(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}
