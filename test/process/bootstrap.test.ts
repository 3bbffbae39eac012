import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A project whose build copies one source, and takes its time between its two files. */
const BUILD = `
  const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
  const word = readFileSync('src/word.txt', 'utf8');
  if (word === 'fails') process.exit(3);
  mkdirSync(process.argv[2]);
  writeFileSync(process.argv[2] + '/first', word);
  setTimeout(() => writeFileSync(process.argv[2] + '/last', word), 200);
`;
/** As npm writes it, in both places. */
const lock = (version: string) =>
  JSON.stringify({
    packages: {
      '': { name: 'project' },
      'node_modules/plain': { version },
      'node_modules/native': { version, os: [process.platform], cpu: [process.arch], optional: true },
      'node_modules/elsewhere': { version, os: ['aix'], cpu: ['ppc64'], optional: true },
    },
  });
/** Stands in for the registry: tells that it was asked, and fails. */
const NPM = '#!/bin/sh\necho "$@" > "$PRAXIS_TEST_ASKED"\nexit 7\n';

let root: string;
const at = (...parts: string[]) => join(root, ...parts);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'praxis-bootstrap-'));
  for (const folder of ['src', 'workers', 'migrations', 'seeds', 'bench', 'node_modules']) mkdirSync(at(folder));
  copyFileSync(join(__dirname, '../../bootstrap.cjs'), at('bootstrap.cjs'));
  writeFileSync(at('build.cjs'), BUILD);
  writeFileSync(at('.swcrc'), '{}');
  writeFileSync(at('package-lock.json'), lock('1.0.0'));
  const { 'node_modules/elsewhere': _, ...packages } = JSON.parse(lock('1.0.0')).packages;
  writeList(packages);
  mkdirSync(at('bin'));
  writeFileSync(at('bin', 'npm'), NPM, { mode: 0o755 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Answers its exit status. */
const build = () =>
  new Promise<number>((resolve) => {
    const env = { PATH: `${at('bin')}:${process.env.PATH}`, PRAXIS_TEST_ASKED: at('asked') };
    const child = execFile(process.execPath, [at('bootstrap.cjs'), 'build'], { env });
    child.on('exit', (code) => resolve(code!));
  });
/** Npm's list of what it has installed. */
const writeList = (packages: object) =>
  writeFileSync(at('node_modules', '.package-lock.json'), JSON.stringify({ packages }));
const write = (word: string) => writeFileSync(at('src', 'word.txt'), word);
const built = () => ['first', 'last'].map((file) => readFileSync(at('dist', file), 'utf8'));
const folders = () => readdirSync(root).filter((name) => name.startsWith('dist'));

test('processes that build at once leave one whole build', async () => {
  write('old');
  expect(await build()).toBe(0);
  write('newer');
  expect(await Promise.all([build(), build(), build()])).toEqual([0, 0, 0]);
  expect(built()).toEqual(['newer', 'newer']);
  expect(folders()).toEqual(['dist']);
});

test('a build that fails says so and leaves the one before, and the next try builds again', async () => {
  write('old');
  await build();
  write('fails');
  expect([await build(), await build()]).toEqual([3, 3]);
  expect(built()).toEqual(['old', 'old']);
  write('good');
  expect(await build()).toBe(0);
  expect(built()).toEqual(['good', 'good']);
});

const readList = () => JSON.parse(readFileSync(at('node_modules', '.package-lock.json'), 'utf8')).packages;
const wasAsked = () => existsSync(at('asked'));

test('what `npm ci` or `npm install` has installed is not installed again', async () => {
  write('word');
  expect([await build(), wasAsked()]).toEqual([0, false]);
});

test.each<[string, () => void]>([
  ['nothing is installed', () => rmSync(at('node_modules', '.package-lock.json'))],
  ['the lock file names another version', () => writeFileSync(at('package-lock.json'), lock('1.0.1'))],
  ['a package is missing', () => writeList({ ...readList(), 'node_modules/plain': undefined })],
  ['the packages are those of another platform', () => writeList({ 'node_modules/plain': { version: '1.0.0' } })],
])('packages are installed when %s', async (_, change) => {
  change();
  expect([await build(), wasAsked()]).toEqual([7, true]);
});
