import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, settingsReference } from '../../src/config';

/** Dockerfile and compose.yaml by their text: there need not be a Docker to run them. */

const ROOT = join(__dirname, '..', '..');
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const compose = readFileSync(join(ROOT, 'compose.yaml'), 'utf8');
const settings = settingsReference().map(({ name }) => name);

/** Blocks of the file that begin with a name at this depth. */
function blocksOf(text: string, depth: number): Record<string, string> {
  const parts = text.split(new RegExp(`^ {${depth}}(?=[a-z][a-z-]*:)`, 'm')).slice(1);
  return Object.fromEntries(parts.map((part) => [/^[a-z-]+/.exec(part)![0], part]));
}
const services = blocksOf(compose.slice(compose.indexOf('\nservices:\n'), compose.indexOf('\nconfigs:\n')), 2);
const common = compose.slice(compose.indexOf('x-praxis:'), compose.indexOf('\nservices:\n'));

test('images are pinned to a version', () => {
  const ours = [...compose.matchAll(/^ +image: (\S+)$/gm)]
    .map(([, image]) => image)
    .filter((name) => name !== 'praxis');
  expect(ours).toHaveLength(3);
  for (const image of ours) expect(image).toMatch(/^[a-z]+(\/[a-z]+)?:(\d+\.\d+-[a-z]+|RELEASE\.\d{4}-[\dTZ-]+)$/);
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, stage]) => stage);
  for (const base of bases.filter((name) => !stages.includes(name)))
    expect(base).toMatch(/:(\$\{NODE_VERSION\}|\d+\.\d+)/);
  expect(dockerfile).toMatch(/^ARG NODE_VERSION=\d+\.\d+\.\d+$/m);
});

test('what runs is not root, tells its health, and can write to its data directory alone', () => {
  const runtimes = dockerfile.split(/^(?=FROM )/m).filter((stage) => / AS runtime/.test(stage));
  expect(runtimes).toHaveLength(2);
  for (const stage of runtimes) {
    expect(stage).toMatch(/^USER node$/m);
    expect(stage).toMatch(/^HEALTHCHECK /m);
    expect(stage).toMatch(/^STOPSIGNAL SIGTERM$/m);
  }
  for (const line of ['read_only: true', 'tmpfs: [/tmp]', 'cap_drop: [ALL]', 'no-new-privileges:true', 'init: true']) {
    expect(common).toContain(line);
  }
});

test('every variable that the program is given is a setting, and its values are good', () => {
  const named = [...(common + services.serve + services.work).matchAll(/^ +([A-Z][A-Z0-9_]+): (.*)$/gm)];
  const native = ['MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_', 'NODE_OPTIONS'];
  const ofImage = [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, line]) =>
    line.split(' ').map((e) => e.split('=')),
  );
  const environment = [...named.map(([, name, value]) => [name, value]), ...ofImage].filter(
    ([name]) => !native.includes(name),
  );
  expect(environment.map(([name]) => name).filter((name) => !settings.includes(name))).toEqual([]);
  // As compose fills them in.
  const filled = (value: string) =>
    value
      .replace(/\$\{\w+:\?[^}]*\}/g, 'secret')
      .replace(/\$\{\w+:-([^}]*)\}/g, '$1')
      .replace(/^'(.*)'$/, '$1');
  const config = readConfig(Object.fromEntries(environment.map(([name, value]) => [name, filled(value)])));
  expect(config).toMatchObject({
    publicUrl: 'http://localhost:4000',
    metrics: { port: 9464 },
    s3: { bucket: 'praxis' },
  });
});

test('a stop leaves time to finish what is in flight', () => {
  const seconds = Number(/stop_grace_period: (\d+)s/.exec(common)![1]);
  expect(seconds * 1_000).toBeGreaterThan(readConfig({}).drainMs + 5_000);
});

test('the storage knows the program as a user of its own', () => {
  const root = /MINIO_ROOT_USER: (\w+)/.exec(services.storage)![1];
  const user = /PRAXIS_S3_ACCESS_KEY_ID: (\w+)/.exec(common)![1];
  expect(user).not.toBe(root);
  expect(common).not.toContain('S3_ROOT_PASSWORD');
  expect(services.bucket).toContain(`mc admin user add praxis ${user} "$$S3_SECRET"`);
  const policy = JSON.parse(/content: \|\n([^]*?)\n\n/.exec(compose)![1]);
  const actions = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
  expect(actions.filter((action: string) => !/^s3:[A-Z][A-Za-z]+$/.test(action))).toEqual([]);
});

test('services depend on services, and volumes are declared', () => {
  const dependencies = [...compose.matchAll(/(\w+): \{ condition: /g)].map(([, name]) => name);
  expect(dependencies.filter((name) => !(name in services) && name !== 'depends_on')).toEqual([]);
  const volumes = [...compose.matchAll(/volumes: \[(\w+):/g)].map(([, name]) => name);
  expect(volumes.filter((name) => !new RegExp(`^  ${name}:$`, 'm').test(compose))).toEqual([]);
});

test('the image keeps ONNX Runtime for its own platform alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'praxis-test-image-'));
  try {
    const [, command] = /^RUN (find node_modules\/onnxruntime-node.*)$/m.exec(dockerfile)!;
    const bin = join(folder, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6');
    const platforms = ['darwin/arm64', 'linux/arm64', 'linux/x64', 'win32/arm64', 'win32/x64'];
    for (const platform of platforms) mkdirSync(join(bin, platform), { recursive: true });
    execFileSync('/bin/sh', ['-c', command], { cwd: folder });
    expect(platforms.filter((platform) => existsSync(join(bin, platform)))).toEqual([`linux/${process.arch}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // As the package has it today; another layout would leave nothing to load.
  const real = join(ROOT, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', 'linux', process.arch);
  expect(existsSync(join(real, 'onnxruntime_binding.node'))).toBe(true);
});
