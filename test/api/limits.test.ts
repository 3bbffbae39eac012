import { request } from 'node:http';
import { LIMITS } from '../../src/graphql';
import { refuseShape } from '../../src/graphql/limits';
import { startPlatform } from './platform.fixture';
import { RawSocket } from './raw-socket';

const platform = startPlatform();
let key: string;
beforeAll(async () => {
  key = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
});

const deep = (levels: number): string => `{ ${'ofType { '.repeat(levels)} name ${'} '.repeat(levels)} }`;
const bomb = (fragments: number): string =>
  `{ ...f0 } ${Array.from({ length: fragments }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(' ')}
   fragment f${fragments} on Query { me { role } }`;

it.each([
  ['repeated fields', `{ ${'me { role tenant { name } } '.repeat(200)} }`],
  ['aliases', `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, i) => `a${i}: me { role }`).join(' ')} }`],
  ['directives', `{ me { ${'role @include(if: true) '.repeat(LIMITS.directives + 1)} } }`],
  ['tokens', `{ me { ${'role '.repeat(LIMITS.tokens)} } }`],
  [
    'pages',
    '{ apiKeys(first: 100) { edges { node { name prefix role createdAt lastUsedAt expiresAt revokedAt } } } '.concat(
      Array.from(
        { length: 25 },
        (_, i) =>
          `a${i}: apiKeys(first: 100) { edges { node { name prefix role createdAt lastUsedAt expiresAt revokedAt } } }`,
      ).join(' '),
      ' }',
    ),
  ],
  ['fragments that double', bomb(60)],
  ['fields of one name', `{ ${'me { role } '.repeat(700)} }`],
])('refuses too many %s', async (_what, query) => {
  const { errors, data } = await platform.ask(query, { key });
  expect(data ?? null).toBeNull();
  expect(errors![0].extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', requestId: expect.any(String) });
});

it('refuses a deep query, through fragments too', async () => {
  const nested = (levels: number) => `{ __type(name: "Tenant") ${deep(levels)} }`;
  const spread = `{ __type(name: "Tenant") { ...a } } fragment a on __Type ${deep(LIMITS.depth)}`;
  for (const query of [nested(LIMITS.depth), nested(300), spread]) {
    expect((await platform.ask(query)).errors![0].extensions.code).toBe('QUERY_TOO_COMPLEX');
  }
});

it('answers the introspection query of clients', async () => {
  const { getIntrospectionQuery } = await import('graphql');
  const { data, errors } = await platform.ask(getIntrospectionQuery({ inputValueDeprecation: true }));
  expect(errors).toBeUndefined();
  expect(data.__schema.types.length).toBeGreaterThan(20);
});

it('counts page sizes given as variables on every request', async () => {
  const fields = 'edges { node { name prefix role createdAt lastUsedAt expiresAt revokedAt } }';
  const aliases = Array.from({ length: 28 }, (_, i) => `a${i}: apiKeys(first: $n) { ${fields} }`).join(' ');
  const query = `query ($n: Int!) { ${aliases} }`;
  expect((await platform.ask(query, { key, variables: { n: 1 } })).errors).toBeUndefined();
  const { errors } = await platform.ask(query, { key, variables: { n: 100 } });
  expect(errors![0].extensions.code).toBe('QUERY_TOO_COMPLEX');
  expect((await platform.ask(query, { key, variables: { n: 1 } })).errors).toBeUndefined();
});

it.each(['a\0b', 'half \ud800 pair'])('refuses text that cannot be stored: %j', async (text) => {
  const query = 'query ($input: ProbeInput!) { dataset(input: $input) }';
  const { errors } = await platform.ask(query, { key, variables: { input: { rows: [{ age: 1 }, { city: text }] } } });
  expect(errors![0].extensions).toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [{ path: 'variables.input.rows.1.city' }],
  });
});

it('refuses NUL in a literal, an id and a name', async () => {
  for (const query of ['{ node(id: "\\u0000") { id } }', '{ run(end: "a\\u0000") }']) {
    expect((await platform.ask(query, { key })).errors![0].extensions.code).toBe('VALIDATION_FAILED');
  }
});

it('refuses a value of 100 MB without keeping it', async () => {
  const before = process.memoryUsage().rss;
  const { status, body, sentBytes } = await sendLarge(100_000_000);
  expect([status, JSON.parse(body).errors[0].extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  expect(sentBytes).toBeGreaterThan(0);
});

it.each([true, false])('refuses a body over the limit (announced: %s)', async (announced) => {
  const { status, body } = await sendLarge(3_000_000, announced);
  const [{ message, extensions }] = JSON.parse(body).errors;
  expect([status, extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  expect(message).toMatch(/at most [\d,]+ bytes\. Send files through createDataset/);
});

/** Streams a request of `bytes` and reads the answer, also when it comes before all is sent. */
function sendLarge(bytes: number, announced = true): Promise<{ status: number; body: string; sentBytes: number }> {
  const chunk = Buffer.alloc(100_000, 'a');
  return new Promise((resolve, reject) => {
    const length = announced ? { 'content-length': String(bytes) } : {};
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...length };
    let sentBytes = 0;
    let answered = false;
    const outgoing = request(`${platform.url}/graphql`, { method: 'POST', headers }, (response) => {
      answered = true;
      let body = '';
      response.on('data', (part) => (body += part));
      response.on('end', () => resolve({ status: response.statusCode!, body, sentBytes }));
    });
    outgoing.on('error', (error) => (answered ? undefined : reject(error)));
    const send = (): void => {
      while (sentBytes < bytes && !answered) {
        sentBytes += chunk.length;
        if (!outgoing.write(chunk)) return void outgoing.once('drain', send);
      }
      if (!answered) outgoing.end();
    };
    send();
  });
}

/** What a body unfolds to, whatever its length. */
it.each([
  ['lists', 10_000, (n: number) => '['.repeat(n) + ']'.repeat(n)],
  ['objects', 10_000, (n: number) => '{"a":'.repeat(n) + '1' + '}'.repeat(n)],
  ['objects in lists', 10_000, (n: number) => '[{"a":'.repeat(n) + '1' + '}]'.repeat(n)],
  ['blanks between', 10_000, (n: number) => '{"a" :\n '.repeat(n) + '1' + '}'.repeat(n)],
  ['brackets in texts that hide it', 100, (n: number) => `["]]]]]]]]",${'['.repeat(n)}${']'.repeat(n)}]`],
])('refuses variables nested deeply: %s', async (_what, levels, make) => {
  const body = `{"query":"{ __typename }","variables":{"x":${make(levels)}}}`;
  const { status, errors } = await platform.post(body, { authorization: `Bearer ${key}` });
  expect([status, errors![0].extensions.code]).toEqual([400, 'QUERY_TOO_COMPLEX']);
});

it('takes texts that are full of brackets, and rows in thousands', async () => {
  const query = 'query ($input: ProbeInput!) { dataset(input: $input) }';
  const texts = { rows: [{ text: '[{'.repeat(5_000) }] };
  expect((await platform.ask(query, { key, variables: { input: texts } })).data).toEqual({ dataset: 1 });
  const rows = Array.from({ length: 10_000 }, (_, i) => ({ a: i, b: { c: [i] } }));
  expect((await platform.ask(query, { key, variables: { input: { rows } } })).data).toEqual({ dataset: 10_000 });
});

it.each([
  ['names', Array.from({ length: LIMITS.jsonNames * 1.4 }, (_, i) => `"n${i}":1`).join(','), '{', '}'],
  ['lists', Array.from({ length: LIMITS.jsonContainers }, () => '[]').join(','), '[', ']'],
  ['texts', Array.from({ length: LIMITS.jsonTexts }, () => '""').join(','), '[', ']'],
  ['values', Array.from({ length: LIMITS.jsonValues + 1 }, () => '1').join(','), '[', ']'],
])('refuses a body of too many %s', async (_what, inside, open, close) => {
  const body = `{"query":"{ __typename }","variables":{"x":${open}${inside}${close}}}`;
  if (body.length > 1_000_000) return expect(() => refuseShape(body, false)).toThrow(/The body holds more than/);
  const { status, errors } = await platform.post(body, { authorization: `Bearer ${key}` });
  expect([status, errors![0].extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
});

it.each([
  ['characters', `{ me { role } } # ${'x'.repeat(LIMITS.documentCharacters)}`],
  ['lines', `${'\n'.repeat(LIMITS.documentLines)}{ me { role } }`],
  ['name', `{ ${'a'.repeat(LIMITS.nameCharacters + 1)}: me { role } }`],
  [
    'operations and fragments',
    Array.from({ length: LIMITS.definitions + 1 }, (_, i) => `query q${i} { me { role } }`).join(' '),
  ],
  ['nests brackets', `{ run(end: ${'['.repeat(LIMITS.brackets)}${']'.repeat(LIMITS.brackets)}) }`],
])('refuses a document for its %s', async (what, query) => {
  const { errors } = await platform.ask(query, { key });
  expect(errors![0]).toMatchObject({
    message: expect.stringContaining(what),
    extensions: { code: 'QUERY_TOO_COMPLEX' },
  });
});

it('bounds the documents of a batch together', async () => {
  const query = `{ me { role } } # ${'x'.repeat(LIMITS.documentCharacters / 3)}`;
  const { text } = await platform.post(JSON.stringify(Array(4).fill({ query })), { authorization: `Bearer ${key}` });
  const codes = JSON.parse(text).map(({ errors }: any) => errors?.[0].extensions.code ?? 'ok');
  expect(codes).toEqual(['ok', 'ok', 'QUERY_TOO_COMPLEX', 'QUERY_TOO_COMPLEX']);
});

it('bounds the tokens of documents that a batch brings anew', async () => {
  const codesOf = async (queries: string[]) => {
    const body = JSON.stringify(queries.map((query) => ({ query })));
    const { text } = await platform.post(body, { authorization: `Bearer ${key}` });
    return JSON.parse(text).map(({ errors }: any) => errors?.[0].extensions.code ?? 'ok');
  };
  const third = LIMITS.requestTokens / 3 - 20;
  const unknown = (name: string) => `{ ${Array.from({ length: third }, (_, i) => name + i).join(' ')} }`;
  expect(await codesOf(['a', 'b', 'c', 'd'].map(unknown))).toEqual([
    ...Array(3).fill('VALIDATION_FAILED'),
    'QUERY_TOO_COMPLEX',
  ]);
  const known = `query A { me { role } } ${Array.from({ length: 90 }, (_, i) => `query A${i} { me { role } }`).join(' ')}`;
  expect(new Set(await codesOf(Array(10).fill(known)))).toEqual(new Set(['VALIDATION_FAILED']));
});

it('bounds typed lists and input objects of the variables', async () => {
  const query = 'query ($input: ProbeInput!) { dataset(input: $input) }';
  const pairs = Array(LIMITS.inputObjects).fill({ size: 1 });
  const { errors } = await platform.ask(query, { key, variables: { input: { rows: [], pairs } } });
  expect(errors![0].extensions.code).toBe('QUERY_TOO_COMPLEX');
});

it('bounds the messages whose operations one socket has open', async () => {
  let release = (): void => undefined;
  platform.probe.inFlight = new Promise((resolve) => (release = resolve));
  const socket = await RawSocket.open(platform.url, key);
  const query = '{ run(end: "slow") }';
  const fitting = Math.floor(LIMITS.socketCharacters / 900_000);
  for (let i = 0; i <= fitting; i++) {
    socket.send({ id: `${i}`, type: 'subscribe', payload: { query, extensions: { a: 'x'.repeat(900_000) } } });
  }
  await socket.until(() => socket.of(`${fitting}`).length > 0);
  expect(socket.of(`${fitting}`)[0].payload[0].extensions.code).toBe('RATE_LIMITED');
  release();
  for (let i = 0; i < fitting; i++) await socket.until(() => socket.of(`${i}`).length === 2);
  socket.subscribe('after', '{ me { role } }');
  await socket.until(() => socket.of('after').length > 0);
  expect(socket.of('after')[0].payload).toEqual({ data: { me: { role: 'OWNER' } } });
  await socket.end();
});

it('counts values once for each use of their variable', async () => {
  const used = (times: number) =>
    `query ($input: ProbeInput!) { ${Array.from({ length: times }, (_, i) => `a${i}: dataset(input: $input)`).join(' ')} }`;
  const rows = (count: number) => ({ input: { rows: Array.from({ length: count }, () => ({ a: 1 })) } });
  expect((await platform.ask(used(1), { key, variables: rows(20_000) })).errors).toBeUndefined();
  expect((await platform.ask(used(30), { key, variables: rows(500) })).errors).toBeUndefined();
  const { errors } = await platform.ask(used(30), { key, variables: rows(1_000) });
  expect(errors![0].extensions.code).toBe('QUERY_TOO_COMPLEX');
  expect(errors![0].message).toMatch(/"input" is used 30 times/);
});
