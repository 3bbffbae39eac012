import { toGlobalId, type TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import {
  CANCEL,
  columns,
  EVENTS,
  expectGapless,
  metricsOf,
  RUN,
  withRuns,
  START,
  statesOf,
  train,
} from './runs.fixture';
import { machinesCsv, TRAINING_ENTITIES } from './training.fixture';

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('runs', () => {
  const { at, rest, wake, pipelineOf, start, read, follow } = withRuns(testDatabase);
  const LONG = { epochs: 400, patience: 0, batchSize: 16 };

  test('trains from start to model, with every event once and in order', async () => {
    const pipelineId = await pipelineOf('logistic', { epochs: 40 });
    const { run, cost } = await start(pipelineId);
    expect(run).toMatchObject({ state: 'QUEUED', seed: 7, progress: 0, attempt: 0 });
    expect(cost).toMatchObject({ rows: 600, credits: expect.any(Number) });
    const events = await follow(run.id);
    expectGapless(events);
    expect(statesOf(events)).toEqual(['QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'SUCCEEDED']);
    expect(metricsOf(events).length).toBeGreaterThan(10);
    const done = await read(run.id);
    expect(done).toMatchObject({ state: 'SUCCEEDED', progress: 1, attempt: 1, error: null });
    const metric = (name: string) => done.evaluation.metrics.find((m: any) => m.name === name);
    expect(metric('rocAuc').value).toBeGreaterThan(0.9);
    expect(metric('rocAuc').lower).toBeLessThanOrEqual(metric('rocAuc').value);
    const { train, validation, test: tested } = done.splitCounts;
    expect(train + validation + tested).toBe(600);
    expect(done.evaluation.confusionMatrix.counts.flat().reduce((a: number, b: number) => a + b)).toBe(tested);
    expect(done.modelVersion).toMatchObject({
      version: 1,
      run: { id: run.id },
      card: { task: 'BINARY', target: 'failure' },
    });
    expect(done.modelVersion.card.inputs.map(({ name }: any) => name)).toEqual(['speed', 'torque', 'grade', 'noise']);
    expect(done.leaderboard).toHaveLength(1);
    // Far below what a GPU or a second thread is worth.
    const { parameterCount } = done.modelVersion.card;
    expect(done.executor).toEqual({
      executor: 'ONNX',
      provider: 'CPU',
      reason: `ONNX Runtime on cpu: a network of ${parameterCount} parameters is too small to gain from a GPU.`,
      threads: 1,
    });
    expect(done.datasetVersion).toMatchObject({ id: at.datasetVersionId, rowCount: 600 });
    const edges = await testDatabase.ownerQuery<{ from_kind: string; to_kind: string }>(
      `SELECT from_kind, to_kind FROM lineage_edges WHERE to_kind IN ('Run', 'ModelVersion') ORDER BY 1, 2`,
    );
    expect(edges.map((edge) => `${edge.from_kind} ${edge.to_kind}`)).toEqual([
      'DatasetVersion Run',
      'Model ModelVersion',
      'PipelineVersion Run',
      'Run ModelVersion',
    ]);
    expect((await follow(run.id, undefined, 5)).map(({ sequence }) => sequence)).toEqual(
      events.slice(5).map(({ sequence }) => sequence),
    );
  });

  test('a run is trained on what it names, or says what is missing', async () => {
    const pipelineId = await pipelineOf('logistic', { epochs: 2 });
    const reference = (await start(pipelineId, { executor: { executor: 'REFERENCE' } })).run.id;
    await follow(reference);
    expect((await read(reference)).executor).toMatchObject({ executor: 'REFERENCE', provider: 'CPU', threads: 1 });
    const cpu = (await start(pipelineId, { executor: { provider: 'CPU' } })).run.id;
    await follow(cpu);
    expect((await read(cpu)).executor.reason).toBe('ONNX Runtime on cpu: as asked for.');
    const tensorflow = (await start(pipelineId, { executor: { executor: 'TENSORFLOW' } })).run.id;
    await follow(tensorflow);
    // Nothing here installs it; where somebody has, it trains.
    const { state, error, executor } = await read(tensorflow);
    if (state === 'SUCCEEDED') expect(executor.executor).toBe('TENSORFLOW');
    else expect(error).toMatchObject({ code: 'VALIDATION_FAILED', path: 'executor.executor' });
    const both = start(pipelineId, { executor: { executor: 'REFERENCE', provider: 'CUDA' } });
    await expect(both).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('the next run of a pipeline makes the next version of its model; the key makes a retry one run', async () => {
    const pipelineId = await pipelineOf('logistic', { epochs: 3 });
    const first = (await start(pipelineId, { idempotencyKey: 'k' })).run.id;
    expect((await start(pipelineId, { idempotencyKey: 'k' })).run.id).toBe(first);
    await expect(start(pipelineId, { idempotencyKey: 'k', seed: 8 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await follow(first);
    const second = (await start(pipelineId)).run.id;
    await follow(second);
    expect((await read(second)).modelVersion.version).toBe(2);
    const { runs } = await at.fixture.run<any>(
      at.owner,
      `query ($p: ID!) { runs(pipelineId: $p, state: SUCCEEDED) { edges { node { id } } } }`,
      { p: pipelineId },
    );
    expect(runs.edges.map((edge: any) => edge.node.id)).toEqual([second, first]);
  });

  test('refuses at the start what the profile shows to be impossible', async () => {
    const refused = async (selection: object) => {
      const error = await start(await pipelineOf('auto', {}, selection)).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'VALIDATION_FAILED' });
      return (error as { issues: object[] }).issues;
    };
    expect(await refused({ target: 'failur' })).toEqual([
      {
        path: 'steps[0].parameters.target',
        message: 'the dataset version has no column "failur"',
        hint: 'Did you mean "failure"?',
      },
    ]);
    expect(await refused({ drop: ['nosie'] })).toMatchObject([
      { path: 'steps[0].parameters.drop[0]', hint: 'Did you mean "noise"?' },
    ]);
    expect(await refused({ target: 'grade', task: 'binary' })).toMatchObject([
      {
        path: 'steps[0].parameters.task',
        message: expect.stringContaining('3 different values'),
        hint: expect.stringContaining('multiclass'),
      },
    ]);
    expect(await refused({ drop: ['failure'] })).toMatchObject([{ message: 'leaves out the target "failure"' }]);
    expect(await refused({ targets: ['speed', 'torque'], target: undefined, task: 'regression' })).toMatchObject([
      { path: 'steps[0].parameters.targets', message: expect.stringContaining('takes one target; 2 are named') },
    ]);
    const lines = machinesCsv(60).trimEnd().split('\n');
    const csv = lines.map((line, i) => `${line},${i === 0 ? 'constant,empty' : 'same,'}`).join('\n');
    at.datasetVersionId = await swap(await at.fixture.ingest(at.owner, csv), async () => {
      expect(await refused({ target: 'constant' })).toMatchObject([{ message: expect.stringContaining('same value') }]);
      expect(await refused({ target: 'empty' })).toMatchObject([{ message: expect.stringContaining('no value') }]);
    });
    await expect(
      at.fixture.run(at.owner, START, { input: { datasetVersionId: at.datasetVersionId, seed: 1 } }),
    ).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: 'pipelineId' }],
    });
  });

  test('refuses at the start a family that cannot do what the target asks for', async () => {
    const refused = (work: Promise<unknown>) => expect(work).rejects;
    const begin = async (...args: Parameters<typeof pipelineOf>) => start(await pipelineOf(...args));
    await refused(begin('linear', {})).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [
        {
          path: 'steps[1].parameters.family',
          message: 'Linear regression cannot do binary; it does regression, multi_regression',
          hint: expect.stringContaining('logistic'),
        },
      ],
    });
    await refused(begin('mlp', { loss: 'huber' })).toMatchObject({
      issues: [{ path: 'steps[1].parameters.parameters.loss', message: 'huber is not a loss for binary' }],
    });
    await refused(begin('logistic', {}, { target: undefined, task: 'anomaly' })).toMatchObject({
      issues: [{ path: 'steps[1].parameters.family', hint: expect.stringContaining('autoencoder') }],
    });
    // What a pipeline names is known before there are data; of two classes, multiclass is trained as binary.
    await refused(pipelineOf('linear', {}, { task: 'multiclass' })).toMatchObject({
      issues: [{ path: 'steps[1].parameters.family', message: expect.stringContaining('cannot do multiclass') }],
    });
    await refused(
      at.fixture.pipelines.create(at.owner, {
        ...{ name: 'No TRAIN', edges: [] },
        steps: [columns({ target: undefined, task: 'anomaly' })] as never,
      }),
    ).toMatchObject({ issues: [{ path: 'steps', hint: expect.stringMatching(/autoencoder.*no step of kind TRAIN/) }] });
  });

  const swap = async (versionId: string, work: () => Promise<void>): Promise<string> => {
    const before = at.datasetVersionId;
    at.datasetVersionId = toGlobalId('DatasetVersion', versionId);
    await work();
    return before;
  };

  test.each([
    {
      fault: 'a column of the split that holds something else',
      steps: [train('auto'), columns(), { id: 's', kind: 'SPLIT', parameters: { kind: 'column', column: 'grade' } }],
      error: { path: 'steps[2].parameters.column', message: /holds "[LMH]" in row 1\./, hint: /train, test/ },
    },
    {
      fault: 'a learning rate that makes the loss infinite',
      steps: [
        columns({ target: 'torque' }),
        { id: 's', kind: 'SCALE', parameters: { method: 'none' } },
        train('linear', { optimizer: 'sgd', learningRate: 10, epochs: 5 }),
      ],
      error: {
        path: 'steps[2].parameters.parameters.learningRate',
        message: /diverged/,
        hint: /Lower the learning rate/,
      },
    },
    {
      fault: 'data without a column to learn from',
      steps: [columns({ drop: ['speed', 'torque', 'grade', 'noise'] })],
      error: { path: 'datasetVersionId', message: /No column is left/, hint: /^"speed": Excluded/ },
    },
  ])('a fault found in training tells what to change: $fault', async ({ steps, error }) => {
    const pipeline = await at.fixture.pipelines.create(at.owner, { name: 'Faulty', steps: steps as never, edges: [] });
    const { run } = await start(toGlobalId('Pipeline', pipeline.id));
    expect(statesOf(await follow(run.id)).at(-1)).toBe('FAILED');
    const done = await read(run.id);
    expect(done.error).toEqual({
      code: 'VALIDATION_FAILED',
      path: error.path,
      message: expect.stringMatching(error.message),
      hint: expect.stringMatching(error.hint),
    });
    expect(done.modelVersion).toBeNull();
  });

  test('cancel ends a queued run without any worker, and does no harm twice', async () => {
    await rest();
    const { run } = await start(await pipelineOf('mlp', LONG));
    const first = await at.fixture.run<any>(at.owner, CANCEL, { id: run.id });
    const second = await at.fixture.run<any>(at.owner, CANCEL, { id: run.id });
    expect(first.cancelRun.run).toMatchObject({ state: 'CANCELLED' });
    expect(second).toEqual(first);
    await wake();
    expect(statesOf(await follow(run.id))).toEqual(['QUEUED', 'CANCELLED']);
  });

  test("another tenant's ids are NOT_FOUND or nothing, and the rows exist", async () => {
    const stranger = await testDatabase.createTenant('Stranger');
    const pipelineId = await pipelineOf('logistic', { epochs: 2 });
    const { run } = await start(pipelineId);
    await follow(run.id);
    const strangersId = toGlobalId('Pipeline', (await ownPipeline(stranger)).id);
    const input = { pipelineId, datasetVersionId: at.datasetVersionId, seed: 1 };
    const attempts: [string, Record<string, unknown>][] = [
      [RUN, { id: run.id }],
      [CANCEL, { id: run.id }],
      [START, { input }],
      [START, { input: { ...input, pipelineId: strangersId } }],
      [`query ($p: ID!) { runs(pipelineId: $p) { edges { node { id } } } }`, { p: pipelineId }],
    ];
    for (const [source, variables] of attempts) {
      const answer = await at.fixture.run<any>(stranger, source, variables).catch((e: unknown) => e);
      if (answer.runs) expect(answer.runs.edges).toEqual([]);
      else expect(answer).toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(at.fixture.subscribe(stranger, EVENTS, { id: run.id, after: 0 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await read(run.id)).toMatchObject({ state: 'SUCCEEDED' });
  });

  const ownPipeline = (tenant: TenantContext) =>
    at.fixture.pipelines.create(tenant, {
      name: 'Own',
      steps: [{ id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failure' } }] as never,
      edges: [],
    });
});
