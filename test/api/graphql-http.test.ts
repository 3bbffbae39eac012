import { serverAudits } from 'graphql-http';
import { startPlatform } from './platform.fixture';

// The audits of the GraphQL-over-HTTP specification, each against a listening server.
const platform = startPlatform();

const audits = serverAudits({ url: () => `${platform.url}/graphql`, fetchFn: askFirst });

/** The audits send GET requests as a page could; csrf prevention wants a header that no form can send. */
function askFirst(url: string, init: RequestInit = {}): Promise<Response> {
  const isGet = (init.method ?? 'GET') === 'GET';
  const headers = isGet ? { ...init.headers, 'apollo-require-preflight': '1' } : init.headers;
  return fetch(url, { ...init, headers });
}

it('audits all of the suite', () => expect(audits).toHaveLength(61));

it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
  const result = await fn();
  expect(result).toMatchObject({ status: 'ok' });
});
