/** A table of a tenant, and runs that learn from columns of it by logistic regression. */
import type { TenantContext } from '../../src/kernel';
import { openTestDatabase, type TestDatabase } from '../support';
import { TRAINING_ENTITIES, TrainingFixture, type RunEvent } from './training.fixture';

export interface Selections {
  testDatabase: TestDatabase;
  fixture: TrainingFixture;
  owner: TenantContext;
  /** Starts a run with these parameters of SELECT_COLUMNS; its global id. Throws what the API refuses. */
  start(selection: object): Promise<string>;
  /** A finished run as the query gives it, and the lines of its log. */
  train(selection: object): Promise<{ id: string; run: any; log: RunEvent['event'][] }>;
  read(id: string): Promise<any>;
}

/** @param query of `run(id: $id)` */
export function withSelections(csv: string, o: { query: string; epochs: number }): Selections {
  const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });
  let versionId: string;
  const at = { testDatabase } as Selections;
  beforeAll(async () => {
    const { fixture, owner, ...table } = await TrainingFixture.withTable(testDatabase, csv);
    Object.assign(at, { fixture, owner });
    versionId = table.versionId;
  });
  at.start = (selection) =>
    at.fixture.startRun(at.owner, { versionId, selection, family: 'logistic', parameters: { epochs: o.epochs } });
  at.read = async (id) => (await at.fixture.run<any>(at.owner, o.query, { id })).run;
  at.train = async (selection) => {
    const id = await at.start(selection);
    const events = (await at.fixture.follow(at.owner, id)).map(({ event }) => event);
    return { id, run: await at.read(id), log: events.filter(({ __typename }) => __typename === 'LogLine') };
  };
  return at;
}
