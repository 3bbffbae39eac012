/** Models that read the history of an entity: trained, told of by the card, asked about entities, recorded. */
import { parseGlobalId, type TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
const RUN = `query ($id: ID!) { run(id: $id) { state error { message path hint } stepRows { stepId rowsIn rowsOut }
  modelVersion { id card { inputs { name } leftOut { column }
    history { key order inputs { name type columnType format } steps { id kind parameters } } } } } }`;
const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id name } } }';
const PREDICT = `mutation ($input: PredictInput!) { predict(input: $input) {
  predictions { id value notes { column kind given } } } }`;
const RECORDED = 'query ($id: ID!) { predictionById(id: $id) { input value } }';

const MACHINES = 12;
const DAYS = 30;
const dayOf = (day: number) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
const heatOf = (machine: number, day: number) => ((machine * 31 + day * 17) % 23) + machine / 100;
/** A machine fails the day after it was hot. */
const failsOn = (machine: number, day: number) => day > 0 && heatOf(machine, day - 1) > 12;
const CSV = [
  'machine,day,heat,state,failed',
  ...Array.from({ length: MACHINES * DAYS }, (_, i) => {
    const [machine, day] = [i % MACHINES, Math.floor(i / MACHINES)];
    const state = ['idle', 'busy'][(machine + day) % 2];
    return [`m${machine}`, dayOf(day), heatOf(machine, day), state, failsOn(machine, day) ? 'yes' : 'no'].join(',');
  }),
].join('\n');

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('a model that reads the history of an entity', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let datasetVersionId: string;
  let run: any;

  const columns = { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failed' } };
  const lag = (parameters: object = {}) => ({
    ...{ id: 'lag', kind: 'LAG' },
    parameters: { key: 'machine', order: 'day', columns: ['heat', 'state', 'failed'], ...parameters },
  });
  const split = { id: 'split', kind: 'SPLIT', parameters: { kind: 'time', column: 'day' } };
  const train = { id: 'train', kind: 'TRAIN', parameters: { family: 'logistic', parameters: { epochs: 60 } } };
  const create = async (steps: object[], edges: object[] = []): Promise<string> => {
    const input = { name: 'Histories', steps: [columns, ...steps, train], edges };
    return (await fixture.run<any>(owner, CREATE, { input })).createPipeline.pipeline.id;
  };
  const start = async (pipelineId: string): Promise<string> =>
    (await fixture.run<any>(owner, START, { input: { pipelineId, datasetVersionId, seed: 7 } })).startRun.run.id;
  const predict = async (input: object): Promise<any[]> =>
    (await fixture.run<any>(owner, PREDICT, { input: { deployment: 'machines', ...input } })).predict.predictions;
  const issues = async (act: () => Promise<unknown>): Promise<any[]> => {
    const error: any = await act().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return error.issues;
  };
  const row = (machine: number, day: number, cells: object = {}) => ({
    ...{ day: dayOf(day), heat: heatOf(machine, day), state: 'idle', failed: failsOn(machine, day) ? 'yes' : 'no' },
    ...cells,
  });

  beforeAll(async () => {
    ({ fixture, owner, datasetVersionId } = await TrainingFixture.withTable(testDatabase, `${CSV}\n`));
    const id = await start(await create([lag(), split]));
    await fixture.follow(owner, id);
    run = (await fixture.run<any>(owner, RUN, { id })).run;
    expect(run.error).toBeNull();
    await fixture.run(owner, DEPLOY, { input: { name: 'machines', modelVersionId: run.modelVersion.id } });
  });

  test('its card says what it is asked about', () => {
    const { inputs, leftOut, history } = run.modelVersion.card;
    expect(inputs.map(({ name }: any) => name).sort()).toEqual(
      ['failed_lag_1', 'heat', 'heat_lag_1', 'state', 'state_lag_1'].sort(),
    );
    expect(leftOut.map(({ column }: any) => column).sort()).toEqual(['day', 'machine']);
    expect(history).toMatchObject({
      ...{ key: 'machine', order: 'day' },
      inputs: [
        { name: 'day', type: 'NUMBER', columnType: 'DATE' },
        { name: 'heat', type: 'NUMBER' },
        { name: 'state', type: 'CATEGORY' },
        { name: 'failed', type: 'CATEGORY' },
      ],
      steps: [{ id: 'lag', kind: 'LAG', parameters: { key: 'machine', order: 'day', rows: [1] } }],
    });
    expect(run.stepRows).toEqual([{ stepId: 'lag', rowsIn: MACHINES * DAYS, rowsOut: MACHINES * DAYS }]);
  });

  test('entities are answered by their last rows, in whatever order the rows come', async () => {
    const entities = [
      { key: 'm1', rows: [row(1, 40, { heat: 20 }), row(1, 41, { failed: null })] },
      { key: 'new', rows: [row(2, 41, { heat: 1 }), row(2, 40, { heat: 1 })] },
      { key: 'm3', rows: [row(3, 42, { heat: 3, failed: null }), row(3, 40, { heat: 5 }), row(3, 41, { heat: 22 })] },
    ];
    expect((await predict({ entities })).map(({ value }) => value)).toEqual(['yes', 'no', 'yes']);
  });

  test('a row without any before it is answered, and said to miss what would be made of them', async () => {
    const [{ notes }] = await predict({ entities: [{ key: 'm1', rows: [row(1, 3)] }] });
    expect(notes.map(({ column, kind }: any) => `${column} ${kind}`).sort()).toEqual([
      'failed_lag_1 MISSING',
      'heat_lag_1 MISSING',
      'state_lag_1 MISSING',
    ]);
  });

  test('what is recorded is the key, the last row and what was made of those before', async () => {
    const rows = [row(5, 10, { heat: 8.5, state: 'busy' }), row(5, 11, { heat: 3.25 })];
    const [{ id, value }] = await predict({ entities: [{ key: 'm5', rows }] });
    const { predictionById } = await fixture.run<any>(owner, RECORDED, { id });
    expect(predictionById).toEqual({
      value,
      input: {
        ...{ machine: 'm5', heat: 3.25, state: 'idle' },
        ...{ heat_lag_1: 8.5, state_lag_1: 'busy', failed_lag_1: failsOn(5, 10) ? 'yes' : 'no' },
      },
    });
    expect(parseGlobalId(id)).toMatchObject({ kind: 'Prediction' });
  });

  test('what cannot be predicted is refused, with the place', async () => {
    const of = (input: object) => issues(() => predict(input));
    expect(await of({ rows: [row(1, 1)] })).toEqual([
      { path: 'rows', message: expect.stringMatching(/reads the history/), hint: expect.stringMatching(/entities/) },
    ]);
    expect(await of({ columns: { heat: [1] } })).toMatchObject([{ path: 'columns' }]);
    expect(await of({ rows: [row(1, 1)], entities: [] })).toMatchObject([{ path: 'entities' }]);
    expect(await of({ entities: [] })).toMatchObject([{ path: 'entities', message: 'is empty' }]);
    expect(await of({ entities: [{ key: 'a', rows: [] }] })).toMatchObject([{ path: 'entities[0].rows' }]);
    const twice = { key: 'a', rows: [row(1, 1)] };
    expect(await of({ entities: [twice, { ...twice, key: '' }, twice] })).toMatchObject([
      { path: 'entities[1].key', message: 'is empty' },
      { path: 'entities[2].key', message: 'is that of entities[0] as well' },
    ]);
    const wrong = [row(1, 1), row(1, 2, { day: null }), row(1, 3, { heat: 'hot' }), row(1, 4, { heat_lag_1: 4 })];
    expect(await of({ entities: [twice, { key: 'b', rows: wrong }] })).toMatchObject([
      { path: 'entities[1].rows[2].heat' },
      { path: 'entities[1].rows[3].heat_lag_1' },
    ]);
    expect(await of({ entities: [twice, { key: 'b', rows: wrong.slice(0, 2) }] })).toMatchObject([
      { path: 'entities[1].rows[1].day' },
    ]);
  });

  test('too many rows are refused, over all entities', async () => {
    const rows = Array<object>(5001).fill(row(1, 1));
    const error: any = await predict({ entities: ['a', 'b'].map((key) => ({ key, rows })) }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', message: expect.stringMatching(/10002 rows/) });
  });

  test('pipelines that could not mean one history are refused, with the step', async () => {
    const other = { ...lag({ key: 'state', columns: ['heat'] }), id: 'other' };
    expect(await issues(() => create([lag(), other]))).toMatchObject([{ path: 'steps[2].parameters.key' }]);
    const filter = { id: 'filter', kind: 'FILTER', parameters: { where: 'heat > 3' } };
    const edges = [
      ['columns', 'filter'],
      ['filter', 'lag'],
      ['lag', 'train'],
    ].map(([from, to]) => ({ from, to }));
    expect(await issues(() => create([lag(), filter], edges))).toMatchObject([
      { path: 'steps[1]', message: '"lag" reads the whole history, and "filter" takes rows out before' },
    ]);
    const starting = async (parameters: object) => issues(async () => start(await create([lag(parameters)])));
    const window = (parameters: object) => ({
      ...lag({ columns: ['heat'], ...parameters }),
      id: 'window',
      kind: 'WINDOW',
    });
    const both = [window({}), window({ rows: 2, span: 'P7D' }), window({ span: 'soon' })];
    const paths = await Promise.all(
      both.map(async (step) => (await issues(() => create([step]))).map(({ path }) => path)),
    );
    expect(paths).toEqual([['steps[1].parameters.rows'], ['steps[1].parameters.span'], ['steps[1].parameters.span']]);
    expect(await issues(async () => start(await create([window({ columns: ['failed'], rows: 2 })])))).toMatchObject([
      { path: 'steps[1].parameters.columns[0]' },
    ]);
    expect(await starting({ order: 'state' })).toMatchObject([{ path: 'steps[1].parameters.order' }]);
    expect(await starting({ columns: ['heat', 'hat'] })).toMatchObject([{ path: 'steps[1].parameters.columns[1]' }]);
  });

  test('windows of a span of days are made of the rows that are sent', async () => {
    const heat = { id: 'heat', kind: 'WINDOW', parameters: { ...lag().parameters, columns: ['heat'], span: 'P3D' } };
    const id = await start(await create([heat, split]));
    await fixture.follow(owner, id);
    const { error, modelVersion } = (await fixture.run<any>(owner, RUN, { id })).run;
    expect(error).toBeNull();
    await fixture.run(owner, DEPLOY, { input: { name: 'spans', modelVersionId: modelVersion.id } });
    const rows = [8, 9, 10, 11].map((day, i) => ({ day: dayOf(day), heat: 2 ** i, state: 'idle' }));
    const [{ id: predictionId }] = await predict({ deployment: 'spans', entities: [{ key: 'm1', rows }] });
    const { predictionById } = await fixture.run<any>(owner, RECORDED, { id: predictionId });
    expect(predictionById.input).toMatchObject({ machine: 'm1', heat: 8, heat_mean_last_P3D: 14 / 3 });
  });

  test('rows are filtered by what was made of their history, which the filter leaves whole', async () => {
    const filter = { id: 'filter', kind: 'FILTER', parameters: { where: 'not isMissing(heat_lag_1) and heat > 2' } };
    const id = await start(await create([lag({ columns: ['heat'] }), filter, split]));
    await fixture.follow(owner, id);
    const filtered = (await fixture.run<any>(owner, RUN, { id })).run;
    expect(filtered.error).toBeNull();
    expect(filtered.stepRows[1]).toMatchObject({ stepId: 'filter', rowsIn: MACHINES * DAYS });
    expect(filtered.stepRows[1].rowsOut).toBeLessThanOrEqual(MACHINES * (DAYS - 1));
  });
});
