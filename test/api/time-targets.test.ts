/** Dates, times of day and durations as what a model answers: trained, deployed and asked as a client does. */
import type { App } from '../../src/app';
import type { TenantContext } from '../../src/kernel';
import { openTestApp, openTestDatabase, Operations } from '../support';
import { Random } from '../support/random';
import { trainAndDeploy } from './whole-life.fixture';

jest.setTimeout(120_000);
const database = openTestDatabase();
const DAY_MS = 86_400_000;
let app: App;
let tenant: TenantContext;
let operations: Operations;

beforeAll(async () => {
  ({ app } = await openTestApp(database));
  await app.consume();
  tenant = await database.createTenant('Shop');
  operations = new Operations(app.platform.database, app.schema());
});

const two = (part: number) => String(part).padStart(2, '0');
const day = (place: number) =>
  new Date(Date.UTC(2024, 0, 1) + Math.round(place * 300) * DAY_MS).toISOString().slice(0, 10);
const clock = (place: number) => `${two(6 + Math.floor(place * 12))}:${two(Math.floor(place * 700) % 60)}`;
const halfDay = (place: number) =>
  `${1 + Math.floor(place * 11)}:${two(Math.floor(place * 660) % 60)} ${place < 0.5 ? 'AM' : 'PM'}`;

/** What follows from `place` in [0, 1), how files write it, and what the answer looks like. */
test.each([
  { type: 'DATE', write: (x: number) => day(x).split('-').reverse().join('.'), form: /^202[345]-\d\d-\d\d$/ },
  { type: 'TIME', write: clock, form: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{3})?$/ },
  { type: 'TIME', write: halfDay, form: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{3})?$/ },
  {
    type: 'DURATION',
    write: (x: number) => `${Math.floor(x * 80)}:${two(Math.floor(x * 500) % 60)}:30`,
    form: /^-?PT[\dHMS.]+$/,
  },
  { type: 'DURATION', write: (x: number) => `PT${Math.floor(x * 90)}M`, form: /^-?PT[\dHMS.]+$/ },
])('$type is predicted in its form, stored, and said in the card ($form)', async ({ type, write, form }) => {
  const random = new Random(3);
  const rows = Array.from({ length: 300 }, () => random.next()).map((x) => `${x.toFixed(4)};${write(x)}`);
  const name = `when-${type.toLowerCase()}-${write(0.3).replace(/\W/g, '').toLowerCase()}`;
  await trainAndDeploy(app, tenant, name, { csv: `x;when\n${rows.join('\n')}\n`, target: 'when' });
  const { predict } = await operations.run<any>(
    tenant,
    `mutation ($name: String!, $rows: [JSONObject!]) { predict(input: { deployment: $name, rows: $rows }) {
      values predictions { id value } modelVersion { card { task columnType } } } }`,
    { name, rows: [{ x: 0.1 }, { x: 0.9 }] },
  );
  expect(predict.modelVersion.card).toMatchObject({ task: 'REGRESSION', columnType: type });
  for (const value of predict.values) expect(value).toMatch(form);
  expect(predict.predictions.map(({ value }: any) => value)).toEqual(predict.values);
  const { prediction } = await operations.run<any>(tenant, 'query ($id: ID!) { prediction(id: $id) { value } }', {
    id: predict.predictions[0].id,
  });
  expect(prediction.value).toBe(predict.values[0]);
});
