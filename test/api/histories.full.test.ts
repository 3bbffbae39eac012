/** Models that read the history of an entity, trained from blocks on disk as they are from memory. */
import { openTestDatabase } from '../support';
import { TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const CREATE = `mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { pipeline { id } } }`;
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
const RUN = `query ($id: ID!) { run(id: $id) { error { message } stepRows { stepId rowsIn rowsOut } splitCounts { train validation test }
  evaluation { rowCount metrics { name value } } modelVersion { id } } }`;
const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { deployment { id name } } }';
const PREDICT = 'mutation ($input: PredictInput!) { predict(input: $input) { values } }';

const [MACHINES, DAYS] = [100, 60];
const heatOf = (machine: number, day: number) => ((machine * 31 + day * 17) % 23) + machine / 100;
/** A machine fails the day after two days whose mean heat was high. */
const failsOn = (machine: number, day: number) => heatOf(machine, day - 1) + heatOf(machine, day - 2) > 24;
const CSV = [
  'machine,day,heat,a,b,c,d,failed',
  ...Array.from({ length: MACHINES * DAYS }, (_, i) => {
    const [machine, day] = [i % MACHINES, Math.floor(i / MACHINES)];
    const others = [1, 2, 3, 4].map((each) => Math.sin(i * each));
    return [`m${machine}`, day, heatOf(machine, day), ...others, failsOn(machine, day) ? 'yes' : 'no'].join(',');
  }),
].join('\n');

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

test('steps of histories make the same rows of a table in blocks, and its model answers entities', async () => {
  const work = { trainingBytesMax: 110_000 };
  const table = await TrainingFixture.withTable(testDatabase, `${CSV}\n`, work);
  const { fixture, owner, datasetVersionId } = table;
  const history = { key: 'machine', order: 'day' };
  const steps = [
    { id: 'columns', kind: 'SELECT_COLUMNS', parameters: { target: 'failed' } },
    { id: 'lag', kind: 'LAG', parameters: { ...history, columns: ['heat'] } },
    { id: 'window', kind: 'WINDOW', parameters: { ...history, columns: ['heat'], functions: ['mean'], rows: 2 } },
    { id: 'split', kind: 'SPLIT', parameters: { kind: 'time', column: 'day' } },
    { id: 'train', kind: 'TRAIN', parameters: { family: 'mlp', parameters: { epochs: 20 } } },
  ];
  const { createPipeline } = await fixture.run<any>(owner, CREATE, { input: { name: 'Histories', steps } });
  const train = async () => {
    const input = { pipelineId: createPipeline.pipeline.id, datasetVersionId, seed: 7 };
    const { id } = (await fixture.run<any>(owner, START, { input })).startRun.run;
    const log = (await fixture.follow(owner, id)).map(({ event }) => event.message ?? '').join('\n');
    return { log, ...(await fixture.run<any>(owner, RUN, { id })).run };
  };
  const blocks = await train();
  expect(blocks.error).toBeNull();
  expect(blocks.log).toMatch(/read from disk, in \d+ blocks/);
  await table.drain();
  const drain = await fixture.startWork({ trainingBytesMax: 50_000 });
  testDatabase.defer(drain);
  expect((await train()).error.message).toBe(
    'Step "lag" and those like it make columns of 0.092 MiB, more than the 0.048 MiB that the run may have in memory.',
  );
  await drain();
  testDatabase.defer(await fixture.startWork());
  const memory = await train();
  expect(memory.log).not.toMatch(/blocks/);
  expect(blocks.stepRows).toEqual(memory.stepRows);
  expect(blocks.splitCounts).toEqual(memory.splitCounts);
  const accuracy = ({ evaluation }: any) => evaluation.metrics.find(({ name }: any) => name === 'accuracy').value;
  expect(accuracy(memory)).toBeGreaterThan(0.95);
  expect(accuracy(blocks)).toBeGreaterThan(0.95);

  await fixture.run(owner, DEPLOY, { input: { name: 'machines', modelVersionId: blocks.modelVersion.id } });
  const days = (...heats: number[]) => heats.map((heat, day) => ({ day, heat, a: 0, b: 0, c: 0, d: 0 }));
  const entities = [
    { key: 'hot', rows: days(20, 20, 1) },
    { key: 'cold', rows: days(2, 2, 20) },
  ];
  expect(
    (await fixture.run<any>(owner, PREDICT, { input: { deployment: 'machines', entities } })).predict.values,
  ).toEqual(['yes', 'no']);
}, 120_000);
