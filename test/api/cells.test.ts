import type { App } from '../../src/app';
import type { TenantContext } from '../../src/kernel';
import { Random } from '../support/random';
import { openTestApp, openTestDatabase, Operations } from '../support';
import { trainAndDeploy } from './whole-life.fixture';

jest.setTimeout(120_000);
const database = openTestDatabase();
const COUNT = 300;
const DAY_MS = 86_400_000;
let app: App;
let tenant: TenantContext;
let operations: Operations;

const german = new Intl.NumberFormat('de-DE', { minimumFractionDigits: 2 });
const day = (ms: number): string => {
  const [year, month, date] = new Date(ms).toISOString().slice(0, 10).split('-');
  return `${date}.${month}.${year}`;
};

/** Amounts and days as people in Germany write them, truths in any case, names in two forms of Unicode; arrival some days later. */
function file(): string {
  const random = new Random(5);
  const rows = Array.from({ length: COUNT }, (_, i) => {
    const ordered = Date.UTC(2023, 0, 1) + random.below(300) * DAY_MS;
    const amount = Math.round(random.next() * 900_000) / 100;
    const place = i % 3 === 0 ? 'Zu\u0308rich' : i % 3 === 1 ? 'Z\u00fcrich' : 'Bern';
    const arrives = new Date(ordered + (3 + random.below(60)) * DAY_MS).toISOString();
    return [
      day(ordered),
      `${german.format(amount)} €`,
      i % 2 ? 'True' : 'False',
      place,
      i % 90 === 7 ? 'n.a.' : i % 9,
      arrives,
    ];
  });
  return `ordered;amount;member;place;parcels;arrives\n${rows.map((row) => row.join(';')).join('\n')}\n`;
}

const predict = async (rows: object[]) =>
  (
    await operations.run<any>(
      tenant,
      `mutation ($rows: [JSONObject!]) { predict(input: { deployment: "arrival", rows: $rows }) {
        values notes { row notes { kind column message } } } }`,
      { rows },
    )
  ).predict;

beforeAll(async () => {
  const opened = await openTestApp(database);
  app = opened.app;
  await app.consume();
  tenant = await database.createTenant('Shop');
  await trainAndDeploy(app, tenant, 'arrival', { csv: file(), target: 'arrives' });
  operations = new Operations(app.platform.database, app.schema());
});

const AS_VALUES = { ordered: Date.UTC(2023, 4, 17), amount: 1234.5, member: true, place: 'Zürich', parcels: 3 };

test('a cell of a request is read as the file was', async () => {
  const rows = [
    AS_VALUES,
    { ordered: '17.05.2023', amount: '1.234,50 €', member: 'True', place: 'Zu\u0308rich', parcels: '3' },
    { ordered: ' 17.5.2023 ', amount: '1234,5', member: 'TRUE', place: '\u3000Zürich\u200b', parcels: 3 },
    { ordered: '17.05.2023', amount: 1234.5, member: 1, place: 'Zürich', parcels: '3' },
    { ...AS_VALUES, ordered: '2023-05-17' },
    { ...AS_VALUES, ordered: '2023-05-17T02:00:00+02:00' },
    { ...AS_VALUES, parcels: null },
    { ...AS_VALUES, parcels: 'n.a.' },
  ];
  const { values, notes } = await predict(rows);
  expect(new Set(values.slice(0, 6)).size).toBe(1);
  expect(values[7]).toBe(values[6]);
  expect(notes.map(({ row }: { row: number }) => row)).toEqual([6, 7]);
});

test('a predicted time is a text, and near to what it was learnt from', async () => {
  const { values } = await predict([AS_VALUES]);
  expect(values[0]).toMatch(/^2023-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('what cannot be read is refused with the way to write it; a time out of range is shown as one', async () => {
  const refusal = await predict([{ ...AS_VALUES, ordered: '31.02.2023', amount: '12 USD' }]).catch((error) => error);
  expect(refusal.issues.map(({ path }: { path: string }) => path)).toEqual(['rows[0].ordered', 'rows[0].amount']);
  expect(refusal.issues[0].hint).toContain('day, month, year');
  expect(refusal.issues[0].hint).toContain('milliseconds since 1970, UTC');
  expect(refusal.issues[1].hint).toContain('decimal comma, € behind it');
  const { notes } = await predict([{ ...AS_VALUES, ordered: 1_684_281_600 }]);
  // Seconds are taken for milliseconds, and shown as the time that they are then.
  const message = expect.stringMatching(/^1684281600 \(1970-01-20\) is outside 2023-01-0/);
  expect(notes[0].notes[0]).toMatchObject({ kind: 'OUTSIDE_RANGE', message });
  const absent = (await predict([{ ...AS_VALUES, ordered: null }])).notes[0].notes[0];
  expect(absent.message).toMatch(/is missing.*the model fills in 2023-\d\d-\d\d$/);
  const missing = await predict([{ ...AS_VALUES, ordered: '00.00.0000' }]);
  expect(missing.notes[0].notes[0]).toMatchObject({
    kind: 'MISSING',
    message: expect.stringMatching(/fills in 2023-\d\d-\d\d$/),
  });
});

test('the profile and the card tell how the cells were written', async () => {
  const { modelVersions } = await operations.run<any>(
    tenant,
    `{ modelVersions: deployments { edges { node { modelVersion { card { columnType inputs { name columnType format } }
        run { datasetVersion { columns { name format } } } } } } } }`,
  );
  const { card, run } = modelVersions.edges[0].node.modelVersion;
  expect(card.columnType).toBe('TIMESTAMP');
  const format = (columns: { name: string; format: string }[], name: string) =>
    columns.find((column) => column.name === name)!.format;
  for (const columns of [card.inputs, run.datasetVersion.columns]) {
    expect(format(columns, 'amount')).toContain('decimal comma, € behind it');
    expect(format(columns, 'ordered')).toBe('day, month, year');
    expect(format(columns, 'place')).toBeNull();
  }
});
