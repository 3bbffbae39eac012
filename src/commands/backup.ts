import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { backUp, restore, type BackupReport, type BackupEnvironment } from '../backup';
import { ConfigError, type Config } from '../config';
import { createLog } from '../kernel';
import { openArtifactStore } from '../storage';
import { openDatabaseServer } from './database-server';

/** `backup FILE`, or `backup DIRECTORY` for a file in it that is named by the time. */
export async function backupTo(args: string[], config: Config): Promise<void> {
  const path = await fileOf(pathIn(args, [], 'backup FILE, or backup DIRECTORY'));
  await refuseNoData(config);
  await withEnvironment('backup', config, async (environment) => print(describe(await backUp(path, environment))));
}

/** `restore FILE [--replace]`, into the database and the store that the settings name. */
export async function restoreFrom(args: string[], config: Config): Promise<void> {
  const path = pathIn(args, ['--replace'], 'restore FILE [--replace]');
  await withEnvironment('restore', config, async (environment) => {
    const done = await restore(path, environment, { replace: args.includes('--replace') });
    print([
      `Restored the backup of ${done.createdAt}, made by Praxis ${done.product}: ${done.tables} tables, ${done.artifacts} files.`,
      'Start Praxis now. Key files are not part of a backup: new ones are written at the start; the old keys still work.',
    ]);
  });
}

/** A mistyped data directory must not become a new, empty installation. */
async function refuseNoData({ databaseUrl, dataDir }: Config): Promise<void> {
  if (databaseUrl || (await stat(join(dataDir, 'data')).catch(() => null))) return;
  throw new ConfigError(
    `There is no database of Praxis in ${dataDir}: set PRAXIS_DATA_DIR to the folder of the server.`,
  );
}

function pathIn(args: string[], options: string[], usage: string): string {
  const [path, ...more] = args.filter((arg) => !options.includes(arg));
  if (path === undefined || path.startsWith('-') || more.length > 0) throw new ConfigError(`Say: praxis ${usage}`);
  return resolve(path);
}

async function fileOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) return path;
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return join(path, `praxis-${stamp}.tar`);
}

async function withEnvironment(
  name: string,
  config: Config,
  work: (environment: BackupEnvironment) => Promise<void>,
): Promise<void> {
  const log = createLog(config.logLevel, { process: name });
  const server = await openDatabaseServer(config, log);
  try {
    const artifacts = await openArtifactStore(config);
    await work({ url: server.url, artifacts, waitMs: config.databaseWaitMs, log });
  } finally {
    await server.stop();
  }
}

const SHOWN_MAX = 5;

function describe({ path, byteCount, tables, artifacts, missing, damaged }: BackupReport): string[] {
  const size = `${byteCount.toLocaleString('en-US')} bytes`;
  return [
    `Wrote ${path}: ${tables} tables, ${artifacts} files, ${size}. It holds data and key hashes of all tenants: keep it closed.`,
    ...faults('are named by rows and are not in the store', missing),
    ...faults('differ from the checksum that was recorded when they were written', damaged),
  ];
}

function faults(what: string, keys: string[]): string[] {
  if (keys.length === 0) return [];
  const more = keys.length > SHOWN_MAX ? ' …' : '';
  return [`Warning: ${keys.length} files ${what}: ${keys.slice(0, SHOWN_MAX).join(', ')}${more}`];
}

const print = (lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
