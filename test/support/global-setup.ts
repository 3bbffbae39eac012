import 'reflect-metadata';
import { TestServer } from './cluster';

export default async function setUp(): Promise<void> {
  (globalThis as { testServer?: TestServer }).testServer = await TestServer.begin();
}
