/** The case of credit scoring in one mutation: three models on the same rows, costs, groups, reasons. */
import { CASES } from '../../seeds/library';
import { parseGlobalId, type TenantContext } from '../../src/kernel';
import type { App } from '../../src/app';
import { CaseRunEventsDocument, CaseRunResultDocument, PraxisClient, RunCaseDocument } from '../../src/sdk';
import { openTestApp, openTestDatabase } from '../support';

jest.setTimeout(240_000);

const test = openTestDatabase();
let app: App;
let owner: TenantContext;
let client: PraxisClient;

beforeAll(async () => {
  ({ app } = await openTestApp(test));
  await app.services.cases.publish(CASES);
  const url = await app.listen();
  await app.consume();
  owner = { ...(await test.createTenant()), role: 'OWNER' };
  const { secret } = await app.services.apiKeys.create(owner, { name: 'credit', role: 'OWNER' });
  client = new PraxisClient({ url, key: secret });
});
afterAll(() => client.close());

async function follow(id: string): Promise<string[]> {
  const stages: string[] = [];
  for await (const { caseRunEvents } of client.subscribe(CaseRunEventsDocument, { caseRunId: id, after: 0 })) {
    stages.push(caseRunEvents.stage);
  }
  return stages;
}

const start = async (): Promise<string> =>
  (await client.run(RunCaseDocument, { input: { slug: 'credit-scoring' } })).runCase.caseRun.id;

describe('credit scoring', () => {
  const { definition } = CASES.find(({ slug }) => slug === 'credit-scoring')!;
  const [model, ...others] = [definition, ...definition.comparisons!];

  it('trains three models on the same rows, each of which reaches what is expected of it', async () => {
    const id = await start();
    const stages = await follow(id);
    const { caseRun } = await client.run(CaseRunResultDocument, { id });
    expect(caseRun).toMatchObject({ state: 'SUCCEEDED', error: null, met: true });
    expect(stages).toEqual(['DATA', 'TRAINING', 'PREDICTING', 'FINISHED']);
    const expected = [{ name: null, expected: model.expected }, ...others].flatMap(({ name, expected: metrics }) =>
      metrics.map(({ metric }) => [name, metric, true]),
    );
    expect(caseRun.checks.map(({ comparison, metric, met }) => [comparison, metric, met])).toEqual(expected);
    const { caseRun: found } = await client.run<any>(
      `query ($id: ID!) { caseRun(id: $id) { case { comparisons { name } } run { ...figures } comparisonRuns { ...figures } } }
       fragment figures on Run { state datasetVersion { id } modelVersion { card { family inputs { name } decision { threshold } } }
         evaluation { rowCount metrics { name value } groups { column value rowCount metrics { name value lower upper } } } }`,
      { id },
    );
    const runs = [found.run, ...found.comparisonRuns];
    expect(runs.map(({ modelVersion: { card } }: any) => card.family)).toEqual(['boosting', 'logistic', 'mlp']);
    expect(found.case.comparisons).toEqual(others.map(({ name }) => ({ name })));
    for (const { datasetVersion, modelVersion, evaluation } of runs) {
      expect(datasetVersion).toEqual(found.run.datasetVersion);
      expect(modelVersion.card.decision.threshold).toBeCloseTo(1 / 6, 12);
      expect(modelVersion.card.inputs.map(({ name }: any) => name)).not.toContain('sex');
      expect(evaluation.rowCount).toBe(definition.rowCount / 5);
      const sexes = evaluation.groups.filter(({ column }: any) => column === 'sex');
      expect(sexes.map(({ value }: any) => value).sort()).toEqual(['female', 'male']);
      for (const { metrics } of sexes) {
        // Calibrated for both, though the model reads no sex.
        const { lower, upper } = metrics.find(({ name }: any) => name === 'expectedToObserved');
        expect(lower).toBeLessThan(1.08);
        expect(upper).toBeGreaterThan(0.92);
      }
    }
  });

  it('refuses with reasons: what each column adds is what replacing its value changes, whatever the others are', async () => {
    const [typical, refused] = definition.samples;
    const names = Object.keys(typical);
    const rows = [refused, typical, ...names.map((name) => ({ ...refused, [name]: typical[name] }))];
    const { predict } = await client.run<any>(
      `mutation ($input: PredictInput!) { predict(input: $input) { values probabilities predictions { explanations {
         label unit base score contributions { column value contribution } } } } }`,
      { input: { deployment: 'credit-scoring', rows, explain: { label: 'yes' } } },
    );
    expect(predict.values.slice(0, 2)).toEqual(['yes', 'no']);
    const logOdds = predict.probabilities.map(([good, bad]: number[]) => Math.log(bad / good));
    const added = names.map((_, i) => logOdds[0] - logOdds[i + 2]);
    expect(added.reduce((sum, value) => sum + value)).toBeCloseTo(logOdds[0] - logOdds[1], 4);
    const explained = predict.predictions.map(({ explanations: [explanation] }: any) => explanation);
    explained.forEach(({ label, unit, score }: any, row: number) => {
      expect([label, unit]).toEqual(['yes', 'LOG_ODDS']);
      expect(score).toBeCloseTo(logOdds[row], 4);
    });
    const contributionOf = (row: number, name: string): number =>
      explained[row].contributions.find(({ column }: any) => column === name).contribution;
    names.forEach((name, i) => expect(contributionOf(0, name) - contributionOf(1, name)).toBeCloseTo(added[i], 4));
    const reasons = explained[0].contributions.filter(({ contribution }: any) => contribution > 0).slice(0, 4);
    expect(reasons.map(({ column, value }: any) => [column, value])).toEqual(
      expect.arrayContaining([
        ['months_with_bank', '5'],
        ['income', '24000'],
      ]),
    );
    // As in the published scorecard: months with the bank, income and the balance weigh most, the address nothing.
    const heaviest = names.toSorted((a, b) => added[names.indexOf(b)] - added[names.indexOf(a)]);
    expect(heaviest.slice(0, 2).sort()).toEqual(['income', 'months_with_bank']);
    expect(Math.abs(added[names.indexOf('months_at_address')])).toBeLessThan(0.1);
  });

  it('goes on from the data and the pipelines of the first run, and fails with a training that is cancelled', async () => {
    const caseRunId = await start();
    const { uuid } = parseGlobalId(caseRunId)!;
    const runIds = await untilTraining(uuid);
    const [counts] = await test.ownerQuery<any>(
      `SELECT count(*)::int AS runs, count(DISTINCT dataset_version_id)::int AS data,
         count(DISTINCT pipeline_version_id)::int AS pipelines FROM runs WHERE tenant_id = $1`,
      [owner.tenantId],
    );
    expect(counts).toEqual({ runs: 6, data: 1, pipelines: 3 });
    for (const id of runIds) await app.services.runs.cancel(owner, id);
    expect(await follow(caseRunId)).toContain('FINISHED');
    const { caseRun } = await client.run(CaseRunResultDocument, { id: caseRunId });
    expect(caseRun).toMatchObject({ state: 'FAILED', error: { message: expect.stringMatching(/cancelled/) } });
  });
});

async function untilTraining(caseRunId: string): Promise<string[]> {
  for (;;) {
    const [row] = await test.ownerQuery<any>('SELECT run_id, comparison_run_ids FROM case_runs WHERE id = $1', [
      caseRunId,
    ]);
    if (row.run_id) return [row.run_id, ...row.comparison_run_ids];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
