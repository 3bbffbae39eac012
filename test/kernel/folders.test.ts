import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../src/kernel';

const root = mkdtempSync(join(tmpdir(), 'praxis-test-folders-'));
afterAll(() => rmSync(root, { recursive: true }));

const codeOf = (work: Promise<void>) =>
  work.then(
    () => 'made',
    ({ code }) => code,
  );

test('a folder is made with those above it, and one that is there stays', async () => {
  const path = join(root, 'a', 'b', 'c');
  await makeFolder(path, 0o700);
  await makeFolder(path, 0o755);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('several may make the same folder', async () => {
  const path = join(root, 'x', 'y', 'z');
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));
  expect(statSync(path).isDirectory()).toBe(true);
});

test('what is in the way is told', async () => {
  writeFileSync(join(root, 'file'), '');
  expect(await codeOf(makeFolder(join(root, 'file')))).toBe('EEXIST');
  expect(await codeOf(makeFolder(join(root, 'file', 'below', 'it')))).toBe('ENOTDIR');
  expect(await codeOf(makeFolder('/proc/praxis/below'))).toBe('ENOENT');
});

test('a file system that never answers is waited for with a bound', async () => {
  const silent = () => new Promise<void>(() => undefined);
  const message = makeFolder('/far/away', 0o755, silent, 10).catch((error: Error) => error.message);
  expect(await message).toMatch(
    /^\/far\/away cannot be made: its disk does not answer; .* PRAXIS_DATA_DIR to another folder\.$/,
  );
});
