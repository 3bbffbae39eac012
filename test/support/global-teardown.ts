import type { TestServer } from './cluster';

export default async function tearDown(): Promise<void> {
  await (globalThis as { testServer?: TestServer }).testServer?.end();
}
