import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { TestServer } from './cluster';

process.env.ORT_DISABLE_TELEMETRY = '1';

/** Tests of whole processes run what is built, which takes seconds when a source has changed. */
const BOOTSTRAP = join(__dirname, '..', '..', 'bootstrap.cjs');

export default async function setUp(): Promise<void> {
  execFileSync(process.execPath, [BOOTSTRAP, 'build'], { stdio: 'inherit' });
  (globalThis as { testServer?: TestServer }).testServer = await TestServer.begin();
}
