import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startPlatform } from './platform.fixture';
import type { Refused } from '../support/operation';

/** What is not the shape of a GraphQL request is refused with the member at fault, in the same words on every way in. */

const platform = startPlatform();
const QUERY = '{ __typename }';
let key: string;
beforeAll(async () => void (key = await platform.createKey('OPERATOR', null)));

const BODIES: [body: unknown, path: string, message: RegExp][] = [
  [null, '', /^must be an object, not null$/],
  [5, '', /not a number$/],
  ['x', '', /not a text$/],
  [{}, 'query', /^is missing$/],
  [{ query: null }, 'query', /^is missing$/],
  [{ query: 5 }, 'query', /^must be a text, not a number$/],
  [{ query: false }, 'query', /^must be a text, not false$/],
  [{ query: { kind: 'Document', definitions: [] } }, 'query', /not an object$/],
  [{ query: [QUERY] }, 'query', /not a list$/],
  [{ query: QUERY, variables: 'x' }, 'variables', /^must be an object, not a text$/],
  [{ query: QUERY, variables: '{}' }, 'variables', /not a text$/],
  [{ query: QUERY, variables: [1] }, 'variables', /not a list$/],
  [{ query: QUERY, variables: 0 }, 'variables', /not a number$/],
  [{ query: QUERY, operationName: 7 }, 'operationName', /^must be a text, not a number$/],
  [{ query: QUERY, extensions: 'x' }, 'extensions', /^must be an object, not a text$/],
  [{ query: QUERY, extensions: true }, 'extensions', /not true$/],
];
const WELL = { query: QUERY, variables: null, operationName: null, extensions: null };

const post = (body: unknown, headers: object = {}) =>
  fetch(`${platform.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify(body),
  });

async function issuesOf(response: Response): Promise<{ path: string; message: string }[]> {
  const { errors } = (await response.json()) as Refused;
  expect(response.status).toBe(400);
  expect(errors).toHaveLength(1);
  expect(errors[0].extensions).toMatchObject({ code: 'VALIDATION_FAILED', requestId: expect.any(String) });
  return errors[0].extensions.issues;
}

it.each(BODIES)('%j over HTTP, in a batch and over an event stream', async (body, path, message) => {
  const issue = { path: path || 'body', message: expect.stringMatching(message) };
  expect(await issuesOf(await post(body))).toMatchObject([issue]);
  expect(await issuesOf(await post(body, { accept: 'text/event-stream' }))).toMatchObject([issue]);
  const place = path ? `body[1].${path}` : 'body[1]';
  expect(await issuesOf(await post([WELL, body]))).toMatchObject([{ ...issue, path: place }]);
});

it.each(BODIES)('%j over a socket', async (payload, path, message) => {
  const reason = await closeReason({ id: 'a', type: 'subscribe', payload });
  const place = path ? `payload.${path}` : 'payload';
  expect(reason.startsWith(`VALIDATION_FAILED: ${place}: `)).toBe(true);
  expect(reason.slice(`VALIDATION_FAILED: ${place}: `.length)).toMatch(new RegExp(message.source.replace(/\$$/, '')));
});

it.each([
  ['no JSON', /: message: is not one of graphql-transport-ws/],
  [{ id: 'a', type: 'start' }, /: type: must be one of connection_init, subscribe, complete/],
  [{ id: 5, type: 'subscribe', payload: WELL }, /: id: must be a text/],
  [{ type: 'ping', payload: 'x' }, /: payload: must be an object/],
])('%j over a socket is told', async (message, reason) => {
  expect(await closeReason(message)).toMatch(reason);
});

it.each([
  ['variables=x', 'variables', /not a text$/],
  ['variables=[]', 'variables', /not a list$/],
  ['extensions=5', 'extensions', /not a number$/],
])('an address with %s', async (parameters, path, message) => {
  const response = await fetch(`${platform.url}/graphql?query=${encodeURIComponent(QUERY)}&${parameters}`, {
    headers: { authorization: `Bearer ${key}`, 'apollo-require-preflight': '1' },
  });
  expect(await issuesOf(response)).toMatchObject([{ path, message: expect.stringMatching(message) }]);
});

it('what else Apollo refuses is told with its place', async () => {
  const path = async (body: unknown, headers: object = {}) => {
    const response = await post(body, headers);
    const { errors } = (await response.json()) as Refused;
    return [response.status, errors[0].extensions.code, errors[0].extensions.issues[0].path];
  };
  const hashed = (persistedQuery: unknown) => ({ query: QUERY, extensions: { persistedQuery } });
  const place = 'extensions.persistedQuery';
  expect(await path([])).toEqual([400, 'VALIDATION_FAILED', 'body']);
  expect(await path(WELL, { accept: 'text/plain' })).toEqual([406, 'VALIDATION_FAILED', 'headers.accept']);
  expect(await path(hashed('x'))).toEqual([400, 'VALIDATION_FAILED', place]);
  expect(await path(hashed({ version: 2, sha256Hash: 'x' }))).toEqual([400, 'VALIDATION_FAILED', place]);
  expect(await path(hashed({ version: 1, sha256Hash: 'x' }))).toEqual([
    400,
    'VALIDATION_FAILED',
    `${place}.sha256Hash`,
  ]);
});

it('takes null for what is left out', async () => {
  expect(await (await post(WELL)).json()).toEqual({ data: { __typename: 'Query' } });
  expect(await (await post([WELL])).json()).toEqual([{ data: { __typename: 'Query' } }]);
});

/** Why the server closes a socket that sends this. */
async function closeReason(message: unknown): Promise<string> {
  const socket = new WebSocket(`${platform.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const payload = { authorization: `Bearer ${key}` };
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await once(socket, 'message');
  socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const [code, reason] = await once(socket, 'close');
  expect(code).toBe(4400);
  return String(reason);
}
