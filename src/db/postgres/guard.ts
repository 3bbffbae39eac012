import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { asUser, type SystemUser } from './binaries';

/**
 * The pipe watchdog. PostgreSQL replaces the shell (same process id); the guard is forked twice, so PostgreSQL does
 * not see it as a child of its own. It reads our pipe (3): a line means PostgreSQL ended, end of file means that our
 * process died, even by SIGKILL, and PostgreSQL must stop: fast first, at once after ten seconds. It watches the pid
 * file ($0) for its own id to go: a container without an init keeps a dead PostgreSQL as a zombie, which kill -0 takes for alive.
 */
const GUARD_SCRIPT = `
( ( if read -r _ <&3; then exit; fi
    kill -INT $$ 2>/dev/null
    n=0; while read -r pid _ <"$0" && [ "$pid" = $$ ]; do
      sleep 1
      n=$((n+1)); [ $n -eq 10 ] && kill -QUIT $$ 2>/dev/null
      [ $n -gt 12 ] && exit
    done ) >/dev/null 2>&1 & )
exec "$@" 3<&-`;

/** The same in Node for Windows, which has no shell of this kind: `postgres` is our child, the guard kills by id. */
const GUARD_NODE = `process.stdin.on('data', () => process.exit()).on('end', () => process.kill(+process.argv[1], 'SIGKILL'))`;

export interface Program {
  file: string;
  args: string[];
  pidFile: string;
  user: SystemUser | null;
  logPath: string;
}

/** Starts a program that ends when this process does. It leads its own session, so Ctrl-C does not reach it. */
export function spawnGuarded(program: Program): ChildProcess {
  const log = openSync(program.logPath, 'a', 0o600);
  try {
    const child = process.platform === 'win32' ? spawnOnWindows(program, log) : spawnBehindShell(program, log);
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function spawnBehindShell(program: Program, log: number): ChildProcess {
  const args = ['-c', GUARD_SCRIPT, program.pidFile, program.file, ...program.args];
  const options = { ...asUser(program.user), cwd: '/', detached: true };
  const child = spawn('/bin/sh', args, { ...options, stdio: ['ignore', log, log, 'pipe'] });
  // Not its standard input: Node closes that one before it tells of the exit.
  const pipe = child.stdio[3] as Writable;
  pipe.on('error', () => undefined);
  (pipe as unknown as { unref(): void }).unref();
  child.once('exit', () => pipe.end('ended\n'));
  return child;
}

function spawnOnWindows(program: Program, log: number): ChildProcess {
  const child = spawn(program.file, program.args, { stdio: ['ignore', log, log], windowsHide: true });
  const options = { detached: true, windowsHide: true, stdio: ['pipe', 'ignore', 'ignore'] as const };
  const guard = spawn(process.execPath, ['-e', GUARD_NODE, String(child.pid)], {
    ...options,
    stdio: [...options.stdio],
  });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  child.once('exit', () => guard.stdin!.end('ended\n'));
  return child;
}
