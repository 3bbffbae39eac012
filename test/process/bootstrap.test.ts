import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
const LOCK = '{}';

let root: string;
const at = (...parts: string[]) => join(root, ...parts);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'praxis-bootstrap-'));
  for (const folder of ['src', 'workers', 'migrations', 'seeds', 'bench', 'node_modules']) mkdirSync(at(folder));
  copyFileSync(join(__dirname, '../../bootstrap.cjs'), at('bootstrap.cjs'));
  writeFileSync(at('build.cjs'), BUILD);
  writeFileSync(at('.swcrc'), '{}');
  writeFileSync(at('package-lock.json'), LOCK);
  const installed = createHash('sha256').update('package-lock.json').update(LOCK).digest('hex');
  writeFileSync(at('node_modules', '.praxis-installed'), `${installed} ${process.platform} ${process.arch}`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Answers its exit status. */
const build = () =>
  new Promise<number>((resolve) => {
    const child = execFile(process.execPath, [at('bootstrap.cjs'), 'build']);
    child.on('exit', (code) => resolve(code!));
  });
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
