import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asUser, type Binaries, type SystemUser } from './binaries';
import { startFault, unusable } from './faults';

export const LOGIN = 'praxis';
export const DATABASE = 'praxis';

/**
 * The cluster's place: `data` is PGDATA (owned by the user PostgreSQL runs as), `password` holds the login's
 * password (mode 0600).
 */
export const clusterPaths = (dataDir: string) => ({
  data: join(dataDir, 'data'),
  password: join(dataDir, 'password'),
  log: join(dataDir, 'postgres.log'),
  socket: join(dataDir, 'socket'),
});

/** Makes the cluster when there is none and returns the login's password. Two processes may do this at once. */
export async function ensureCluster(dataDir: string, binaries: Binaries, user: SystemUser | null): Promise<string> {
  const paths = clusterPaths(dataDir);
  if (!existsSync(paths.data)) {
    await keepPassword(paths.password);
    await initialize(dataDir, binaries, user);
  }
  await refuseOtherVersion(paths.data, binaries);
  if (!existsSync(paths.password)) {
    throw unusable(
      `${paths.password} is missing, so ${paths.data} cannot be opened. Restore it or move the directory.`,
    );
  }
  return (await readFile(paths.password, 'utf8')).trim();
}

/** Writes a random password once: the first process wins, the others read the winner's whole file. */
async function keepPassword(path: string): Promise<void> {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
}

/** Builds the cluster beside its place and renames it in, so a cluster that exists is complete. */
async function initialize(dataDir: string, binaries: Binaries, user: SystemUser | null): Promise<void> {
  const draft = join(dataDir, `data.${process.pid}-${randomBytes(4).toString('hex')}`);
  const passwordFile = `${draft}.password`;
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, await readFile(clusterPaths(dataDir).password), { mode: 0o600 });
    if (user) await Promise.all([draft, passwordFile].map((path) => chown(path, user.uid, user.gid)));
    const initdb = { file: binaries.initdb, args: initdbArguments(draft, passwordFile) };
    await runProgram({ ...initdb, user, dataDir });
    const create = ['--single', '-D', draft, 'postgres'];
    const input = `CREATE DATABASE ${DATABASE}\n`;
    await runProgram({ file: binaries.postgres, args: create, user, dataDir, input });
    await rename(draft, clusterPaths(dataDir).data).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await Promise.all([draft, passwordFile].map((path) => rm(path, { recursive: true, force: true })));
  }
}

const initdbArguments = (directory: string, passwordFile: string): string[] => [
  ...['-D', directory, '-U', LOGIN, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
  // The builtin provider sorts the same on every machine, whatever its C library.
  ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  // 256 random bits need no key stretching; this makes a connection several milliseconds faster.
  ...['--set', 'scram_iterations=1'],
];

async function refuseOtherVersion(data: string, binaries: Binaries): Promise<void> {
  const found = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  const banner = await runProgram({ file: binaries.postgres, args: ['--version'], user: null, dataDir: data });
  const major = /(\d+)/.exec(banner)?.[1];
  if (found !== major) {
    throw unusable(`${data} was made by PostgreSQL ${found}, this is ${major}. Dump it there and restore it here.`);
  }
}

interface ProgramRun {
  file: string;
  args: string[];
  user: SystemUser | null;
  /** What an error speaks of. */
  dataDir: string;
  input?: string;
}

/** Runs a program to its end; its output, or an error that says why it failed. */
function runProgram({ file, args, user, dataDir, input = '' }: ProgramRun): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...asUser(user), cwd: '/', stdio: 'pipe', windowsHide: true });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk));
    child.on('error', (cause) => reject(unusable(`${file} cannot be run: ${cause.message}.`, '', cause)));
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(startFault(dataDir, output))));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
