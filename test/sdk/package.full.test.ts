import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { openTestApp, openTestDatabase } from '../support';

/** The SDK as a partner gets it: packed, and installed into an empty project. */

jest.setTimeout(240_000);

const ROOT = join(__dirname, '..', '..');
const project = mkdtempSync(join(tmpdir(), 'praxis-sdk-test-'));
const at = (name: string) => join(project, name);
const write = (name: string, content: unknown) =>
  writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content));
const npm = (cwd: string, args: string[]) =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' });

/** Its dependencies come from our own node_modules, so that nothing is fetched. */
const DEPENDENCIES = ['graphql', 'graphql-ws', 'ws', '@graphql-typed-document-node/core'];

const FROM_COMMONJS = `
  import { PraxisClient, PraxisClientError, PredictDocument } from 'praxis-sdk';
  const client = new PraxisClient({ url: 'http://localhost:1', key: 'k' });
  // @ts-expect-error: variables that the operation does not take are no valid TypeScript.
  const wrong = () => client.run(PredictDocument, { input: { deploiment: 'd' } });
  client.run(PredictDocument, { input: { deployment: 'd', rows: [{}] } }).catch((error: unknown) => {
    console.log(error instanceof PraxisClientError ? error.code : error);
  });`;

/** What TypeScript says of the project of ES modules and CommonJS; the files that it makes are run below. */
let output: string;

beforeAll(() => {
  npm(join(ROOT, 'sdk'), ['pack', '--pack-destination', project]);
  write('package.json', { name: 'partner', version: '1.0.0', private: true, type: 'module' });
  const folders = DEPENDENCIES.map((name) => join(ROOT, 'node_modules', name));
  npm(project, ['install', '--offline', '--install-links', './praxis-sdk-0.1.0.tgz', ...folders]);
  cpSync(at('node_modules/praxis-sdk/example/main-job.ts'), at('main-job.ts'));
  write('old.cts', FROM_COMMONJS);
  output = compile({ module: 'node16' }, ['main-job.ts', 'old.cts']);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What TypeScript says; nothing when all is well. */
function compile(options: Record<string, unknown>, files: string[]): string {
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2023'], strict: true, types: ['node'], rootDir: '.', outDir: 'out' },
    ...{ typeRoots: [join(ROOT, 'node_modules', '@types')], ...options },
  };
  write('tsconfig.json', { compilerOptions, files });
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return spawnSync(process.execPath, [tsc, '-p', project], { cwd: project, encoding: 'utf8' }).stdout;
}

const test = openTestDatabase();

it('has the version of the product', () => {
  const versionOf = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')).version;
  expect(versionOf('sdk/package.json')).toBe(versionOf('package.json'));
});

it('gives a project that finds modules as bundlers do its types', () => {
  expect(compile({ module: 'esnext', moduleResolution: 'bundler', noEmit: true }, ['main-job.ts'])).toBe('');
});

it('has the licence of the product, and takes its platform from Node or from a browser, as its README says', () => {
  expect(readFileSync(at('node_modules/praxis-sdk/LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'));
  write('lean.ts', `import { PraxisClient } from 'praxis-sdk'; new PraxisClient({ url: 'http://x', key: 'k' });`);
  const noNode = { module: 'esnext', moduleResolution: 'bundler', noEmit: true, types: [] };
  expect(compile({ ...noNode, lib: ['es2023', 'dom'] }, ['lean.ts'])).toBe('');
  expect(compile(noNode, ['lean.ts'])).toMatch(/Cannot find name '(Blob|File|ReadableStream)'/);
  const [, settings] = /```json\n(.*compilerOptions.*)\n```/.exec(
    readFileSync(at('node_modules/praxis-sdk/README.md'), 'utf8'),
  )!;
  expect(compile({ ...JSON.parse(settings).compilerOptions, noEmit: true }, ['lean.ts'])).toBe('');
});

it('gives a project that finds modules as Node does its types, from an ES module and from CommonJS', () => {
  expect(output).toBe('');
  const old = spawnSync(process.execPath, [at('out/old.cjs')], { encoding: 'utf8' });
  expect([old.stdout, old.stderr]).toEqual(['UNREACHABLE\n', '']);
});

it('goes into a bundle for browsers without anything of Node', () => {
  write('page.ts', `import { PraxisClient } from 'praxis-sdk'; new PraxisClient({ url: location.origin, key: '' });`);
  const [{ text }] = buildSync({
    ...{ entryPoints: [at('page.ts')], absWorkingDir: project, bundle: true, write: false, platform: 'browser' },
    ...{ format: 'esm', logLevel: 'silent' },
  }).outputFiles;
  expect(text).toContain('A browser cannot open');
  expect(text).not.toMatch(/node:|require\("ws"\)|createReadStream/);
});

it('goes from a file to a prediction by its example', async () => {
  const { app } = await openTestApp(test);
  const url = await app.listen();
  await app.consume();
  const context = { ...(await test.createTenant()), role: 'OWNER' as const };
  const { secret } = await app.services.apiKeys.create(context, { name: 'sdk', role: 'DEVELOPER' });
  const file = join(ROOT, 'seeds', 'machines.csv');
  const { stdout, stderr } = await run([at('out/main-job.js'), url, secret, file, 'machine_failure']);
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^2000 rows, 8 columns\n[^]*SUCCEEDED\n[^]*rocAuc 0\.9\d+, by guessing 0\.5\n[^]*machine_failure: no\n$/,
  );
  const failed = await run([at('out/main-job.js'), url, 'prx_nobody', file]);
  expect(failed.stderr).toMatch(/^UNAUTHENTICATED /);
});

/** Output, also of a program that fails. */
async function run(args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, args, { cwd: project }).catch((error) => error);
}
