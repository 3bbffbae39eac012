import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announceServer, findServer } from '../../src/kernel';

const dataDir = mkdtempSync(join(tmpdir(), 'praxis-address-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

it('finds the address that a live process announced', () => {
  expect(findServer(dataDir)).toBeNull();
  announceServer(dataDir, 'http://localhost:4001');
  expect(findServer(dataDir)).toBe('http://localhost:4001');
});

it.each([
  ['that still runs', process.pid, 'http://localhost:4001'],
  ['that was killed', spawnSync('true').pid, null],
])('a second server that ends leaves the address of a first one %s', (_what, pid, left) => {
  writeFileSync(join(dataDir, 'address'), JSON.stringify({ url: 'http://localhost:4001', pid }));
  const second = [
    `const { announceServer, findServer } = require('./src/kernel');`,
    `announceServer(${JSON.stringify(dataDir)}, 'http://localhost:4002');`,
    `process.stdout.write(findServer(${JSON.stringify(dataDir)}));`,
  ];
  const { stdout } = spawnSync(process.execPath, ['-r', './register.cjs', '-e', second.join(' ')], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('http://localhost:4002');
  expect(findServer(dataDir)).toBe(left);
});

it.each([
  ['a process that was killed', JSON.stringify({ url: 'http://localhost:1', pid: spawnSync('true').pid })],
  ['a text that is no JSON', 'http://localhost'],
  ['an object without an address', '{"pid": 1}'],
  ['an address that is none', `{"url": "localhost", "pid": ${process.pid}}`],
  ['null', 'null'],
])('finds none in the file of %s', (_what, text) => {
  writeFileSync(join(dataDir, 'address'), text);
  expect(findServer(dataDir)).toBeNull();
});
