/** The processes of the benchmark: our server over a database of its own, and the peer's. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { createApp } from '../src/app';
import { seedApp } from '../src/commands/seed';
import { childEnvironment, readConfig } from '../src/config';
import { migrate } from '../src/db';
import { createLog, type TenantContext } from '../src/kernel';
import { FileArtifactStore } from '../src/storage';
import { deployMlp } from './predict.model';

const EXTENSION = extname(__filename);
/** How Node runs a file of this build. */
export const NODE_ARGUMENTS = EXTENSION === '.ts' ? ['-r', resolve(__dirname, '../register.cjs')] : [];

export interface Served {
  child: ChildProcess;
  port: number;
}

/** Migrates, seeds, deploys; gives the demo tenant's key. */
export async function prepare(folder: string, databaseUrl: string, deploy = deployMlp): Promise<string> {
  await migrate(databaseUrl);
  const config = { ...readConfig({ PRAXIS_DATA_DIR: folder, DATABASE_URL: databaseUrl }), databaseUrl };
  const app = await createApp(config, createLog('warn'));
  await seedApp(app, folder);
  const key = (await readFile(join(folder, 'demo-api-key'), 'utf8')).trim();
  const caller = (await app.services.authenticator.authenticate(`Bearer ${key}`, 'bench')) as TenantContext;
  await deploy(app, new FileArtifactStore(join(folder, 'artifacts')), caller);
  await app.close();
  return key;
}

/** `serve` answers; `start` trains as well. */
export async function startServer(
  folder: string,
  databaseUrl: string,
  settings: object = {},
  command: 'serve' | 'start' = 'serve',
): Promise<Served> {
  const main = resolve(__dirname, `../src/main${EXTENSION}`);
  const profile = process.env.SERVER_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.SERVER_PROFILE}`] : [];
  const env = childEnvironment({
    PRAXIS_DATA_DIR: folder,
    DATABASE_URL: databaseUrl,
    PORT: '0',
    NODE_ENV: 'production',
    ...settings,
  });
  const child = spawn(process.execPath, [...profile, ...NODE_ARGUMENTS, main, command], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  for await (const chunk of child.stderr!) {
    output += chunk;
    const address = /"address":"http:\/\/[^"]+:(\d+)"/.exec(output);
    if (address) return { child: keepReading(child), port: Number(address[1]) };
  }
  throw new Error(`The server did not start:\n${output}`);
}

function keepReading(child: ChildProcess): ChildProcess {
  child.stderr!.on('data', () => undefined).resume();
  return child;
}

/** `workers` processes of uvicorn on the peer's program; its folder is PEER_DIR. */
export async function startPeer(python: string, model: string, workers: number): Promise<Served> {
  const port = await freePort();
  const folder = process.env.PEER_DIR ?? resolve('../shared/peers');
  const options = ['--app-dir', folder, '--port', String(port), '--workers', String(workers), '--log-level', 'warning'];
  const env = childEnvironment({ MODEL: model });
  const child = spawn(python, ['-m', 'uvicorn', 'serve:app', ...options], { env, stdio: 'ignore' });
  await untilAnswers(`http://127.0.0.1:${port}/docs`);
  return { child, port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

async function untilAnswers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await new Promise((wait) => setTimeout(wait, 100));
  }
  throw new Error(`Nothing answers at ${url}.`);
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
