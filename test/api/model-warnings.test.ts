import { parseGlobalId, toGlobalId, type TenantContext } from '../../src/kernel';
import { openTestDatabase } from '../support';
import { TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
const EVENTS =
  'subscription ($id: ID!) { runEvents(runId: $id) { event { __typename ... on LogLine { level message } } } }';
const JUDGED = `query ($id: ID!) { run(id: $id) { state error { message path hint }
  evaluation { metrics { name value baseline { value lower upper } } undefinedMetrics { name target reason } }
  modelVersion { card { labels warnings { code message } } } } }`;

/** A number, a label drawn without regard to it, and a class of which two rows of 400 are. */
const CSV = [
  'x,lot,failure',
  ...Array.from({ length: 400 }, (_, i) => {
    const lot = (i * 7919) % 13 < 7 ? 'up' : 'down';
    return `${(i * 37) % 101},${lot},${i === 9 || i === 77 ? 'yes' : 'no'}`;
  }),
].join('\n');

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('what the evaluation of a run warns of', () => {
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let datasetVersionId: string;

  beforeAll(async () => {
    ({ fixture, owner, datasetVersionId } = await TrainingFixture.withTable(testDatabase, `${CSV}\n`));
  });

  const read = async (id: string) => (await fixture.run<any>(owner, JUDGED, { id })).run;

  /** A finished run, and the warnings of its log. */
  async function train(selection: object) {
    const { id: pipeline } = await fixture.pipelines.create(owner, {
      name: 'Judged',
      steps: [
        { id: 'columns', kind: 'SELECT_COLUMNS', parameters: selection },
        { id: 'train', kind: 'TRAIN', parameters: { family: 'logistic', parameters: { epochs: 5 } } },
      ] as never,
      edges: [],
    });
    const input = { pipelineId: toGlobalId('Pipeline', pipeline), datasetVersionId, seed: 7 };
    const { id } = (await fixture.run<any>(owner, START, { input })).startRun.run;
    const warned: string[] = [];
    for await (const { data } of await fixture.subscribe<any>(owner, EVENTS, { id })) {
      const { level, message } = data.runEvents.event;
      if (level === 'WARN') warned.push(message);
    }
    return { id, warned, run: await read(id) };
  }

  test('a model that guesses: in the log and in the card, with the figures of the baseline', async () => {
    const { run, warned } = await train({ target: 'lot', drop: ['failure'], positiveClass: 'up' });
    expect(run.modelVersion.card.labels).toEqual(['down', 'up']);
    const [warning] = run.modelVersion.card.warnings;
    expect(warning).toMatchObject({ code: 'NO_BETTER_THAN_BASELINE', message: expect.stringContaining('rocAuc') });
    expect(warned).toContain(warning.message);
    const metric = (name: string) => run.evaluation.metrics.find((one: any) => one.name === name);
    expect(metric('rocAuc').baseline).toEqual({ value: 0.5, lower: 0.5, upper: 0.5 });
    expect(metric('logLoss').baseline.lower).toBeLessThan(metric('logLoss').baseline.value);
  });

  test('a class without a row to predict: no silent 0; runs of before answer null', async () => {
    const { id, run, warned } = await train({ target: 'failure', drop: ['lot'] });
    const [precision] = run.evaluation.undefinedMetrics;
    expect(precision).toEqual({ name: 'precision', target: null, reason: expect.stringContaining('No test row is') });
    expect(run.evaluation.metrics.map(({ name }: any) => name)).not.toContain('precision');
    expect(warned).toContainEqual(expect.stringContaining('Left out as undefined: precision'));

    const before = { rowCount: 1, metrics: [{ name: 'f1', value: 0, lower: null, upper: null }] };
    await testDatabase.ownerQuery('UPDATE runs SET evaluation = $2 WHERE id = $1', [parseGlobalId(id)!.uuid, before]);
    const { evaluation } = await read(id);
    expect(evaluation).toEqual({ metrics: [{ name: 'f1', value: 0, baseline: null }], undefinedMetrics: null });
  });

  test('a positive class that is no value is refused at its place in the steps', async () => {
    const { run } = await train({ target: 'lot', drop: ['failure'], positiveClass: 'left' });
    expect(run).toMatchObject({
      state: 'FAILED',
      error: { path: 'steps[0].parameters.positiveClass', message: expect.stringContaining('"left"') },
    });
  });
});
