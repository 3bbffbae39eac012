/** Costs of errors and groups, as a client gives them and reads what came of them. */
import type { TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
const RUN = `query ($id: ID!) { run(id: $id) { state error { message }
  modelVersion { card { inputs { name } decision { threshold costs { missed falseAlarm } } } }
  evaluation { rowCount metrics { name value baseline { value } }
    groups { column value rowCount metrics { name value lower } undefinedMetrics { name reason } confusionMatrix { counts } } } } }`;

/** Who is late depends on the load; the region has nothing to do with it. */
const CSV = [
  'region,load,late',
  ...Array.from({ length: 400 }, (_, i) => {
    const load = (i * 37) % 101;
    return [i % 9 === 0 ? '' : i % 2 ? 'north' : 'south', load, load + ((i * 53) % 60) > 120 ? 'yes' : 'no'].join(',');
  }),
].join('\n');

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('decisions and groups', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let datasetVersionId: string;

  beforeAll(async () => {
    ({ fixture, owner, datasetVersionId } = await TrainingFixture.withTable(testDatabase, `${CSV}\n`));
  });

  const start = async (columns: object): Promise<string> => {
    const steps = [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'late', ...columns } },
      { id: 'train', kind: 'TRAIN', parameters: { family: 'logistic', parameters: { epochs: 20 } } },
    ];
    const { createPipeline } = await fixture.run<any>(owner, CREATE, { input: { name: 'Late', steps, edges: [] } });
    const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId, seed: 7 };
    return (await fixture.run<any>(owner, START, { input })).startRun.run.id;
  };
  const issues = async (act: () => Promise<unknown>): Promise<any[]> => {
    const error: any = await act().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return error.issues ?? error.extensions?.issues ?? error.originalError?.issues;
  };

  test('the card tells the threshold, the evaluation what it costs, and each group its own scores', async () => {
    const costs = { missed: 9, falseAlarm: 1 };
    const id = await start({ drop: ['region'], errorCosts: costs, groups: ['region'] });
    await fixture.follow(owner, id);
    const { run } = await fixture.run<any>(owner, RUN, { id });
    expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });
    expect(run.modelVersion.card).toEqual({ inputs: [{ name: 'load' }], decision: { threshold: 0.1, costs } });
    const { metrics, groups, rowCount } = run.evaluation;
    const cost = metrics.find(({ name }: any) => name === 'cost');
    expect(cost.value).toBeLessThan(cost.baseline.value);
    expect(groups.map(({ column, value }: any) => [column, value])).toEqual([
      ['region', expect.stringMatching(/north|south/)],
      ['region', expect.stringMatching(/north|south/)],
      ['region', null],
    ]);
    expect(groups.reduce((sum: number, group: any) => sum + group.rowCount, 0)).toBe(rowCount);
    for (const group of groups) {
      expect(group.confusionMatrix.counts.flat().reduce((a: number, b: number) => a + b)).toBe(group.rowCount);
      expect(group.metrics.map(({ name }: any) => name)).toContain('positiveRate');
    }
  });

  test('without them a card has no decision, and an evaluation no groups', async () => {
    const id = await start({});
    await fixture.follow(owner, id);
    const { run } = await fixture.run<any>(owner, RUN, { id });
    expect(run.modelVersion.card.decision).toBeNull();
    expect(run.evaluation.groups).toEqual([]);
  });

  test('what cannot be is refused before anything is trained, with its place', async () => {
    const path = (name: string) => `steps[0].parameters.${name}`;
    const costs = { missed: 9, falseAlarm: 1 };
    expect(await issues(() => start({ groups: ['load', 'regoin'] }))).toMatchObject([
      { path: path('groups[1]'), message: expect.stringMatching(/no column "regoin"/) },
    ]);
    expect(await issues(() => start({ groups: ['late'] }))).toMatchObject([{ path: path('groups[0]') }]);
    expect(await issues(() => start({ target: 'load', errorCosts: costs }))).toMatchObject([
      { path: path('errorCosts'), message: expect.stringMatching(/two classes/) },
    ]);
    for (const errorCosts of [{ missed: 0, falseAlarm: 1 }, { missed: 1 }, { missed: -1, falseAlarm: 1 }]) {
      const [issue] = await issues(() => start({ errorCosts }));
      expect(issue.path).toContain(path('errorCosts'));
    }
  });
});
