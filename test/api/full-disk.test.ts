import type { TenantContext } from '../../src/kernel';
import { openTestDatabase, SmallDisk } from '../support';
import { machinesCsv, statesOf, TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

/** Ingestions and runs on a disk that is really full: they say so, leave nothing, and end well once there is space. */

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

SmallDisk.describe('a full disk', () => {
  let disk: SmallDisk;
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let drain: () => Promise<void>;
  let versionId: string;
  // Fewer than the rows take, so runs keep theirs on the disk.
  const trainingBytesMax = 100_000;

  beforeAll(async () => {
    disk = SmallDisk.open(48);
    testDatabase.defer(async () => disk.close());
    fixture = await TrainingFixture.open(testDatabase.db, testDatabase.url, disk.folder);
    testDatabase.defer(() => fixture.close());
    owner = await testDatabase.createTenant('Owner');
    drain = await fixture.startWork({ trainingBytesMax });
    testDatabase.defer(() => drain());
    versionId = await fixture.ingest(owner, machinesCsv(3_000));
  });
  afterEach(() => disk.makeSpace());

  /** Jobs that were put off for a while are due now, again and again until the test has what it waits for. */
  const hurry = (): (() => void) => {
    const sql = 'UPDATE graphile_worker._private_jobs SET run_at = now() WHERE run_at > now() AND locked_at IS NULL';
    const timer = setInterval(() => void testDatabase.ownerQuery(sql), 100);
    return () => clearInterval(timer);
  };

  const putOff = async (): Promise<void> => {
    const sql = `SELECT attempts FROM graphile_worker._private_jobs WHERE last_error IS NOT NULL AND locked_at IS NULL`;
    for (;;) {
      const [job] = await testDatabase.ownerQuery<{ attempts: number }>(sql);
      if (job) return expect(job.attempts).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  const versionOf = async (datasetId: string): Promise<string> => {
    for (;;) {
      const { currentVersionId } = await fixture.datasets.get(owner, datasetId);
      if (currentVersionId) return currentVersionId;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  /** Once what was sent is forgotten, which comes last. */
  const keptFiles = async (): Promise<string[]> => {
    while (disk.files().some((file) => file.includes('/upload/')))
      await new Promise((resolve) => setTimeout(resolve, 20));
    return disk.files();
  };

  test('a file is told of, waits, and is ingested when there is space', async () => {
    const before = await keptFiles();
    await drain();
    const bytes = Buffer.from(machinesCsv(3_001));
    const { dataset } = await fixture.datasets.ingestBytes(owner, { name: 'Machines', format: 'CSV', bytes });
    const sent = disk.files();
    disk.fill();
    drain = await fixture.startWork({ trainingBytesMax });
    await putOff();
    expect(disk.files()).toEqual(sent);
    const told = `SELECT payload ->> 'message' AS message FROM events WHERE subject_id = $1 AND kind = 'finding'`;
    expect(await testDatabase.ownerQuery(told, [dataset.id])).toEqual([
      { message: expect.stringMatching(/^The storage is full/) },
    ]);

    disk.makeSpace();
    const rest = hurry();
    const version = await versionOf(dataset.id).finally(rest);
    expect(Number((await fixture.datasets.getVersion(owner, version)).rowCount)).toBe(3_001);
    expect(await keptFiles()).toHaveLength(before.length + 1);
  });

  test('a run is told of, waits, and is trained when there is space', async () => {
    const before = await keptFiles();
    disk.fill();
    const id = await fixture.startRun(owner, { versionId, parameters: { epochs: 2 } });
    const isFull = ({ message }: { message?: string }) => /^The storage is full/.test(message ?? '');
    await fixture.follow(owner, id, isFull);
    await putOff();
    expect(disk.files()).toEqual(before);

    disk.makeSpace();
    const rest = hurry();
    const events = await fixture.follow(owner, id).finally(rest);
    expect(statesOf(events).at(-1)).toBe('SUCCEEDED');
    expect(events.filter(({ event }) => isFull(event))).toHaveLength(1);
    const { modelVersion } = (await fixture.run<any>(owner, MODEL, { id })).run;
    expect(modelVersion.model.name).toBe('Machines');
    expect(disk.files().filter((file) => file.startsWith('scratch'))).toEqual([]);
  });
});

const MODEL = 'query ($id: ID!) { run(id: $id) { modelVersion { model { name } } } }';
