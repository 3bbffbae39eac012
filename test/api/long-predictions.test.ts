import 'reflect-metadata';
import { toGlobalId, type PraxisError, type TenantContext } from '../../src/kernel';
import { INHERITED_CARD, inheritedModel } from '../compute/serving-models';
import { openTestDatabase } from '../support';
import { SERVING_ENTITIES, ServingFixture } from './serving.fixture';

const database = openTestDatabase({ entities: SERVING_ENTITIES });
let serving: ServingFixture;
let acme: TenantContext;
let deploymentId: string;
beforeAll(async () => {
  serving = await ServingFixture.open(database);
  acme = await database.createTenant('Acme');
  const model = await serving.addModel(acme, inheritedModel(), INHERITED_CARD);
  const deployment = await serving.deployments.deploy(acme, { name: 'texts', modelVersionId: model });
  deploymentId = toGlobalId('Deployment', deployment.id);
});

const PREDICT = `mutation ($columns: JSONObject!) { predict(input: { deployment: "texts", columns: $columns }) { ids } }`;
const LIST = `query ($id: ID!, $first: Int!) { predictions(deploymentId: $id, first: $first) { edges { node { value } } } }`;

test('a page of predictions that came with more than is read at once is refused, a smaller one is answered', async () => {
  const texts = Array.from({ length: 7 }, () => 'x'.repeat(1_800_000));
  const ids: string[] = [];
  for (let request = 0; request < 3; request++) {
    const { predict } = await serving.run<any>(acme, PREDICT, { columns: { constructor: texts } });
    ids.push(predict.ids[0]);
  }
  await serving.predictions.drain();
  const list = (first: number) => serving.run<any>(acme, LIST, { id: deploymentId, first });
  const refusal: PraxisError = await list(20).catch((error) => error);
  expect([refusal.code, refusal.message]).toEqual(['PAYLOAD_TOO_LARGE', expect.stringContaining('fewer at a time')]);
  expect((await list(7)).predictions.edges).toHaveLength(7);
  const one = await serving.run<any>(acme, `query ($id: ID!) { prediction(id: $id) { value } }`, { id: ids[0] });
  expect(one.prediction.value).toBeDefined();
});
