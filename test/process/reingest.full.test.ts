/** A work process that is killed while it reads a file again. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PraxisClient } from '../../src/sdk';
import { openTestDatabase } from '../support';
import { Product } from './product.fixture';

jest.setTimeout(150_000);

const onLinux = process.platform === 'linux' ? it : it.skip;
const database = openTestDatabase();
const ROWS = 200_000;
const DATASET = `query ($id: ID!) { datasetById(id: $id) { currentVersion { id version rowCount columns { name type } }
  versions(first: 10) { edges { node { version } } } } }`;
const UPLOAD =
  'query ($id: ID!) { dataset: datasetById(id: $id) { uploads(first: 10) { edges { node { id state } } } } }';

let product: Product;
afterEach(() => product.remove());

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

onLinux('leaves the version that there was until another has read the file to its end', async () => {
  product = await Product.prepare({ DATABASE_URL: database.url });
  await product.start();
  const key = readFileSync(join(product.dataDir, 'demo-api-key'), 'utf8').trim();
  const client = new PraxisClient({ url: `http://127.0.0.1:${product.port}`, key });
  const path = join(product.dataDir, 'codes.csv');
  const lines = Array.from({ length: ROWS }, (_, i) => `${i % 977},${i * 0.5},text ${i}`);
  writeFileSync(path, `code,value,words\n${lines.join('\n')}\n`);
  const { id } = await client.datasets.upload(path);
  const first = await client.datasets.ready(id);
  const read = async () => (await client.run<any>(DATASET, { id })).datasetById;
  const { uploads } = (await client.run<any>(UPLOAD, { id })).dataset;

  const columns = [{ name: 'code', type: 'CATEGORY' as const }];
  const { upload } = await client.datasets.reingest(uploads.edges[0].node.id, { columns });
  let killed = 0;
  const ready = client.datasets.ready(id, {
    uploadId: upload.id,
    onEvent: ({ event }) => {
      const work = product.pidsOf('work').at(0);
      if (killed > 0 || event.__typename !== 'IngestProgress' || work === undefined) return;
      process.kill(work, 'SIGKILL');
      killed = work;
    },
  });
  await product.until('the kill', () => killed > 0);
  const meanwhile = await read();
  expect(meanwhile.currentVersion).toMatchObject({ id: first.id, version: 1, rowCount: ROWS });
  expect(meanwhile.versions.edges).toHaveLength(1);

  const second = await ready;
  expect(second.id).not.toBe(first.id);
  const after = await read();
  expect(after.currentVersion).toMatchObject({ id: second.id, version: 2, rowCount: ROWS });
  expect(after.currentVersion.columns[0]).toEqual({ name: 'code', type: 'CATEGORY' });
  expect(after.versions.edges).toHaveLength(2);
  const states = (await client.run<any>(UPLOAD, { id })).dataset.uploads.edges.map(({ node }: any) => node.state);
  expect(states).toEqual(['READY', 'READY']);
  // The file that was sent, and one of each version.
  const large = filesOf(join(product.dataDir, 'artifacts')).filter((file) => statSync(file).size > 100_000);
  expect(large).toHaveLength(3);
  await client.close();
});
