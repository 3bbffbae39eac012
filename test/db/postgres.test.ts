import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type EmbeddedPostgres, type LaunchOptions } from '../../src/db';
import { testLog } from '../support';
import { runOn } from '../support/cluster';

let home: string;
let dataDir: string;
const children: ChildProcess[] = [];
const servers: EmbeddedPostgres[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'praxis-postgres-'));
  await chmod(home, 0o711);
  dataDir = join(home, 'one');
});

afterAll(async () => {
  children.forEach((child) => child.kill('SIGKILL'));
  await Promise.all(servers.map((server) => server.stop()));
  await until(() => !existsSync(pidFile()));
  await rm(home, { recursive: true, force: true });
});

const pidFile = () => join(dataDir, 'data', 'postmaster.pid');

/** Of the server in the directory; 0 while there is none, or its file is being written. */
const postmaster = (directory = dataDir) => Number(readText(join(directory, 'data', 'postmaster.pid')).split('\n')[0]);

async function start(options: Partial<LaunchOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ dataDir, log: testLog, ...options });
  servers.push(server);
  return server;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A process of its own that runs PostgreSQL on the same directory, once it printed the address. */
async function startParent(): Promise<{ child: ChildProcess; url: string }> {
  const args = ['-r', join(process.cwd(), 'register.cjs'), join(__dirname, 'postgres-parent.ts'), dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, url: line.toString().trim() };
}

/** Kills the server and gives the id of the one that comes in its place. */
async function crash(): Promise<number> {
  const crashed = postmaster();
  process.kill(crashed, 'SIGKILL');
  await until(() => postmaster() !== 0 && postmaster() !== crashed);
  return postmaster();
}

/** Shells that watch over the server of `dataDir`, each with its children: one that waits for an end runs `sleep`. */
const guards = () =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => ({ pid, line: readText(`/proc/${pid}/cmdline`) }))
    .filter(({ line }) => line.startsWith('/bin/sh') && line.includes(pidFile()))
    .map(({ pid }) => readText(`/proc/${pid}/task/${pid}/children`));

/** They are told of the crash; a guard that took it for our end would interrupt whoever has the id by now. */
function noGuardOfTheCrashed(): boolean {
  expect(guards().filter((children) => children !== '')).toEqual([]);
  return guards().length === 1;
}

/** Empty for a process that is gone. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const answers = async (url: string) => (await runOn(url, 'SELECT 1 AS one'))[0].one === 1;

test('starts from nothing, keeps its data, and lets nobody else in', async () => {
  const first = await start();
  await runOn(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
  const wrong = first.url.replace(/:[^:@]*@/, ':guess@');
  await expect(runOn(wrong, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  if (process.platform === 'linux') {
    const [{ addresses }] = await runOn(first.url, `SELECT current_setting('listen_addresses') AS addresses`);
    expect(addresses).toBe('');
    expect(statSync(join(dataDir, 'socket')).mode & 0o777).toBe(0o700);
  }
  await first.stop();
  expect(existsSync(pidFile())).toBe(false);
  const second = await start();
  expect(await runOn(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await second.stop();
});

test('a second process adopts the running one and leaves it running', async () => {
  const { child, url } = await startParent();
  const before = postmaster();
  const adopted = await start();
  expect(adopted.url).toBe(url);
  await adopted.stop();
  expect(postmaster()).toBe(before);
  expect(await answers(url)).toBe(true);
  child.kill('SIGKILL');
  await until(() => !existsSync(pidFile()));
});

test('a second process runs it on the same address when the first one is killed', async () => {
  const { child, url } = await startParent();
  const adopted = await start();
  const before = postmaster();
  child.kill('SIGKILL');
  await until(() => postmaster() !== 0 && postmaster() !== before);
  await until(() => answers(url).catch(() => false));
  await adopted.stop();
  expect(existsSync(pidFile())).toBe(false);
});

test('stops when its parent is killed, and the next start is clean', async () => {
  const { child } = await startParent();
  const killed = postmaster();
  child.kill('SIGKILL');
  await until(() => !isServing(killed));
  const next = await start();
  expect(postmaster()).not.toBe(killed);
  expect(await answers(next.url)).toBe(true);
  await next.stop();
});

test('a start while the one of a killed parent is going down waits for it', async () => {
  const { child } = await startParent();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const next = await start();
  expect(await answers(next.url)).toBe(true);
  await next.stop();
});

test('comes back on the same address after a crash of PostgreSQL', async () => {
  const postgres = await start();
  // A guard of the test before may still be looking.
  if (process.platform === 'linux') await until(() => guards().length === 1);
  for (let crashes = 1; crashes <= 3; crashes++) {
    await crash();
    await until(() => answers(postgres.url).catch(() => false));
  }
  // PostgreSQL ends within a minute when its pid file is taken away, and says so at once.
  expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).not.toContain('could not open file "postmaster.pid"');
  if (process.platform === 'linux') await until(noGuardOfTheCrashed);
  await postgres.stop();
});

test('a stop while it comes back from a crash stops it for good', async () => {
  const postgres = await start();
  const restarted = await crash();
  await postgres.stop();
  expect(isServing(restarted)).toBe(false);
  expect(existsSync(pidFile())).toBe(false);
});

test('a pid file left by a crash of the machine does not stand in the way', async () => {
  if (process.platform !== 'linux') return;
  await writeFile(pidFile(), `${process.pid}\n${dataDir}\n0\n5432\n\n\n\nready\n`);
  const postgres = await start();
  expect(await answers(postgres.url)).toBe(true);
  await postgres.stop();
});

test('two starts at once on an empty directory share one server', async () => {
  const options = { dataDir: join(home, 'both') };
  const both = await Promise.all([start(options), start(options)]);
  expect(both[0].url).toBe(both[1].url);
  expect(await answers(both[0].url)).toBe(true);
  await Promise.all(both.map((postgres) => postgres.stop()));
});

test('a directory whose path is too long for a socket works', async () => {
  const deep = join(home, 'd'.repeat(90));
  await mkdir(deep, { mode: 0o755 });
  const postgres = await start({ dataDir: deep });
  expect(await answers(postgres.url)).toBe(true);
  await postgres.stop();
});

test('what cannot work is refused with its reason', async () => {
  await rm(join(home, 'lost'), { recursive: true, force: true });
  await mkdir(join(home, 'lost'), { mode: 0o755 });
  await symlink(join(dataDir, 'data'), join(home, 'lost', 'data'));
  const lost = start({ dataDir: join(home, 'lost') });
  await expect(lost).rejects.toThrow(/password is missing/);
  if (process.getuid?.() !== 0) return;
  await mkdir(join(home, 'closed'), { mode: 0o700 });
  const closed = start({ dataDir: join(home, 'closed', 'data') });
  await expect(closed).rejects.toThrow(/cannot enter .*closed/);
});

/** Does the process still serve? One that ended and that nobody waits for stays in the list as a zombie. */
function isServing(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
