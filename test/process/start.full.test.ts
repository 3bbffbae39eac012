import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buildClientSchema, buildSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { printSchemaSorted } from '../../src/graphql';
import { findServer } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { Product } from './product.fixture';

/** The whole product as a user starts it: processes, signals and what a kill leaves behind. */

// A start takes a second or two, and many times that on a machine that is busy with other things.
jest.setTimeout(150_000);

const onLinux = process.platform === 'linux' ? it : it.skip;
const database = openTestDatabase();
/** Making a PostgreSQL for a test takes longer than all else. */
const outside = () => ({ DATABASE_URL: database.url });
const EMBEDDED = { DATABASE_URL: '' };
const WITHOUT_WORK = { PRAXIS_SUPERVISE_WORK: 'false' };

let product: Product;
afterEach(() => product.remove());

onLinux('leaves no process behind when it is killed, and starts again cleanly', async () => {
  product = await Product.prepare(EMBEDDED);
  await product.start();
  await product.until('a work process', () => product.pidsOf('work').length === 1);
  expect(product.processes().some((line) => line.includes('postgres'))).toBe(true);
  product.parent.kill('SIGKILL');
  await product.untilGone();

  await product.start();
  const answer = await product.ask('{ me { role tenant { slug } } }');
  expect(answer).toEqual({ data: { me: { role: 'OWNER', tenant: { slug: 'demo' } } } });
  // A build can rename the classes that types are named by.
  const introspection = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true });
  const { data } = (await product.ask(introspection)) as { data: IntrospectionQuery };
  const written = buildSchema(readFileSync(join(__dirname, '../../schema/schema.graphql'), 'utf8'));
  expect(printSchemaSorted(buildClientSchema(data))).toBe(printSchemaSorted(written));
});

onLinux('starts an API process again when it is killed, and tells the metrics of all of them as one', async () => {
  product = await Product.prepare({ ...outside(), ...WITHOUT_WORK, PRAXIS_API_PROCESSES: '2' });
  await product.start();
  const metric = async (pattern: RegExp) => Number(pattern.exec(await (await product.get('/metrics')).text())?.[1]);
  const count = async () => (await metric(/operations_total\{.*field="me".*\} (\d+)/)) || 0;
  const twoAnswer = async () => (await metric(/^praxis_api_processes (\d+)/m)) === 2;
  await product.until('two API processes', twoAnswer);
  const [first] = product.pidsOf('serve');
  process.kill(first, 'SIGKILL');
  // Not asked at once: a connection that was on its way to the dead process stays without an answer.
  await product.until('another API process', () => product.pidsOf('serve').filter((pid) => pid !== first).length === 2);
  await product.until('two API processes again', twoAnswer);
  const before = await count();
  // Connections go to the processes in turn.
  for (let asked = 0; asked < 6; asked++) await product.ask('{ me { role } }');
  await product.until('all of them counted', async () => (await count()) === before + 6);
});

onLinux('starts its work process again when that is killed, and stops everything on SIGTERM', async () => {
  product = await Product.prepare(outside());
  await product.start();
  const workPid = () => product.pidsOf('work').at(0) ?? null;
  await product.until('a work process', () => workPid() !== null);
  const first = workPid()!;
  expect(readFileSync(`/proc/${first}/environ`, 'utf8')).toContain('MALLOC_MMAP_THRESHOLD_=');
  process.kill(first, 'SIGKILL');
  await product.until('another work process', () => workPid() !== null && workPid() !== first);
  expect((await product.get('/healthz')).status).toBe(200);
  expect(statSync(join(product.dataDir, 'demo-api-key')).mode & 0o777).toBe(0o600);
  expect(findServer(product.dataDir)).toBe(`http://localhost:${product.port}`);
  expect(await product.stop()).toBe(0);
  await product.untilGone();
  expect(existsSync(join(product.dataDir, 'address'))).toBe(false);
});

onLinux('a second start on the same folder goes on alone when the first one stops', async () => {
  product = await Product.prepare({ ...EMBEDDED, ...WITHOUT_WORK });
  await product.start();
  const second = await Product.prepare(EMBEDDED, product);
  try {
    await second.start();
    await second.until('a work process', () => second.pidsOf('work').length === 1);
    expect(await product.stop()).toBe(0);
    const query = '{ me { tenant { slug } } }';
    const answer = { data: { me: { tenant: { slug: 'demo' } } } };
    await second.until('an answer', async () => JSON.stringify(await second.ask(query)) === JSON.stringify(answer));
    expect(second.output).toContain('the process that ran PostgreSQL has ended; it is run from here now');
    expect(await second.stop()).toBe(0);
  } finally {
    await second.stop();
  }
  await product.untilGone();
});

onLinux('says that its port is taken, and ends with everything it has started', async () => {
  product = await Product.prepare({ ...EMBEDDED, ...WITHOUT_WORK });
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(product.port, '127.0.0.1', resolve));
  product.launch();
  const code = await new Promise((resolve) => product.parent.once('exit', resolve));
  await new Promise((resolve) => other.close(resolve));
  expect(code).toBe(1);
  expect(product.output).toContain(
    `127.0.0.1:${product.port} is taken by another program: stop that one, or set PORT to another number.`,
  );
  expect(product.output).not.toContain('    at ');
  await product.untilGone();
});
