/** Steps of many kinds in the API: trained along their edges, and what the check says of them. */
import { readFileSync } from 'node:fs';
import { stepDefinitions } from '../../src/engine/steps';
import { PraxisError, toGlobalId, type TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { machinesCsv, TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) {
  pipeline { currentVersion { id steps { id kind parameters } } } } }`;
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
const RUN = 'query ($id: ID!) { run(id: $id) { modelVersion { card { inputs { name } } } } }';

const step = (id: string, kind: string, parameters: object = {}) => ({ id, kind, parameters });
const path = (...ids: string[]) => ids.slice(1).map((to, i) => ({ from: ids[i], to }));
const target = (name: string, drop: string[] = []) => step('columns', 'SELECT_COLUMNS', { target: name, drop });

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES });

describe('the catalogue of steps', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let datasetVersionId: string;
  let drain: () => Promise<void>;

  beforeAll(async () => {
    fixture = await TrainingFixture.open(testDatabase.db, testDatabase.url);
    owner = await testDatabase.createTenant('Owner');
    drain = await fixture.startWork();
    datasetVersionId = toGlobalId('DatasetVersion', await fixture.ingest(owner, machinesCsv(300)));
  });
  afterAll(async () => {
    await drain();
    await fixture.close();
  });

  const create = async (steps: object[], edges: object[] = []) =>
    (await fixture.run<any>(owner, CREATE, { input: { name: 'Steps', steps, edges } })).createPipeline.pipeline
      .currentVersion;
  const start = async (steps: object[], edges: object[] = []) => {
    const { id } = await create(steps, edges);
    const input = { pipelineVersionId: id, datasetVersionId, seed: 1 };
    return (await fixture.run<any>(owner, START, { input })).startRun.run.id as string;
  };
  const issuesOf = async (work: Promise<unknown>) => {
    const error = await work.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PraxisError);
    return (error as PraxisError).issues;
  };

  test('steps of one kind, along edges, train a run whose model takes raw columns', async () => {
    const steps = [
      target('failure'),
      step('clip', 'CLIP', { columns: { names: ['torque'] }, upperQuantile: 0.9 }),
      step('power', 'DERIVE', { column: 'power', expression: 'speed * torque / 60' }),
      step('far', 'DERIVE', { column: 'far', expression: 'abs(noise) > 1' }),
      step('robust', 'SCALE', { columns: { names: ['power'] }, method: 'robust' }),
      step('minmax', 'SCALE', { columns: { roles: ['FEATURE'], patterns: ['s*', 'torque'] }, method: 'minmax' }),
      step('train', 'TRAIN', { family: 'logistic', parameters: { epochs: 5 } }),
    ];
    const edges = [
      ...path('columns', 'clip', 'power', 'robust', 'train'),
      ...path('columns', 'far', 'train'),
      ...path('power', 'minmax', 'train'),
    ];
    const id = await start(steps, edges);
    const events = await fixture.follow(owner, id);
    expect(events.at(-1)!.event.state).toBe('SUCCEEDED');
    const { run } = await fixture.run<any>(owner, RUN, { id });
    expect(run.modelVersion.card.inputs.map(({ name }: any) => name)).toEqual(['speed', 'torque', 'grade', 'noise']);
  });

  test('a run is refused where a step does not fit the dataset version, at the place in the pipeline', async () => {
    const wrong = [
      target('failure', ['noise']),
      step('clip', 'CLIP', { columns: { names: ['speed', 'torqe'] }, lower: 0 }),
      step('fill', 'IMPUTE', { columns: { names: ['grade'] } }),
      step('derive', 'DERIVE', { column: 'x', expression: 'noise * 2' }),
    ];
    expect(await issuesOf(start(wrong))).toEqual([
      {
        path: 'steps[1].parameters.columns.names[1]',
        message: 'there is no column "torqe" here',
        hint: 'Did you mean "torque"?',
      },
      { path: 'steps[3].parameters.expression', message: 'column "noise" is dropped', hint: 'take another column' },
      {
        path: 'steps[2].parameters.columns.names[0]',
        message: expect.stringMatching(/^column "grade" holds texts \(its type is \w+\)$/),
        hint: expect.stringContaining('name columns of numbers'),
      },
    ]);
    const beside = [
      target('failure'),
      step('a', 'CLIP', { columns: { types: ['NUMBER', 'INTEGER'] }, lower: 0 }),
      step('b', 'CLIP', { columns: { names: ['speed'] }, lower: 0 }),
    ];
    const [issue] = await issuesOf(start(beside, [...path('columns', 'a'), ...path('columns', 'b')]));
    expect(issue).toMatchObject({
      path: 'steps[2]',
      message: '"a" and "b" both change column "speed", and no edges lead from one to the other',
    });
  });

  test('the example of the guide is a pipeline, and its kinds are those of the catalogue', async () => {
    const guide = readFileSync('docs/guides/steps.md', 'utf8');
    const { steps, edges } = JSON.parse(/```json\n([^`]*)```/.exec(guide)![1]);
    expect((await create(steps, edges)).steps.map(({ id }: any) => id)).toEqual(steps.map(({ id }: any) => id));
    for (const { kind } of stepDefinitions()) expect(guide).toContain(kind);
  });

  test('what clashes whatever the data is, and an expression that cannot be read, are refused when a pipeline is stored', async () => {
    const two = [target('failure'), step('a', 'IMPUTE'), step('b', 'IMPUTE', { columns: { names: ['speed'] } })];
    const [issue] = await issuesOf(create(two));
    expect(issue).toMatchObject({ path: 'steps[2]', message: expect.stringContaining('"a" and "b" both change') });
    const [all] = await issuesOf(create([target('failure'), step('a', 'SCALE'), step('b', 'SCALE')]));
    expect(all.message).toBe('"a" and "b" both change the same columns, and no edges lead from one to the other');
    const double = (id: string) => step(id, 'DERIVE', { column: 'x', expression: 'speed * 2' });
    const beside = [...path('columns', 'a'), ...path('columns', 'b')];
    expect(await issuesOf(create([target('failure'), double('a'), double('b')], beside))).toMatchObject([
      { path: 'steps[2]', message: '"a" and "b" both change column "x", and no edges lead from one to the other' },
    ]);
    await create([target('failure'), double('a'), double('b')], path('columns', 'a', 'b'));
    const faults: [ReturnType<typeof step>, string, string][] = [
      [step('d', 'DERIVE', { column: 'x', expression: '1 + 2' }), '.expression', 'reads no column'],
      [step('d', 'DERIVE', { column: 'x', expression: 'speed + "a"' }), '.expression', 'found a text'],
      [step('f', 'FILTER', { where: 'speed + 1' }), '.where', 'expected a boolean, found a number'],
      [
        step('r', 'REPLACE', { values: [1, 'a'] }),
        '.values',
        'expected a list of 1 to 50 numbers, or of as many texts',
      ],
    ];
    for (const [one, at, message] of faults) {
      expect(await issuesOf(create([target('failure'), one]))).toMatchObject([
        { path: `steps[1].parameters${at}`, message: expect.stringContaining(message) },
      ]);
    }
    const wrong = step('d', 'DERIVE', { column: 'x', expression: 'speed * (2' });
    expect(await issuesOf(create([target('failure'), wrong]))).toMatchObject([
      { path: 'steps[1].parameters.expression', message: expect.stringContaining('at character') },
    ]);
    expect(await issuesOf(create([target('failure'), step('c', 'CLIP')]))).toMatchObject([
      { path: 'steps[1].parameters.lower', message: expect.stringContaining('is missing') },
    ]);
  });
});
