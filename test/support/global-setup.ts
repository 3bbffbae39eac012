import 'reflect-metadata';
import { TestServer } from './cluster';

process.env.ORT_DISABLE_TELEMETRY = '1';

export default async function setUp(): Promise<void> {
  (globalThis as { testServer?: TestServer }).testServer = await TestServer.begin();
}
