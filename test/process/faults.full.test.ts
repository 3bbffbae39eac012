import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFault } from '../../src/db/postgres/faults';
import { explain } from '../../src/commands/failure';
import { openTestDatabase } from '../support';
import { runCommand, type Outcome } from './command.fixture';

/** What a person reads when a start does not work: one sentence, no stack, no promise to start again. */

jest.setTimeout(150_000);

const COMMANDS = ['start', 'serve', 'work', 'migrate', 'seed'];
const database = openTestDatabase();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'praxis-test-faults-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function expectSentence({ code, text, told }: Outcome, sentence: RegExp): void {
  expect({ code, told }).toEqual({ code: 1, told: [expect.stringMatching(sentence)] });
  expect(text).not.toMatch(/starting it again|topsecret/);
}

test('every command says that the database cannot be reached', async () => {
  const url = 'postgres://me:topsecret@127.0.0.1:1/db';
  const outcomes = await Promise.all(COMMANDS.map((command) => runCommand([command], { DATABASE_URL: url })));
  for (const outcome of outcomes) {
    expectSentence(
      outcome,
      /^The database in DATABASE_URL \(db of me at 127.0.0.1:1\) cannot be used: nothing listens/,
    );
  }
});

test('every command refuses a database that is newer than itself', async () => {
  const stamp = Date.UTC(2031, 4, 6);
  const name = `AddWings${stamp}`;
  await database.ownerQuery(`INSERT INTO praxis_migrations (timestamp, name) VALUES ($1, $2)`, [stamp, name]);
  const outcomes = await Promise.all(COMMANDS.map((command) => runCommand([command], { DATABASE_URL: database.url })));
  await database.ownerQuery('DELETE FROM praxis_migrations WHERE name = $1', [name]);
  for (const outcome of outcomes) expectSentence(outcome, /^The database is newer than this program: .* AddWings of/);
});

test('a data directory where no folder can be made is named, whatever the file system', async () => {
  const sentence = (path: string) => new RegExp(`^${path} is not there and cannot be made: set PRAXIS_DATA_DIR to`);
  for (const path of ['/proc/praxis', '/proc/self/praxis']) {
    expectSentence(await runCommand(['start'], { PRAXIS_DATA_DIR: path }), sentence(path));
    expectSentence(await runCommand(['seed'], { PRAXIS_DATA_DIR: path, DATABASE_URL: database.url }), sentence(path));
  }
});

test('a host that nobody knows is told with the setting', async () => {
  const sentence = /^nowhere.invalid:0 is not the address of a known host: set HOST to one of this machine\.$/;
  const { url: DATABASE_URL } = database;
  expectSentence(await runCommand(['serve'], { HOST: 'nowhere.invalid', DATABASE_URL }), sentence);
});

test('a data directory that cannot be used is named, with what to do', async () => {
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'closed'), { mode: 0o700 });
  const start = (path: string, identity = {}) =>
    runCommand(['start'], { PRAXIS_DATA_DIR: join(folder, path) }, identity);
  expectSentence(await start('file'), /file is a file where a folder is needed: set PRAXIS_DATA_DIR/);
  expectSentence(await start('file/below'), /lies in a file where a folder is needed: set PRAXIS_DATA_DIR/);
  if (process.getuid?.() !== 0) return;
  expectSentence(await start('closed/below'), /PostgreSQL runs as "\w+", and that user cannot enter .*closed/);
  const nobody = { uid: 65_534, gid: 65_534 };
  expectSentence(await start('below', nobody), /below is closed to the user that Praxis runs as \(id 65534\)/);
});

test.each([
  ['could not write lock file "postmaster.pid": No space left on device', 'The disk of /d is full: free some space.'],
  [
    'FATAL:  data directory "/d" has wrong ownership',
    '/d belongs to another user than the one that PostgreSQL runs as',
  ],
  ['initdb: error: could not create directory "/d": Read-only file system', '/d is on a file system that is read only'],
  ['FATAL:  could not map anonymous shared memory: Cannot allocate memory', 'The machine has too little memory'],
  ['LOG: x\nFATAL:  the moon is wrong\n', 'PostgreSQL does not run in /d: the moon is wrong.'],
  ['', 'PostgreSQL does not run in /d: it said nothing.'],
])('what PostgreSQL prints becomes a sentence: %s', (output, sentence) => {
  expect(startFault('/d', output).message).toContain(sentence);
});

test('a fault of the file system is a sentence, and one of ours keeps its stack', () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC', syscall: 'write' });
  expect(explain(full)).toBe(
    'The disk of the data directory is full: free some space, or set PRAXIS_DATA_DIR to a folder that can be written.',
  );
  const missing = Object.assign(new Error('not there'), { code: 'ENOENT', syscall: 'open', path: '/x' });
  expect(explain(missing)).toContain('    at ');
  expect(explain(new TypeError('ours'))).toContain('    at ');
});
