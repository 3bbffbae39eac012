import type { IncomingMessage } from 'node:http';
import { addressRule } from '../../src/graphql/http/public-address';

const request = (headers: Record<string, string>, socket: object = {}): IncomingMessage =>
  ({
    headers,
    socket: { remoteAddress: '127.0.0.1', localAddress: '::ffff:10.0.0.7', localPort: 4000, ...socket },
  }) as never;

const rule = addressRule({ publicUrl: null, trustedProxies: ['127.0.0.1', '10.1.0.0/16', 'fd00::/8'] });

test.each([
  ['localhost:4000', 'http://localhost:4000'],
  ['praxis.example', 'http://praxis.example'],
  ['[::1]:4000', 'http://[::1]:4000'],
  ['10.0.0.7', 'http://10.0.0.7'],
])('without a proxy the Host %s is the address', (host, expected) => {
  expect(rule(request({ host }))).toBe(expected);
});

test.each([
  '',
  'a b',
  'x/../y',
  'user@evil.example',
  'evil.example/?',
  'a"b',
  '<b>',
  'a\\b',
  'x:99999999',
  'é.example',
  '-',
  'a'.repeat(300),
])('what is no host, %j, does not go into an address', (host) => {
  expect(rule(request({ host }))).toBe('http://10.0.0.7:4000');
  expect(rule(request({ host: 'ok.example', 'x-forwarded-host': host }))).toBe('http://ok.example');
});

test('headers of a trusted proxy count', () => {
  const forwarded = (more: object, socket = {}) =>
    rule(request({ host: 'inside:4000', 'x-forwarded-host': 'api.example', ...more }, socket));
  expect(forwarded({})).toBe('http://api.example');
  expect(forwarded({ 'x-forwarded-proto': 'https' })).toBe('https://api.example');
  expect(forwarded({ 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'api.example, inside' })).toBe(
    'https://api.example',
  );
  expect(forwarded({ 'x-forwarded-proto': 'https', 'x-forwarded-port': '8443' })).toBe('https://api.example:8443');
  expect(forwarded({ 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' })).toBe('https://api.example');
  expect(forwarded({ 'x-forwarded-proto': 'javascript' })).toBe('http://api.example');
  for (const remoteAddress of ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1']) {
    expect(forwarded({}, { remoteAddress })).toBe('http://api.example');
  }
  for (const remoteAddress of ['10.2.0.1', '::1', undefined]) {
    expect(forwarded({ 'x-forwarded-proto': 'https' }, { remoteAddress })).toBe('http://inside:4000');
  }
});

test('without trusted proxies no header of one counts; a public address is the address', () => {
  const none = addressRule({ publicUrl: null, trustedProxies: [] });
  expect(none(request({ host: 'a.example', 'x-forwarded-host': 'b.example' }))).toBe('http://a.example');
  expect(none(request({ host: 'a.example' }, { encrypted: true }))).toBe('https://a.example');
  const fixed = addressRule({ publicUrl: 'https://praxis.example', trustedProxies: ['127.0.0.1'] });
  expect(fixed(request({ host: 'evil.example', 'x-forwarded-host': 'evil.example' }))).toBe('https://praxis.example');
});
