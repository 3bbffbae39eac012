import type { App, AppConfig } from '../../src/app';
import { parseGlobalId } from '../../src/kernel';
import { openTestApp, openTestDatabase } from '../support';

/** Two servers over one database, as on one machine behind one port: what one changes, the other must know. */

const database = openTestDatabase();

interface Server {
  app: App;
  config: AppConfig;
  url: string;
}
let first: Server;
let second: Server;

beforeAll(async () => {
  first = await serve();
  second = await serve();
});

test('a key that one server revokes is refused by the other, though it had let it in a moment ago', async () => {
  const owner = await database.createTenant('Keys');
  const { id, secret } = await first.app.services.apiKeys.create(owner, { name: 'partner', role: 'VIEWER' });
  expect(await ask(second, secret)).toMatchObject({ data: { me: { role: 'VIEWER' } } });
  await first.app.services.apiKeys.revoke(owner, parseGlobalId(id)!.uuid);
  const refused = async () => 'errors' in (await ask(second, secret));
  // Far below the 5 s for which a key is otherwise trusted.
  for (let waitedMs = 0; waitedMs < 2_000 && !(await refused()); waitedMs += 20) await pause(20);
  expect(await ask(second, secret)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
});

async function serve(): Promise<Server> {
  const opened = await openTestApp(database);
  return { ...opened, url: await opened.app.listen() };
}

async function ask({ url }: Server, key: string): Promise<object> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: '{ me { role } }' }),
  });
  return (await response.json()) as object;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
