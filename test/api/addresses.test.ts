import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { DEMO_KEY_FILE } from '../../seeds';
import { seedApp } from '../../src/commands/seed';
import { openTestApp, openTestDatabase } from '../support';

const CREATE = 'mutation { createDataset(input: { name: "Machines", format: CSV }) { dataset { id } upload { url } } }';
const READY =
  'subscription ($id: ID!) { datasetEvents(datasetId: $id) { event { ... on DatasetVersionReady { version { downloadUrl } } } } }';
const database = openTestDatabase();

test('an upload address is absolute, over HTTP and sockets, and is what curl takes', async () => {
  const { app, config } = await openTestApp(database, { PRAXIS_TRUSTED_PROXIES: '127.0.0.1' });
  await seedApp(app, config.dataDir);
  const url = (await app.listen()).replace('localhost', '127.0.0.1');
  const authorization = `Bearer ${(await readFile(join(config.dataDir, DEMO_KEY_FILE), 'utf8')).trim()}`;
  const create = async (headers: Record<string, string> = {}): Promise<string> => {
    const init = { method: 'POST', body: JSON.stringify({ query: CREATE }) };
    const all = { 'content-type': 'application/json', authorization, ...headers };
    const { data } = (await (await fetch(`${url}/graphql`, { ...init, headers: all })).json()) as any;
    return data.createDataset.upload.url;
  };
  expect(await create({ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example' })).toMatch(
    /^https:\/\/api\.example\/uploads\//,
  );
  const address = await create();
  expect(address.startsWith(`${url}/uploads/`)).toBe(true);
  const file = join(config.dataDir, 'machines.csv');
  await writeFile(file, 'a,b\n1,2\n');
  const { stdout } = await promisify(execFile)('curl', ['-sS', '-T', file, address]);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'INGESTING', byteCount: 8 });

  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
  });
  const results = client.iterate<any>({ query: CREATE });
  const { value } = await results.next();
  const { dataset, upload } = value.data.createDataset;
  expect(upload.url.startsWith(`${url}/uploads/`)).toBe(true);
  await promisify(execFile)('curl', ['-sS', '-T', file, upload.url]);
  await app.consume();
  for await (const { data } of client.iterate<any>({ query: READY, variables: { id: dataset.id } })) {
    const { version } = data.datasetEvents.event;
    if (version) expect(version.downloadUrl.startsWith(`${url}/datasets/`)).toBe(true);
    if (version) break;
  }
  await client.dispose();
});
