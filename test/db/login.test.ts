import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import { migrations } from '../../migrations';
import { awaitMigrated, Database, migrate } from '../../src/db';
import { testLog } from '../support';
import { runOn, testCluster, withDatabase } from '../support/cluster';

/** What a start says of a database that it cannot use, and what it waits for. */

let server: string;
const cleanings: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  server = (await testCluster()).url;
});
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean();
});

async function database(owner = 'DEFAULT'): Promise<string> {
  const name = `praxis_login_${randomBytes(5).toString('hex')}`;
  await runOn(server, `CREATE DATABASE ${name} OWNER ${owner}`);
  cleanings.push(() => runOn(server, `DROP DATABASE ${name} WITH (FORCE)`));
  return withDatabase(server, name);
}

async function login(): Promise<string> {
  const name = `praxis_login_${randomBytes(5).toString('hex')}`;
  await runOn(server, `CREATE ROLE ${name} LOGIN PASSWORD 'secret'`);
  cleanings.push(() => runOn(server, `DROP ROLE ${name}`));
  return name;
}

const as = (user: string, url: string, password = 'secret') => url.replace(/\/\/[^@]*@/, `//${user}:${password}@`);

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no failure',
    (error: Error) => error.message,
  );

test.each([
  ['a wrong password', (url: string) => as('praxis', url, 'topsecret'), /refuses the password of "praxis"; correct/],
  ['an unknown database', (url: string) => withDatabase(url, 'nowhere'), /no database "nowhere"; .*CREATE DATABASE/],
  [
    'no password',
    (url: string) => url.replace(/:[^:@]*@/, '@'),
    /asks for a password of "praxis", and the address has/,
  ],
  [
    'a certificate that is not there',
    (url: string) => `${url}&sslrootcert=/nowhere/ca.pem`,
    /^DATABASE_URL names the file \/nowhere\/ca.pem, which cannot be read \(ENOENT\); correct sslrootcert/,
  ],
  ['an unknown user', (url: string) => as('nobody', url, 'topsecret'), /refuses the password of "nobody"/],
  ['a closed port', () => 'postgres://me:topsecret@127.0.0.1:1/db', /nothing listens there; start PostgreSQL/],
  ['no socket', () => 'postgres://me:topsecret@localhost/db?host=/nowhere', /nothing listens there/],
  ['an unknown host', () => 'postgres://me:topsecret@nowhere.invalid/db', /the host "nowhere.invalid" is not known/],
  ['no address', () => 'postgres://me:topsecret@:::/', /not an address of the form postgres:\/\//],
])('%s is told in one sentence without the password', async (_, urlOf, sentence) => {
  const message = await failure(migrate(urlOf(server)));
  expect(message).toMatch(sentence);
  expect(message).toMatch(/^[^\n]*DATABASE_URL[^\n]*\.$/);
  expect(message).not.toMatch(/topsecret|secret\b/);
});

test.each(['LATIN1', 'SQL_ASCII'])(
  'a database with the encoding %s is refused before anything is made',
  async (encoding) => {
    const name = `praxis_login_${randomBytes(5).toString('hex')}`;
    const libc = `LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0`;
    await runOn(server, `CREATE DATABASE ${name} ENCODING '${encoding}' ${libc}`);
    cleanings.push(() => runOn(server, `DROP DATABASE ${name} WITH (FORCE)`));
    const url = withDatabase(server, name);
    for (const start of [() => migrate(url), () => awaitMigrated(url, { waitMs: 0 })]) {
      expect(await failure(start())).toMatch(
        new RegExp(
          `^The database in DATABASE_URL has the encoding ${encoding}, .*UTF8; .*CREATE DATABASE praxis ENC[^\n]*\\.$`,
        ),
      );
    }
  },
);

test('what is no PostgreSQL is told as such', async () => {
  const web = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  cleanings.push(() => new Promise((resolve) => web.close(resolve)));
  const { port } = web.address() as AddressInfo;
  expect(await failure(migrate(`postgres://me@127.0.0.1:${port}/db`))).toMatch(/^The database in DATABASE_URL .*\.$/);
});

test('a server that is not up yet is waited for, with one line that says so', async () => {
  const url = await database();
  const socketPath = join(new URL(url).searchParams.get('host') ?? '', '.s.PGSQL.5432');
  const gate = createServer((socket) => {
    const through = connect(socketPath);
    for (const end of [socket, through]) end.on('error', () => [socket, through].forEach((each) => each.destroy()));
    socket.pipe(through).pipe(socket);
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const { port } = gate.address() as AddressInfo;
  await new Promise((resolve) => gate.close(resolve));

  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const target = new URL(url);
  const migrating = migrate(`postgres://${target.username}:${target.password}@127.0.0.1:${port}${target.pathname}`, {
    waitMs: 30_000,
    log,
  });
  while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise<void>((resolve) => gate.listen(port, '127.0.0.1', resolve));
  cleanings.push(() => new Promise((resolve) => gate.close(resolve)));
  await migrating;
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/waiting for the database .*nothing listens there/);
  expect(lines[0]).not.toContain(target.password);
});

test('a pooler that leaves out what drops the rights of the login is refused', async () => {
  const url = await database();
  await migrate(url);
  const target = new URL(url);
  const socketPath = join(target.searchParams.get('host') ?? '', '.s.PGSQL.5432');
  const pooler = createServer((socket) => {
    const through = connect(socketPath);
    for (const end of [socket, through]) end.on('error', () => [socket, through].forEach((each) => each.destroy()));
    socket.once('data', (startup) => {
      through.write(withoutOptions(startup));
      socket.pipe(through).pipe(socket);
    });
  });
  await new Promise<void>((resolve) => pooler.listen(0, '127.0.0.1', resolve));
  cleanings.push(() => new Promise((resolve) => pooler.close(resolve)));
  const { port } = pooler.address() as AddressInfo;
  const pooled = `postgres://${target.username}:${target.password}@127.0.0.1:${port}${target.pathname}`;
  const opening = Database.open({ url: pooled, poolSize: 1, log: testLog, entities: [] });
  expect(await failure(opening)).toMatch(
    /^Connections have the rights of "praxis" in place of "praxis_app": name Post/,
  );
});

/** The startup message of the protocol (length, version, names and values) as some poolers pass it on. */
function withoutOptions(message: Buffer): Buffer {
  const words = message.subarray(8, -1).toString('latin1').split('\0').slice(0, -1);
  const kept = words.filter((_, i) => words[i - (i % 2)] !== 'options');
  const body = Buffer.from(`${kept.map((word) => `${word}\0`).join('')}\0`, 'latin1');
  const head = Buffer.from(message.subarray(0, 8));
  head.writeInt32BE(8 + body.length, 0);
  return Buffer.concat([head, body]);
}

test('who does not migrate waits for the one that does, or says what to do', async () => {
  const url = await database();
  expect(await failure(awaitMigrated(url, { waitMs: 0 }))).toMatch(/lacks \d+ of \d+ migrations; run `praxis migrate`/);
  const waiting = awaitMigrated(url, { waitMs: 60_000 });
  await migrate(url);
  await waiting;
});

test('a database that a newer version has migrated is refused, with both versions', async () => {
  const url = await database();
  await migrate(url);
  const stamp = Date.UTC(2031, 4, 6);
  await runOn(url, `INSERT INTO praxis_migrations (timestamp, name) VALUES (${stamp}, 'AddWings${stamp}')`);
  const last = migrations.at(-1)!.name.replace(/\d+$/, '');
  const attempts = [migrate(url), awaitMigrated(url, { waitMs: 60_000 })];
  for (const message of await Promise.all(attempts.map(failure))) {
    expect(message).toContain('newer than this program: its last migration is AddWings of 2031-05-06');
    expect(message).toMatch(new RegExp(`that of Praxis \\d+\\.\\d+\\.\\d+ is ${last} of \\d{4}-\\d\\d-\\d\\d`));
  }
});

test('a login that may not make tables is told what an administrator must run', async () => {
  const user = await login();
  const url = await database();
  await runOn(server, `GRANT praxis_app, praxis_system TO ${user}`);
  const message = await failure(migrate(as(user, url)));
  const statements = message.split('\n').slice(1);
  expect(message).toMatch(/^The database user \w+ may not make tables\./);
  expect(statements).toHaveLength(2);
  for (const statement of statements) await runOn(url, statement);
  await migrate(as(user, url));
});

test('a login that does not own the tables is told who does', async () => {
  const user = await login();
  const url = await database();
  await migrate(url);
  await runOn(server, `GRANT praxis_app, praxis_system TO ${user}`);
  await runOn(url, `GRANT CREATE ON SCHEMA public TO ${user}; GRANT ALL ON praxis_migrations TO ${user}`);
  await runOn(url, `DELETE FROM praxis_migrations WHERE name = '${migrations.at(-1)!.name}'`);
  expect(await failure(migrate(as(user, url)))).toMatch(/may not change the tables .* Migrate as praxis, who owns/);
});
