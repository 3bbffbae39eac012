import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTestDatabase } from '../support';
import { freePort, Product } from './product.fixture';

/** What operators read of the whole product, and what their tools ask for. */

jest.setTimeout(150_000);

const ROOT = join(__dirname, '..', '..');
const TOKEN = 'a-token-of-enough-letters';
const database = openTestDatabase();

let product: Product;
let work: ChildProcess | null = null;
afterEach(async () => {
  await product.remove();
  if (work?.exitCode === null) {
    const ended = new Promise((resolve) => work!.once('exit', resolve));
    work.kill('SIGKILL');
    await ended;
  }
});

const scrape = async (port: number, token?: string): Promise<{ status: number; text: string }> => {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
  return { status: response.status, text: await response.text() };
};

/** Names that can be asked for: those of the samples, and of the parts of histograms. */
function namesIn(text: string): Set<string> {
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  return new Set(
    types.flatMap(([, name, type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
    ),
  );
}

/** Every metric of ours, of Node and of the process that a file of queries names. */
const namesAskedFor = (file: string): Set<string> =>
  new Set(readFileSync(join(ROOT, file), 'utf8').match(/\b(praxis|nodejs|process)_[a-z0-9_]+/g));

test('one scrape tells of API and work, to who has the token, and holds all that dashboard and alerts ask for', async () => {
  product = await Product.prepare({ DATABASE_URL: database.url, PRAXIS_METRICS_TOKEN: TOKEN });
  await product.start();
  const tellsOfWork = async () => (await scrape(product.port, TOKEN)).text.includes('process="work"');
  await product.until('a work process that tells', tellsOfWork);
  for (const token of [undefined, '', 'wrong', `${TOKEN}x`, TOKEN.slice(1)]) {
    const { status, text } = await scrape(product.port, token);
    expect([status, JSON.parse(text).errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
  }
  const { status, text } = await scrape(product.port, TOKEN);
  expect(status).toBe(200);
  const names = namesIn(text);
  for (const file of ['ops/grafana/praxis.json', 'ops/prometheus/alerts.yml']) {
    expect([...namesAskedFor(file)].filter((name) => !names.has(name))).toEqual([]);
  }
  for (const process of ['serve-1', 'work']) {
    expect(text).toMatch(new RegExp(`^process_resident_memory_bytes\\{process="${process}"\\} \\d+`, 'm'));
  }
  // What all processes see alike is told once, and not added up.
  const sample = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  const [{ bytes }] = await database.ownerQuery<{ bytes: string }>(
    'SELECT pg_database_size(current_database()) AS bytes',
  );
  expect(sample('praxis_database_size_bytes') / Number(bytes)).toBeCloseTo(1, 1);
  expect(sample('praxis_data_directory_free_bytes')).toBeLessThanOrEqual(sample('praxis_data_directory_size_bytes'));
  expect(sample('praxis_training_threads')).toBe(1);
  // That of the API process, and that of `work`, where cases predict.
  expect(sample('praxis_inference_threads')).toBe(2);
});

test('names are of one form, in base units; old ones say that they go; labels are kinds', async () => {
  product = await Product.prepare({ DATABASE_URL: database.url, PRAXIS_SUPERVISE_WORK: 'false' });
  await product.start();
  await product.ask('query Mine { me { tenant { id } } }');
  await product.get('/somewhere/6f0e7a52-0000-4000-8000-000000000000');
  const { text } = await scrape(product.port);
  const helps = new Map([...text.matchAll(/^# HELP (\w+) (.*)$/gm)].map(([, name, help]) => [name, help]));
  const odd = [...helps].filter(
    ([name, help]) =>
      /milli|_ms\b|_mb\b|_minutes/.test(name) !== help.startsWith('Deprecated, gone in the next release'),
  );
  expect(odd).toEqual([]);
  const values = [...text.matchAll(/(\w+)="([^"]*)"/g)].filter(([, label]) => label !== 'le');
  const long = values.filter(([, , value]) => !/^[A-Za-z0-9_:./*-]{0,40}$/.test(value) || /[0-9a-f]{8}-/.test(value));
  expect(long).toEqual([]);
  expect(text).toContain('field="me"');
  const types = [...text.matchAll(/^# TYPE (praxis_\w+) counter$/gm)].map(([, name]) => name);
  expect(types.filter((name) => !name.endsWith('_total'))).toEqual([]);
});

test('a port of its own takes them off the port of the API, and lets a work process without a parent tell its own', async () => {
  const [ofApi, ofWork] = [await freePort(), await freePort()];
  const common = { DATABASE_URL: database.url, PRAXIS_METRICS_TOKEN: TOKEN };
  product = await Product.prepare({ ...common, PRAXIS_SUPERVISE_WORK: 'false', PRAXIS_METRICS_PORT: String(ofApi) });
  await product.start();
  expect((await scrape(product.port, TOKEN)).status).toBe(404);
  expect((await scrape(ofApi)).status).toBe(401);
  expect((await scrape(ofApi, TOKEN)).text).toContain('praxis_api_processes 1');

  const settings = { PRAXIS_DATA_DIR: product.dataDir, PRAXIS_METRICS_PORT: String(ofWork), PRAXIS_LOG_LEVEL: 'warn' };
  work = spawn(process.execPath, ['dist/src/main.js', 'work'], {
    cwd: ROOT,
    env: { ...process.env, ...common, ...settings },
    stdio: 'inherit',
  });
  await product.until('metrics of work', () =>
    scrape(ofWork, TOKEN).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  const { text } = await scrape(ofWork, TOKEN);
  expect(text).toContain('praxis_trainings_waiting 0');
  expect(text).toMatch(/^process_resident_memory_bytes\{process="work"\}/m);
});
