import { newId, PraxisError, toGlobalId } from '../../src/kernel';
import { openTestApp, openTestDatabase } from '../support';

const database = openTestDatabase();
let url: string;
beforeAll(async () => void (url = await (await openTestApp(database)).app.listen()));

it.each([
  ['PUT', '/graphql', 'GET, HEAD, POST'],
  ['DELETE', '/graphql?query=x', 'GET, HEAD, POST'],
  ['GET', `/uploads/${newId()}?token=secret`, 'PUT'],
  ['POST', '/models/x/model.onnx', 'GET, HEAD'],
])('%s %s answers 405 with what it takes, without the query', async (method, path, allow) => {
  const response = await fetch(url + path, { method });
  expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  expect(await response.text()).not.toMatch(/secret|\?/);
});

it('answers 404 without the query', async () => {
  const response = await fetch(`${url}/nothing?token=secret`);
  expect([response.status, await response.text()]).toEqual([404, expect.not.stringContaining('secret')]);
});

it.each(['/models/x/model.onnx', '/graphql?query={me{role}}'])('a 401 of %s says how to show a key', async (path) => {
  const response = await fetch(url + path, { headers: { 'apollo-require-preflight': '1' } });
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
});

it('names an object by its global id, and no tenant for a tenant', () => {
  const id = newId();
  expect(PraxisError.notFound('Run', id).message).toBe(`No Run with id "${toGlobalId('Run', id)}" in this tenant.`);
  expect(PraxisError.notFound('Tenant', 'x').message).toBe('No Tenant with id "x".');
});
