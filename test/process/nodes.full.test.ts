import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.fixture';
import { Product } from './product.fixture';

/** The product on the versions of Node that are supported beside the one that runs the tests (docs/operations/node-versions.md). */

jest.setTimeout(600_000);

const VERSIONS = ['22.23.5', '24.22.3'];
const ROOT = join(__dirname, '..', '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'praxis-nodes');

/** The program of that version, from the package that holds it for this platform; fetched once. */
function nodeOf(version: string): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(CACHE, version);
  const program = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const fetched = ['install', `${name}@${version}`, '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit'];
  execFileSync('npm', fetched, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return program;
}

let product: Product;
afterEach(() => product.remove());

test.each(VERSIONS)('on Node %s: start, a model from a file, and an end without a warning', async (version) => {
  const node = nodeOf(version);
  product = await Product.prepare({ DATABASE_URL: '' });
  product.node = node;
  await product.start();
  const args = ['quickstart', 'seeds/machines.csv', '--target', 'machine_failure', '--family', 'mlp', '--epochs', '5'];
  const backup = await runCommand(args, { PRAXIS_DATA_DIR: product.dataDir }, { node });
  expect(backup.text).toContain('A sample prediction');
  expect(backup.code).toBe(0);
  const metrics = await (await product.get('/metrics')).text();
  expect(metrics).toContain(`node="${version}"`);
  expect(await product.stop()).toBe(0);
  await product.untilGone();
  expect(product.output + backup.text).not.toMatch(/Warning:/);
});
