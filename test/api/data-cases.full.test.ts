/** Files as people have them on the whole way: what is learnt from them, what the run says, what `predict` answers. */
import type { App } from '../../src/app';
import { toGlobalId, type TenantContext } from '../../src/kernel';
import { Random } from '../support/random';
import { openTestApp, openTestDatabase, Operations } from '../support';

jest.setTimeout(300_000);
const database = openTestDatabase();
const COUNT = 400;
let app: App;
let tenant: TenantContext;
let operations: Operations;

beforeAll(async () => {
  app = (await openTestApp(database)).app;
  await app.consume();
  tenant = await database.createTenant('Shop');
  operations = new Operations(app.platform.database, app.schema());
});

const RUN = `query ($id: ID!) { run(id: $id) { state error { message hint } leftOut { column reason }
  evaluation { metrics { name value } undefinedMetrics { name } } } }`;
const LOG = `subscription ($id: ID!) { runEvents(runId: $id) { event { __typename ... on LogLine { level message } } } }`;

interface Life {
  score(metric: string): number | undefined;
  undefinedNames: string[];
  leftOut: string[];
  warned: string[];
  predict(rows: object[]): Promise<string[]>;
}

let madeCount = 0;

/** Uploads a file, trains on it and deploys the model. */
async function life(
  csv: string,
  target: string,
  o: { columns?: object[]; parameters?: object; selection?: object } = {},
): Promise<Life> {
  const { datasets, pipelines, runs, models, deployments } = app.services;
  const name = `case-${madeCount++}`;
  const file = { name, format: 'CSV', bytes: Buffer.from(csv), columns: o.columns };
  const { dataset } = await datasets.ingestBytes(tenant, file as never);
  const datasetVersionId = await until(async () => (await datasets.get(tenant, dataset.id)).currentVersionId);
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target, ...o.selection } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'mlp', parameters: { epochs: 60, ...o.parameters } } },
  ];
  const pipeline = await pipelines.create(tenant, { name, steps: steps as never, edges: [] });
  const started = await runs.start(tenant, { pipelineId: pipeline.id, datasetVersionId, seed: 7 } as never);
  const id = toGlobalId('Run', started.id);
  const warned: string[] = [];
  for await (const { data } of await operations.subscribe<any>(tenant, LOG, { id })) {
    const { level, message } = data!.runEvents.event;
    if (level === 'WARN') warned.push(message);
  }
  const { run } = await operations.run<any>(tenant, RUN, { id });
  if (run.error) throw new Error(`${run.error.message} ${run.error.hint}`);
  const version = await models.findVersionOfRun(tenant, started.id);
  await deployments.deploy(tenant, { name, modelVersionId: version!.id });
  const { metrics, undefinedMetrics } = run.evaluation;
  return {
    score: (metric) => metrics.find((each: any) => each.name === metric)?.value,
    undefinedNames: undefinedMetrics.map((each: any) => each.name),
    leftOut: run.leftOut.map(({ column }: any) => column),
    warned,
    predict: async (rows) =>
      (
        await operations.run<any>(
          tenant,
          'mutation ($name: String!, $rows: [JSONObject!]) { predict(input: { deployment: $name, rows: $rows }) { values } }',
          { name, rows },
        )
      ).predict.values,
  };
}

async function until<T>(read: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 1_200; tries++) {
    const found = await read();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It did not come to be in time.');
}

/** Rows of some columns and what follows from them. */
function table(header: string, row: (random: Random, at: number) => unknown[], divided = ',', count = COUNT): string {
  const random = new Random(11);
  const lines = Array.from({ length: count }, (_, at) => row(random, at).join(divided));
  return `${header}\n${lines.join('\n')}\n`;
}

describe('numbers far from zero', () => {
  const seconds = (start: number) =>
    table('ts,x,y', (random) => {
      const [t, x] = [random.below(120), random.next()];
      return [start + t, x.toFixed(3), (0.5 * t + 4 * x).toFixed(3)];
    });

  test('seconds since 1970 are learnt from as seconds since now are', async () => {
    const [near, far] = [await life(seconds(0), 'y'), await life(seconds(1_715_940_000), 'y')];
    expect(far.score('r2')).toBeGreaterThan(0.98);
    expect(far.score('r2')).toBeCloseTo(near.score('r2')!, 3);
  });

  test('coordinates in millimetres tell classes apart', async () => {
    const csv = table('easting_mm,x,zone', (random) => {
      const at = random.below(61);
      return [4_512_345_600 + at, random.next().toFixed(3), at > 30 ? 'east' : 'west'];
    });
    expect((await life(csv, 'zone')).score('accuracy')).toBeGreaterThan(0.95);
  });

  test('a target beyond float32 is predicted on its scale', async () => {
    const csv = table('a,b,huge', (random) => {
      const [a, b] = [random.next() * 100, random.next() * 10];
      return [a.toFixed(2), b.toFixed(2), ((a + b) * 1e37).toExponential(6)];
    });
    const { predict, score } = await life(csv, 'huge');
    expect(score('r2')).toBeGreaterThan(0.95);
    expect(Number((await predict([{ a: 50, b: 5 }]))[0]) / 1e37).toBeCloseTo(55, -1);
  });

  test('a time that is predicted is a time, within minutes of what it was learnt from', async () => {
    const start = Date.UTC(2024, 0, 1);
    const csv = table('a,b,arrives_at', (random) => {
      const [a, b] = [random.next() * 100, random.next() * 10];
      return [a.toFixed(2), b.toFixed(2), new Date(start + Math.round(100 * a + 900 * b) * 1_000).toISOString()];
    });
    const { predict } = await life(csv, 'arrives_at');
    const [answer] = await predict([{ a: 50, b: 5 }]);
    expect(answer).toMatch(/^2024-01-01T0[23]:\d\d:\d\d/);
    expect(Math.abs(Date.parse(answer) - (start + 9_500_000))).toBeLessThan(600_000);
  });
});

describe('columns that were lost', () => {
  const noise = (random: Random) => random.next().toFixed(2);
  const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });

  test.each<[string, string, (random: Random, at: number) => unknown[]]>([
    [
      ...(['percent signs and currencies', ';'] as const),
      (random) => {
        const load = random.next() * 100;
        return [`${load.toFixed(1)}%`, money.format(random.next() * 5_000), noise(random), load > 50 ? 'high' : 'low'];
      },
    ],
    [
      ...(['parentheses, and minus signs of their own', ';'] as const),
      (random) => {
        const balance = (random.next() - 0.5) * 300;
        const shown = Math.abs(balance).toFixed(1);
        const delta = `${random.next() < 0.5 ? '\u2212' : ''}${random.below(200) / 10}`;
        return [balance < 0 ? `(${shown})` : shown, delta, noise(random), balance < 0 ? 'debt' : 'asset'];
      },
    ],
    [
      ...(['days before months, one of which is none', ';'] as const),
      (random, at) => {
        const [month, day] = [1 + random.below(12), 1 + random.below(28)];
        const two = (value: number) => String(value).padStart(2, '0');
        const date = at === 77 ? '30/02/2023' : `${two(day)}/${two(month)}/2023`;
        return [date, noise(random), noise(random), month > 6 ? 'late' : 'early'];
      },
    ],
  ])('%s are learnt from', async (_name, divided, row) => {
    const { score, leftOut } = await life(table('p;q;noise;outcome', row, divided), 'outcome');
    expect(leftOut).toEqual([]);
    expect(score('accuracy')).toBeGreaterThan(0.95);
  });
});

describe('classes', () => {
  const csv = table('reading,noise,verified', (random) => {
    const reading = random.next() * 9;
    return [reading.toFixed(2), random.next().toFixed(2), ['false', 'unknown', 'true'][Math.floor(reading / 3)]];
  });

  test('a word for missing beside true and false is said, and kept where the column is said to be text', async () => {
    const lost = await life(csv, 'verified');
    expect(lost.warned).toContainEqual(expect.stringMatching(/"verified": "unknown" \(\d+\) read as missing/));
    const kept = await life(csv, 'verified', { columns: [{ name: 'verified', type: 'TEXT' }] });
    expect(kept.warned.filter((message) => message.includes('unknown'))).toEqual([]);
    expect(await kept.predict([{ reading: 1 }, { reading: 4.5 }, { reading: 8 }])).toEqual([
      'false',
      'unknown',
      'true',
    ]);
  });

  test.each([1, 2])('with %d rows of one, its scores are left out and not 0', async (positives) => {
    const rare = table(
      'v,noise,fraud',
      (random, at) => [(random.next() * 4).toFixed(2), random.next().toFixed(2), at < positives ? 1 : 0],
      ',',
      1_000,
    );
    const { score, undefinedNames, warned } = await life(rare, 'fraud', { parameters: { epochs: 5 } });
    if (!undefinedNames.includes('f1')) return expect(score('f1')).toBeDefined();
    expect(undefinedNames).toEqual(expect.arrayContaining(['precision', 'recall', 'f1']));
    expect(['precision', 'recall', 'f1'].map(score)).toEqual([undefined, undefined, undefined]);
    expect(warned).toContainEqual(expect.stringContaining('positive class'));
  });
});

test('keys are sent as texts: a JSON number beyond 2^53 is refused, and a time says what it takes', async () => {
  const csv = table('acc,at,y', (random, row) => {
    const day = 1 + (row % 28);
    return [
      `90071992547409${90 + (row % 8)}`,
      `2024-09-${String(day).padStart(2, '0')}`,
      (day + random.next()).toFixed(2),
    ];
  });
  const { predict } = await life(csv, 'y');
  const [iso, milliseconds] = await predict([
    { acc: '9007199254740993', at: '2024-09-01' },
    { acc: '9007199254740993', at: Date.UTC(2024, 8, 1) },
  ]);
  expect(iso).toBe(milliseconds);
  const faults = predict([{ acc: 9007199254740992, at: 'soon' }]);
  await expect(faults).rejects.toMatchObject({
    issues: [
      { path: 'rows[0].acc', message: expect.stringContaining('beyond 2^53'), hint: 'send it as a text' },
      { path: 'rows[0].at', hint: expect.stringContaining('milliseconds since 1970, UTC') },
    ],
  });
});
