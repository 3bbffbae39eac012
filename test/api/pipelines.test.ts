import { PraxisError, toGlobalId, type TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { machinesCsv, TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) {
  pipeline { id name version currentVersion { id version steps { id kind parameters } edges { from to } } } } }`;
const UPDATE = `mutation ($input: UpdatePipelineInput!) { updatePipeline(input: $input) {
  pipeline { id name version currentVersion { id version } versions { edges { node { version } } } } } }`;

const columns = (parameters: object = { target: 'failure' }) => ({ id: 'columns', kind: 'SELECT_COLUMNS', parameters });
const training = (parameters: object) => ({ id: 'train', kind: 'TRAIN', parameters });

interface Created {
  createPipeline: {
    pipeline: {
      id: string;
      version: number;
      currentVersion: { id: string; steps: { id: string; kind: string; parameters: Record<string, unknown> }[] };
    };
  };
}

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES });

describe('pipelines', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;

  beforeAll(async () => {
    fixture = await TrainingFixture.open(testDatabase.db, testDatabase.url);
    owner = await testDatabase.createTenant('Owner');
  });
  afterAll(() => fixture.close());

  const create = async (
    steps: object[],
    edges: object[] = [],
    more: object = {},
  ): Promise<Created['createPipeline']['pipeline']> =>
    (await fixture.run<Created>(owner, CREATE, { input: { name: 'Machines', steps, edges, ...more } })).createPipeline
      .pipeline;

  const issuesOf = async (steps: object[], edges: object[] = []) => {
    const error = await create(steps, edges).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PraxisError);
    expect((error as PraxisError).code).toBe('VALIDATION_FAILED');
    return (error as PraxisError).issues;
  };

  test('keeps the steps with their defaults filled in', async () => {
    const pipeline = await create([columns(), training({ family: 'mlp', parameters: { epochs: 5 } })]);
    expect(pipeline.version).toBe(1);
    expect(pipeline.currentVersion.steps).toEqual([
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failure', drop: [], task: null } },
      { id: 'train', kind: 'TRAIN', parameters: { family: 'mlp', parameters: { epochs: 5 } } },
    ]);
  });

  test('a version is immutable: new content makes the next one, the same content none', async () => {
    const { id, currentVersion: first } = await create([columns()]);
    const update = async (steps: object[], name?: string) =>
      (
        await fixture.run<{ updatePipeline: { pipeline: any } }>(owner, UPDATE, {
          input: { pipelineId: id, steps, name },
        })
      ).updatePipeline.pipeline;
    const same = await update([columns({ task: null, target: 'failure' })], 'Renamed');
    expect(same).toMatchObject({ name: 'Renamed', version: 1, currentVersion: { id: first.id } });
    const changed = await update([columns({ target: 'failure', drop: ['noise'] })]);
    expect(changed).toMatchObject({ name: 'Renamed', version: 2 });
    expect(changed.versions.edges.map((edge: any) => edge.node.version)).toEqual([2, 1]);
    const [row] = await testDatabase.ownerQuery<{ steps: any[] }>(
      `SELECT steps FROM pipeline_versions WHERE version = 1 AND pipeline_id =
       (SELECT pipeline_id FROM pipeline_versions WHERE version = 2)`,
    );
    expect(row.steps[0].parameters.drop).toEqual([]);
  });

  test('two updates at once number their versions one after the other', async () => {
    const { id } = await create([columns()]);
    const update = (drop: string) =>
      fixture.run(owner, UPDATE, { input: { pipelineId: id, steps: [columns({ target: 'failure', drop: [drop] })] } });
    await Promise.all(['a', 'b', 'c'].map(update));
    const found = await fixture.run<any>(owner, `query ($id: ID!) { pipeline(id: $id) { version } }`, { id });
    expect(found.pipeline.version).toBe(4);
  });

  test('the idempotency key answers a retry with the same pipeline', async () => {
    const first = await create([columns()], [], { idempotencyKey: 'once' });
    const again = await create([columns()], [], { idempotencyKey: 'once' });
    expect(again.id).toBe(first.id);
    await expect(create([columns({ target: 'x' })], [], { idempotencyKey: 'once' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('names the parameter at fault, and the nearest known name', async () => {
    const issues = await issuesOf([
      columns({ target: 'failure', dorp: ['x'] }),
      training({ family: 'mlp', parameters: { epochs: 0, learningrate: 1 } }),
    ]);
    expect(issues).toEqual([
      { path: 'steps[0].parameters.dorp', message: 'is not a parameter', hint: 'Did you mean "drop"?' },
      { path: 'steps[1].parameters.parameters.epochs', message: expect.stringContaining('>=1') },
      {
        path: 'steps[1].parameters.parameters.learningrate',
        message: 'is not a parameter',
        hint: 'Did you mean "learningRate"?',
      },
    ]);
    expect(await issuesOf([columns(), training({ family: 'mpl' })])).toMatchObject([
      { path: 'steps[1].parameters.family', message: 'no family is named "mpl"', hint: 'Did you mean "mlp"?' },
    ]);
  });

  test('names the text that no database takes, and tells an expression that is too long or empty once', async () => {
    const derive = (expression: string) => ({ id: 'derive', kind: 'DERIVE', parameters: { column: 'x', expression } });
    expect(await issuesOf([columns({ drop: ['a', 'b\0'] }), training({})])).toMatchObject([
      { path: 'steps[0].parameters.drop[1]', message: 'holds a NUL character (U+0000), which is no text' },
    ]);
    expect(await issuesOf([columns(), training({ parameters: { 'a\0': 1 } })])).toMatchObject([
      { path: 'steps[1].parameters.parameters["a\\u0000"]' },
    ]);
    for (const wrong of ['x'.repeat(6_000), '']) {
      const issues = await issuesOf([columns(), derive(wrong), training({})]);
      expect(issues).toMatchObject([{ path: 'steps[1].parameters.expression' }]);
    }
  });

  test('names duplicates, a second TRAIN step and a missing SELECT_COLUMNS', async () => {
    const twice = [columns(), training({}), { ...training({}), id: 'train' }];
    expect((await issuesOf(twice)).map(({ path }) => path)).toEqual(['steps[2].id', 'steps[2].kind']);
    expect(await issuesOf([training({})])).toMatchObject([
      { path: 'steps', message: 'no step of kind SELECT_COLUMNS' },
    ]);
  });

  test('names unknown steps, cycles, wrong order and loose steps among the edges', async () => {
    const steps = [columns(), { id: 'scale', kind: 'SCALE' }, { id: 'encode', kind: 'ENCODE' }, training({})];
    const edge = (from: string, to: string) => ({ from, to });
    expect(await issuesOf(steps, [edge('columns', 'scael')])).toMatchObject([
      { path: 'edges[0].to', message: 'no step has the id "scael"', hint: 'Did you mean "scale"?' },
    ]);
    const cycle = [edge('columns', 'scale'), edge('scale', 'encode'), edge('encode', 'scale'), edge('encode', 'train')];
    expect(await issuesOf(steps, cycle)).toMatchObject([
      { path: 'edges', message: 'form a cycle: scale → encode → scale' },
    ]);
    expect(await issuesOf(steps, [edge('columns', 'train'), edge('train', 'scale')])).toMatchObject([
      { path: 'edges[1]', message: 'a step of kind TRAIN cannot come before one of kind SCALE' },
    ]);
    expect(await issuesOf(steps, [edge('columns', 'scale'), edge('scale', 'train')])).toMatchObject([
      { path: 'steps[2]', message: 'no edges lead from SELECT_COLUMNS to "encode"' },
    ]);
    await create(steps, [edge('columns', 'encode'), edge('encode', 'scale'), edge('scale', 'train')]);
  });

  test('publishes a JSON Schema for every kind of step and family', async () => {
    const { stepKinds, families } = await fixture.run<any>(
      owner,
      `{ stepKinds { kind title description parameterSchema } families { name title description tasks parameterSchema } }`,
    );
    expect(stepKinds.map(({ kind }: any) => kind)).toEqual([
      'SELECT_COLUMNS',
      'LAG',
      'WINDOW',
      'FILTER',
      'DEDUPLICATE',
      'SPLIT',
      'REPLACE',
      'CLIP',
      'DERIVE',
      'CALENDAR',
      'IMPUTE',
      'SCALE',
      'ENCODE',
      'TRAIN',
    ]);
    expect(stepKinds[0].parameterSchema).toMatchObject({
      type: 'object',
      properties: { target: { type: 'string' }, targets: { type: 'array' } },
    });
    expect(stepKinds.find(({ kind }: any) => kind === 'SPLIT').parameterSchema.oneOf).toHaveLength(4);
    expect(families.map(({ name }: any) => name)).toEqual(
      expect.arrayContaining(['auto', 'linear', 'logistic', 'mlp']),
    );
    expect(families.find(({ name }: any) => name === 'linear').tasks).toEqual(['REGRESSION', 'MULTI_REGRESSION']);
    for (const { parameterSchema } of families)
      expect(parameterSchema).toMatchObject({ type: 'object', properties: {} });
    expect(families.find(({ name }: any) => name === 'mlp').parameterSchema.properties.batchSize).toBeDefined();
  });

  test('pages through pipelines, newest first, each once', async () => {
    const lister = await testDatabase.createTenant('Lister');
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await fixture.run(lister, CREATE, { input: { name, steps: [columns()] } });
    }
    const PAGE = `query ($after: String) { pipelines(first: 2, after: $after) {
      edges { node { name } } pageInfo { hasNextPage endCursor } } }`;
    const names: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { pipelines }: any = await fixture.run(lister, PAGE, { after });
      names.push(...pipelines.edges.map((edge: any) => edge.node.name));
      ({ endCursor: after, hasNextPage: more } = pipelines.pageInfo);
    }
    expect(names).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  describe('recommendations', () => {
    const RECOMMEND = `query ($v: ID!, $target: String!) { recommendModels(datasetVersionId: $v, target: $target) {
      family task reason estimate { seconds credits } } }`;
    let versionId: string;

    beforeAll(async () => {
      const drain = await fixture.startWork();
      versionId = toGlobalId('DatasetVersion', await fixture.ingest(owner, machinesCsv(300)));
      await drain();
    });

    test('go by rows, columns and the kind of target', async () => {
      const ask = async (target: string) =>
        (await fixture.run<any>(owner, RECOMMEND, { v: versionId, target })).recommendModels;
      const classes = await ask('failure');
      const families = ['auto', 'logistic', 'mlp', 'forest', 'svm', 'tree', 'boosting', 'neighbours', 'naiveBayes'];
      expect(classes.map(({ family }: any) => family)).toEqual(families);
      expect(classes[1]).toMatchObject({ task: 'BINARY', reason: expect.stringContaining('300 rows and 4 columns') });
      expect(classes[0].estimate.seconds).toBeGreaterThan(classes[1].estimate.seconds);
      expect((await ask('torque')).map(({ family, task }: any) => [family, task])).toEqual([
        ['auto', 'REGRESSION'],
        ['linear', 'REGRESSION'],
        ['mlp', 'REGRESSION'],
        ['forest', 'REGRESSION'],
        ['svm', 'REGRESSION'],
        ['tree', 'REGRESSION'],
        ['boosting', 'REGRESSION'],
        ['neighbours', 'REGRESSION'],
      ]);
    });

    test('refuse a target that is no column, with the nearest name', async () => {
      await expect(fixture.run(owner, RECOMMEND, { v: versionId, target: 'failures' })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [{ path: 'target', hint: 'Did you mean "failure"?' }],
      });
    });

    test("another tenant's ids are NOT_FOUND, and the rows exist", async () => {
      const stranger = await testDatabase.createTenant('Stranger');
      const pipeline = await create([columns()]);
      const mine = { id: pipeline.id, version: pipeline.currentVersion.id };
      const attempts: [string, Record<string, unknown>][] = [
        [`query ($id: ID!) { pipeline(id: $id) { id } }`, { id: mine.id }],
        [`query ($id: ID!) { pipelineVersion(id: $id) { id } }`, { id: mine.version }],
        [UPDATE, { input: { pipelineId: mine.id, steps: [columns({ target: 'stolen' })] } }],
        [RECOMMEND, { v: versionId, target: 'failure' }],
      ];
      for (const [source, variables] of attempts) {
        await expect(fixture.run(stranger, source, variables)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        if (!source.startsWith('mutation')) await fixture.run(owner, source, variables);
      }
      const { pipelines } = await fixture.run<any>(stranger, `{ pipelines { edges { node { id } } } }`);
      expect(pipelines.edges).toEqual([]);
      const after = await fixture.run<any>(owner, `query ($id: ID!) { pipeline(id: $id) { version } }`, {
        id: mine.id,
      });
      expect(after.pipeline.version).toBe(1);
    });
  });
});
