import { toGlobalId, type TenantContext } from '../../src/kernel';
import type { TrainingFixture } from './training.fixture';

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

/** What the tests of runs do, as the owner of a tenant with a dataset. */
export function runsOf(fixture: TrainingFixture, owner: TenantContext, datasetVersionId: () => string) {
  const pipelineOf = async (family: string, parameters: object, selection: object = {}): Promise<string> => {
    const pipeline = await fixture.pipelines.create(owner, {
      name: `Machines ${family}`,
      steps: [columns(selection), train(family, parameters)] as never,
      edges: [],
    });
    return toGlobalId('Pipeline', pipeline.id);
  };

  const start = async (pipelineId: string, more: object = {}) =>
    (
      await fixture.run<any>(owner, START, {
        input: { pipelineId, datasetVersionId: datasetVersionId(), seed: 7, ...more },
      })
    ).startRun;
  const read = async (id: string) => (await fixture.run<any>(owner, RUN, { id })).run;

  /** Follows a run to its end, or until `until` holds. */
  const follow = async (id: string, until: (event: Event) => boolean = () => false, after = 0): Promise<Event[]> => {
    const events: Event[] = [];
    for await (const { data } of await fixture.subscribe<{ runEvents: Event }>(owner, EVENTS, { id, after })) {
      events.push(data!.runEvents);
      if (until(data!.runEvents)) break;
    }
    return events;
  };
  return { pipelineOf, start, read, follow };
}

export const statesOf = (events: Event[]) => events.flatMap(({ event }) => (event.state ? [event.state] : []));
export const metricsOf = (events: Event[]) =>
  events.filter(({ event }) => event.__typename === 'MetricPoint').map(({ event }) => event);
export const expectGapless = (events: Event[]) =>
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
