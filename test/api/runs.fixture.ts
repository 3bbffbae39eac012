import { toGlobalId, type TenantContext } from '../../src/kernel';
import type { openTestDatabase } from '../support';
import { machinesCsv, TrainingFixture } from './training.fixture';

export const START = `mutation ($input: StartRunInput!) { startRun(input: $input) {
  run { id state seed progress attempt } cost { credits computeSeconds rows } } }`;
export const CANCEL = `mutation ($id: ID!) { cancelRun(input: { runId: $id }) { run { id state finishedAt } } }`;
export const EVENTS = `subscription ($id: ID!, $after: SafeInt) { runEvents(runId: $id, after: $after) { sequence at event {
  __typename
  ... on MetricPoint { step epoch split name value candidate }
  ... on RunStateChanged { state }
  ... on LogLine { level message }
  ... on RunProgress { fraction } } } }`;
export const RUN = `query ($id: ID!) { run(id: $id) {
  id state progress seed attempt createdAt startedAt finishedAt error { code message hint path }
  evaluation { rowCount metrics { name value lower upper } confusionMatrix { labels counts }
    rocCurve { falsePositiveRate truePositiveRate threshold } precisionRecallCurve { precision } }
  leaderboard { candidate family metric score } splitCounts { train validation test } executor { executor provider reason threads } leftOut { column reason }
  pipelineVersion { id version } datasetVersion { id rowCount }
  modelVersion { id version run { id } model { name } card { task target family labels parameterCount inputs { name type levels } } } } }`;

export interface Event {
  sequence: number;
  event: { __typename: string; state?: string; name?: string; step?: number; value?: number; message?: string };
}

export const columns = (more: object = {}) => ({
  id: 'columns',
  kind: 'SELECT_COLUMNS',
  parameters: { target: 'failure', ...more },
});
export const train = (family: string, parameters: object = {}) => ({
  id: 'train',
  kind: 'TRAIN',
  parameters: { family, parameters },
});

/** A tenant with a dataset whose runs a worker trains, for the tests of one file. */
export function withRuns(testDatabase: ReturnType<typeof openTestDatabase>) {
  /** There once the tests begin. */
  const at = {} as { fixture: TrainingFixture; owner: TenantContext; datasetVersionId: string };
  let drain: (() => Promise<void>) | null = null;

  beforeAll(async () => {
    const fixture = await TrainingFixture.open(testDatabase.db, testDatabase.url);
    const owner = await testDatabase.createTenant('Owner');
    drain = await fixture.startWork();
    const datasetVersionId = toGlobalId('DatasetVersion', await fixture.ingest(owner, machinesCsv(600)));
    Object.assign(at, { fixture, owner, datasetVersionId });
  });
  afterAll(async () => {
    await drain?.();
    await at.fixture.close();
  });

  /** Stops and starts the worker of this process, so that a test decides who works. */
  const rest = async (): Promise<void> => {
    await drain?.();
    drain = null;
  };
  const wake = async (): Promise<void> => {
    drain ??= await at.fixture.startWork({ beatMs: 100, deadAfterMs: 600 });
  };

  const pipelineOf = async (family: string, parameters: object, selection: object = {}): Promise<string> => {
    const pipeline = await at.fixture.pipelines.create(at.owner, {
      name: `Machines ${family}`,
      steps: [columns(selection), train(family, parameters)] as never,
      edges: [],
    });
    return toGlobalId('Pipeline', pipeline.id);
  };

  const start = async (pipelineId: string, more: object = {}) =>
    (
      await at.fixture.run<any>(at.owner, START, {
        input: { pipelineId, datasetVersionId: at.datasetVersionId, seed: 7, ...more },
      })
    ).startRun;
  const read = async (id: string) => (await at.fixture.run<any>(at.owner, RUN, { id })).run;

  /** Follows a run to its end, or until `until` holds. */
  const follow = async (id: string, until: (event: Event) => boolean = () => false, after = 0): Promise<Event[]> => {
    const events: Event[] = [];
    for await (const { data } of await at.fixture.subscribe<{ runEvents: Event }>(at.owner, EVENTS, { id, after })) {
      events.push(data!.runEvents);
      if (until(data!.runEvents)) break;
    }
    return events;
  };
  return { at, rest, wake, pipelineOf, start, read, follow };
}

export const statesOf = (events: Event[]) => events.flatMap(({ event }) => (event.state ? [event.state] : []));
export const metricsOf = (events: Event[]) =>
  events.filter(({ event }) => event.__typename === 'MetricPoint').map(({ event }) => event);
export const expectGapless = (events: Event[]) =>
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
