import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { ERROR_CODES } from '../../src/kernel';
import { startPlatform } from './platform.fixture';
import { RawSocket } from './raw-socket';

const platform = startPlatform();
let key: string;
beforeAll(async () => {
  key = await platform.createKey('OWNER', (await platform.createTenant()).tenantId);
});

it.each(ERROR_CODES)('%s has a page that says what it means and what to do', (code) => {
  const path = `docs/errors/${code}.md`;
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toMatch(/## When[\s\S]+## What to do/);
});

it('passes on what a feature refuses, with its issues', async () => {
  const { status, errors } = await platform.ask('{ run(end: "invalid") }', { key });
  expect(status).toBe(200);
  expect(errors).toEqual([
    {
      message: 'rows[3].age: is no number (send 3)',
      locations: [{ line: 1, column: 3 }],
      path: ['run'],
      extensions: {
        code: 'VALIDATION_FAILED',
        requestId: expect.any(String),
        issues: [{ path: 'rows[3].age', message: 'is no number', hint: 'send 3' }],
      },
    },
  ]);
});

it('does not repeat what stands behind a wrong path', async () => {
  const answer = await fetch(`${platform.url}/nowhere/1?token=secret`, { method: 'POST' });
  expect(answer.status).toBe(404);
  const text = await answer.text();
  expect(text).toContain('Nothing is served at POST /nowhere/1.');
  expect(text).not.toContain('secret');
});

it('hides an internal error behind its request id', async () => {
  const { text, errors } = await platform.ask('{ run(end: "bug") }', { key });
  expect(errors![0].extensions).toEqual({ code: 'INTERNAL', requestId: expect.any(String) });
  expect(text).not.toMatch(/secret|TypeError|stack|\.ts|node_modules/);
});

it('names the field of an input that breaks its bounds', async () => {
  const query = 'query ($input: ProbeInput!) { dataset(input: $input) }';
  const variables = { input: { rows: [], pairs: [{ size: 3 }, { size: 11 }] } };
  const { errors } = await platform.ask(query, { key, variables });
  expect(errors![0].extensions.issues).toEqual([{ path: 'pairs[1].size', message: 'must not be greater than 10' }]);
});

it('tells in the message what to do and how many more faults there are', async () => {
  const query = 'query ($input: ProbeInput!) { dataset(input: $input) }';
  const variables = { input: { rows: [1, {}, 2], pears: [] } };
  const { errors } = await platform.ask(query, { key, variables });
  expect(errors![0].extensions.issues).toEqual([
    { path: 'input.rows[0]', message: expect.stringContaining('non-object value: 1') },
    { path: 'input.rows[2]', message: expect.stringContaining('non-object value: 2') },
    { path: 'input.pears', message: 'is not a field of ProbeInput', hint: 'Did you mean "pairs"?' },
  ]);
  expect(errors![0].message).toMatch(/^input\.rows\[0\]: .*; and 2 more$/);
  const single = await platform.ask(query, { key, variables: { input: { rows: [], pears: [] } } });
  expect(single.errors![0].message).toBe('input.pears: is not a field of ProbeInput (Did you mean "pairs"?)');
});

it.each([
  ['{ me { role } }', 401],
  ['query { ...a } fragment a on Query { me { role } }', 401],
  ['mutation { revokeApiKey(input: { id: "x" }) { apiKey { id } } }', 401],
  ['{ __typename }', 200],
  ['{ __type(name: "Tenant") { name } }', 200],
])('answers %s without a key with status %i', async (query, status) => {
  const answer = await platform.ask(query);
  expect([answer.status, answer.errors?.[0].extensions.code]).toEqual([
    status,
    status === 401 ? 'UNAUTHENTICATED' : undefined,
  ]);
  if (status === 401) expect(answer.text).not.toContain('"data"');
});

it('names the variable that has the wrong type', async () => {
  const query = 'query ($input: ProbeInput!) { dataset(input: $input) }';
  const { errors } = await platform.ask(query, { key, variables: { input: { rows: [{}, 'no row'] } } });
  expect(errors![0].extensions).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'input.rows[1]' }] });
});

it('names the argument whose literal has the wrong type', async () => {
  const { errors } = await platform.ask('{ dataset(input: { rows: [1] }) }', { key });
  expect(errors![0].extensions.code).toBe('VALIDATION_FAILED');
});

it.each([
  ['{ nothing }', 'query:1:3'],
  ['{ me { role }', 'query:1:14'],
  ['{ me }', 'query:1:3'],
])('places the fault in %s', async (query, path) => {
  const { status, errors } = await platform.ask(query, { key });
  expect(status).toBe(200);
  expect(errors![0].extensions).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path }] });
  const strict = await platform.ask(query, { key, headers: { accept: 'application/graphql-response+json' } });
  expect([strict.status, strict.errors![0].extensions.issues]).toEqual([400, errors![0].extensions.issues]);
});

it.each([
  ['', 'body'],
  ['{', 'body'],
  ['nonsense', 'body'],
  ['[]', 'body'],
  ['{}', 'query'],
  ['null', 'body'],
  ['"text"', 'body'],
  ['{"query": 7}', 'query'],
  ['{"query": "{ me { role } }", "variables": "x"}', 'variables'],
  ['{"__proto__": {"query": "{ me { role } }"}}', 'body'],
])('refuses the body %s', async (body, path) => {
  const answer = await platform.post(body, { authorization: `Bearer ${key}` });
  expect([answer.status, answer.errors?.[0].extensions]).toEqual([
    400,
    {
      code: 'VALIDATION_FAILED',
      requestId: answer.headers.get('x-request-id'),
      issues: [expect.objectContaining({ path })],
    },
  ]);
  expect(answer.text).not.toMatch(/\.js|stack/);
});

it.each(['{"rows": [{"__proto__": 1.5, "constructor": "x"}]}', '{"columns": {"__proto__": [1, null]}}'])(
  'takes names that every object inherits as names of columns: %s',
  async (variables) => {
    const body = `{"query": "{ me { role } }", "variables": ${variables}}`;
    expect((await platform.post(body, { authorization: `Bearer ${key}` })).status).toBe(200);
  },
);

it.each([
  ['{"rows": [{"__proto__": {"a": 1}}]}', 'variables.rows.0.__proto__'],
  ['{"rows": [{"\\u005f_proto__": [{"a": 1}]}]}', 'variables.rows.0.__proto__'],
  ['{"x": {"constructor": {"prototype": 1}}}', 'variables.x.constructor'],
])('refuses what could reach a prototype: %s', async (variables, place) => {
  const body = `{"query": "{ me { role } }", "variables": ${variables}}`;
  const answer = await platform.post(body, { authorization: `Bearer ${key}` });
  expect(answer.status).toBe(400);
  expect(answer.errors![0].extensions.issues).toMatchObject([{ path: 'body', message: `holds an object at ${place}` }]);
});

it.each(['query A { me { role } } query B { me { role } }', 'query A { me { role } }'])(
  'says that %s has no operation of the name',
  async (query) => {
    const body = JSON.stringify({ query, operationName: 'C' });
    const { status, errors } = await platform.post(body, { authorization: `Bearer ${key}` });
    expect(status).toBe(200);
    expect(errors![0].extensions).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'operationName' }] });
  },
);

it.each(['NaN', '-Infinity'])('says where %s stands in a body and what to send instead', async (value) => {
  const answer = await platform.post(`{"query": "{ me { role } }", "variables": {"rows": [{"speed": ${value}}]}}`, {});
  const [issue] = answer.errors![0].extensions.issues;
  expect([answer.status, issue.path, issue.hint]).toEqual([400, 'body', expect.stringContaining('send null')]);
  expect(issue.message).toMatch(/^is not valid JSON: .*(speed|position \d+)/);
});

describe('what is not UTF-8 is refused, not kept with other signs in its place', () => {
  const query = (name: string) => `{"query": "{ run(end: \\"${name}\\") }"}`;
  const latin = Buffer.from(query('Zoë'), 'latin1');

  it.each([
    ['latin1', latin],
    ['UTF-16', Buffer.from(`\uFEFF${query('Zoë')}`, 'utf16le')],
  ])('in a body: %s', async (_, body) => {
    const answer = await platform.post(body, { authorization: `Bearer ${key}` });
    expect([answer.status, answer.errors![0].extensions.issues]).toMatchObject([
      400,
      [{ path: 'body', message: 'is not UTF-8' }],
    ]);
  });

  it('in an address', async () => {
    const headers = { authorization: `Bearer ${key}`, 'apollo-require-preflight': '1' };
    const answer = await fetch(`${platform.url}/graphql?query={me{role}}%23%eb`, { headers });
    expect([answer.status, ((await answer.json()) as any).errors[0].extensions.issues]).toMatchObject([
      400,
      [{ path: 'address', message: 'cannot be read' }],
    ]);
  });

  it('in a message over a socket that says it is binary', async () => {
    const socket = await RawSocket.open(platform.url, key);
    socket.socket.send(Buffer.from('{"id":"é","type":"subscribe"}', 'latin1'), { binary: true });
    await socket.until(() => socket.closed !== null);
    expect(socket.closed).toEqual({
      code: 4400,
      reason: expect.stringMatching(/^VALIDATION_FAILED: message: is not UTF-8/),
    });
  });

  it('and a byte order mark before a body is read over', async () => {
    const answer = await platform.post(`\uFEFF${query('Zoë')}`, { authorization: `Bearer ${key}` });
    expect(answer.data).toEqual({ run: 'Zoë' });
  });
});

it('says that a packed body is not taken', async () => {
  const headers = { authorization: `Bearer ${key}`, 'content-encoding': 'gzip' };
  const answer = await platform.post(gzipSync('{"query": "{ me { role } }"}'), headers);
  expect([answer.status, answer.errors![0].extensions.issues]).toMatchObject([400, [{ path: 'content-encoding' }]]);
});

it('names the content type it takes', async () => {
  const answer = await platform.post('query=x', { 'content-type': 'application/x-www-form-urlencoded' });
  const issue = { path: 'content-type', hint: expect.stringContaining('application/json') };
  expect([answer.status, answer.errors![0].extensions.issues]).toMatchObject([400, [issue]]);
});
