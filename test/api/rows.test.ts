import type { TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
const RUN = `query ($id: ID!) { run(id: $id) { state error { code message path hint } leftOut { column reason }
  splitCounts { train validation test unused } stepRows { stepId parts rowsIn rowsOut } } }`;

const ROWS = 300;
/** 30 patients, each with rows of ten days; every fifth row stands twice, one has no dose. */
const CSV = [
  'patient,day,dose,paid,relapse',
  ...Array.from({ length: ROWS }, (_, i) => {
    const day = new Date(Date.UTC(2024, 0, 1 + (i % 10))).toISOString().slice(0, 10);
    const dose = i === 7 ? '' : String((i * 37) % 101);
    const line = [
      `p${Math.floor(i / 10)}`,
      day,
      dose,
      i % 3 ? 'true' : 'false',
      (i * 37) % 101 > 50 ? 'yes' : 'no',
    ].join(',');
    return i % 5 === 0 ? `${line}\n${line}` : line;
  }),
].join('\n');
const LINES = ROWS + ROWS / 5;

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('which rows a run uses', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let datasetVersionId: string;

  beforeAll(async () => {
    ({ fixture, owner, datasetVersionId } = await TrainingFixture.withTable(testDatabase, `${CSV}\n`));
  });

  const columns = { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'relapse' } };
  const train = { id: 'train', kind: 'TRAIN', parameters: { family: 'logistic', parameters: { epochs: 3 } } };
  const create = async (steps: object[], edges: object[] = []): Promise<string> => {
    const input = { name: 'Rows', steps: [columns, ...steps, train], edges };
    return (await fixture.run<any>(owner, CREATE, { input })).createPipeline.pipeline.id;
  };
  const start = async (pipelineId: string): Promise<string> =>
    (await fixture.run<any>(owner, START, { input: { pipelineId, datasetVersionId, seed: 7 } })).startRun.run.id;
  const outcome = async (steps: object[], edges: object[] = []): Promise<any> => {
    const id = await start(await create(steps, edges));
    await fixture.follow(owner, id);
    return (await fixture.run<any>(owner, RUN, { id })).run;
  };
  const issues = async (act: () => Promise<unknown>): Promise<any[]> => {
    const error: any = await act().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return error.issues ?? error.extensions?.issues ?? error.originalError?.issues;
  };
  const filter = (where: string, parts?: string[]) => ({ id: 'filter', kind: 'FILTER', parameters: { where, parts } });
  const once = { id: 'once', kind: 'DEDUPLICATE', parameters: {} };

  test('a filter, no row twice and whole patients: counted on the run', async () => {
    const split = { id: 'split', kind: 'SPLIT', parameters: { kind: 'group', column: 'patient' } };
    const run = await outcome([once, filter('day > time("2024-01-02") and not isMissing(dose)'), split]);
    expect(run.error).toBeNull();
    // Two days of ten go, with the rows of them that stand twice, and the row without a dose.
    const kept = (ROWS * 8) / 10 - 1;
    expect(run.stepRows).toEqual([
      { stepId: 'filter', parts: ['TRAIN', 'VALIDATION', 'TEST'], rowsIn: LINES, rowsOut: kept + 30 },
      { stepId: 'once', parts: ['TRAIN', 'VALIDATION', 'TEST'], rowsIn: kept + 30, rowsOut: kept },
    ]);
    const { train: trained, validation, test: tested, unused } = run.splitCounts;
    expect(trained + validation + tested).toBe(kept);
    expect(unused).toBe(0);
    expect(run.leftOut).toContainEqual({ column: 'patient', reason: 'It holds the groups of the split.' });
  });

  test('by time with a gap, and a filter of the train part alone', async () => {
    const split = {
      id: 'split',
      kind: 'SPLIT',
      parameters: { kind: 'time', column: 'day', testFrom: '2024-01-09', gap: 'P1D' },
    };
    const run = await outcome([once, filter('paid', ['train']), split]);
    expect(run.error).toBeNull();
    expect(run.stepRows[1]).toMatchObject({ stepId: 'filter', parts: ['TRAIN'] });
    expect(run.splitCounts).toMatchObject({ test: 60, unused: 0 });
    expect(run.stepRows[1].rowsOut).toBe(run.splitCounts.train);
    expect(run.stepRows[1].rowsOut).toBeLessThan(run.stepRows[1].rowsIn);
  });

  test('what the columns do not allow is refused before the run starts', async () => {
    const pipelineId = await create([filter('dosis > 3')]);
    expect(await issues(() => start(pipelineId))).toEqual([
      {
        path: 'steps[1].parameters.where',
        message: 'there is no column "dosis" here',
        hint: expect.stringContaining('"dose"'),
      },
    ]);
    const wrong = await create([filter('paid + 1 > 2')]);
    expect(await issues(() => start(wrong))).toEqual([
      expect.objectContaining({ message: 'at character 1: "a + b" takes a number here, found a boolean' }),
    ]);
  });

  test('and what no table allows, before the pipeline is stored', async () => {
    expect(await issues(() => create([filter('dose >')]))).toEqual([
      expect.objectContaining({
        path: 'steps[1].parameters.where',
        message: 'at character 7: expected a value, found the end',
      }),
    ]);
    const split = { id: 'split', kind: 'SPLIT', parameters: { kind: 'random' } };
    const path = (...ids: string[]) => ids.slice(1).map((to, i) => ({ from: ids[i], to }));
    const late = await issues(() => create([split, once], path('columns', 'split', 'once', 'train')));
    expect(late).toEqual([expect.objectContaining({ message: expect.stringContaining('SPLIT cannot come before') })]);
    const ofParts = [filter('dose > 1', ['train']), once];
    expect(await issues(() => create(ofParts, path('columns', 'filter', 'once', 'train')))).toEqual([
      expect.objectContaining({ message: '"filter" takes rows out of parts, and "once" comes before there are parts' }),
    ]);
  });

  test('a filter that leaves nothing fails the run at its step', async () => {
    const run = await outcome([filter('dose > 1000')]);
    expect(run.error).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: `Step "filter" leaves none of ${LINES} rows.`,
      path: 'steps[1]',
    });
    expect(run.stepRows).toBeNull();
  });
});
