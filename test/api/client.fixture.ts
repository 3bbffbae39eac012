/** The product as a client of a tenant sees it, with a table of theirs. */
import { PraxisClient } from '../../src/sdk';
import { openTestApp, type TestDatabase } from '../support';

export interface ClientWithTable {
  client: PraxisClient;
  url: string;
  key: string;
  datasetVersionId: string;
}

/** Filled once the tests begin. @param settings of the environment */
export function withClient(
  testDatabase: TestDatabase,
  csv: string,
  settings: Record<string, string> = {},
): ClientWithTable {
  const at = {} as ClientWithTable;
  beforeAll(async () => {
    const { app } = await openTestApp(testDatabase, settings);
    const url = await app.listen();
    await app.consume();
    const context = { ...(await testDatabase.createTenant()), role: 'OWNER' as const };
    const { secret: key } = await app.services.apiKeys.create(context, { name: 'client', role: 'OWNER' });
    const client = new PraxisClient({ url, key });
    const dataset = await client.datasets.upload(new Blob([csv]), { name: 'rows' });
    Object.assign(at, { client, url, key, datasetVersionId: (await client.datasets.ready(dataset.id)).id });
  });
  return at;
}
