/** What was stored while a module from outside was loaded, once it is not: listed, told by its name, and refused where it is needed. */
import { openTestDatabase } from '../support';
import { columns, train, withRuns } from './runs.fixture';
import { TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });
describe('once its module is not loaded', () => {
  const { at, pipelineOf, start, follow, read } = withRuns(testDatabase);

  const run = (source: string, variables: object) => at.fixture.run<any>(at.owner, source, { ...variables });
  const UNLOADED = /not loaded on this server.*PRAXIS_EXTENSIONS/;

  describe('a step', () => {
    const PIPELINES = `{ pipelines(first: 10) { edges { node { currentVersion { steps { id kind kindName } } } } } }`;
    let pipelineId: string;

    beforeAll(async () => {
      pipelineId = await pipelineOf('logistic', { epochs: 1 });
      await testDatabase.ownerQuery(
        `UPDATE pipeline_versions SET steps = jsonb_insert(steps, '{1}', '{"id": "odd", "kind": "MAGNITUDE", "parameters": {}}')`,
      );
    });

    it('is listed as UNKNOWN with its name', async () => {
      const { pipelines } = await run(PIPELINES, {});
      expect(pipelines.edges[0].node.currentVersion.steps).toEqual([
        { id: 'columns', kind: 'SELECT_COLUMNS', kindName: 'SELECT_COLUMNS' },
        { id: 'odd', kind: 'UNKNOWN', kindName: 'MAGNITUDE' },
        { id: 'train', kind: 'TRAIN', kindName: 'TRAIN' },
      ]);
    });

    const issues = [
      {
        path: 'steps[1].kind',
        message: expect.stringMatching(/^the kind (MAGNITUDE|UNKNOWN) is not known on this server$/),
        hint: expect.stringContaining('PRAXIS_EXTENSIONS'),
      },
    ];

    it('is not run', async () => {
      await expect(start(pipelineId)).rejects.toMatchObject({ code: 'VALIDATION_FAILED', issues });
    });

    it('is not taken back in by the name that stands for it', async () => {
      const create = 'mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }';
      const steps = [columns(), { id: 'odd', kind: 'UNKNOWN' }, train('logistic')];
      await expect(run(create, { input: { name: 'Odd', steps } })).rejects.toMatchObject({
        ...{ code: 'VALIDATION_FAILED', issues },
      });
    });
  });

  describe('a task', () => {
    const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id } } }';
    const PREDICT =
      'mutation ($input: PredictInput!) { predict(input: $input) { predictions { id value scores { label } } } }';
    const rows = [{ speed: 1500, torque: 40, grade: 'L', noise: 1 }];
    let modelVersionId: string;
    let recordedId: string;

    beforeAll(async () => {
      const { run: started } = await start(await pipelineOf('logistic', { epochs: 1 }));
      await follow(started.id);
      modelVersionId = (await read(started.id)).modelVersion.id;
      await run(DEPLOY, { input: { name: 'machines', modelVersionId } });
      const { predict } = await run(PREDICT, { input: { deployment: 'machines', rows } });
      recordedId = predict.predictions[0].id;
      await testDatabase.ownerQuery(`UPDATE model_versions SET card = jsonb_set(card, '{task}', '"worded"')`);
    });

    it('is told as UNKNOWN', async () => {
      const { modelVersionById } = await run(
        'query ($id: ID!) { modelVersionById(id: $id) { card { task family } } }',
        {
          id: modelVersionId,
        },
      );
      expect(modelVersionById.card).toEqual({ task: 'UNKNOWN', family: 'logistic' });
    });

    it('is not predicted, and what was predicted stays', async () => {
      const fresh = await TrainingFixture.open(testDatabase.db, testDatabase.url, at.fixture.folder);
      testDatabase.defer(() => fresh.close());
      await expect(fresh.run(at.owner, PREDICT, { input: { deployment: 'machines', rows } })).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringMatching(UNLOADED),
      });
      const { predictionById } = await run('query ($id: ID!) { predictionById(id: $id) { value scores { label } } }', {
        id: recordedId,
      });
      expect(predictionById).toEqual({ value: expect.any(String), scores: null });
    });
  });
});
