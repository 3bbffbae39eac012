/** A run over more encoded rows than memory may hold, through the API and a real worker. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Column, Table } from '../../src/engine';
import { newId, type TenantContext } from '../../src/kernel';
import { Scratch } from '../../src/storage';
import { openTestDatabase } from '../support';
import { holdAtCheckpoint, isMetric, machinesCsv, TRAINING_ENTITIES, TrainingFixture } from './training.fixture';

const READ = `query ($id: ID!) { run(id: $id) { state attempt error { message } splitCounts { train validation test }
  evaluation { rowCount metrics { name value } } } }`;

const testDatabase = openTestDatabase({ entities: TRAINING_ENTITIES, poolSize: 8 });

describe('a table larger than the memory for it', () => {
  const ROWS = 4000;
  let fixture: TrainingFixture;
  let owner: TenantContext;
  let versionId: string;
  let drain: () => Promise<void>;

  beforeAll(async () => {
    const work = { trainingBytesMax: 100_000 };
    ({ fixture, owner, drain, versionId } = await TrainingFixture.withTable(testDatabase, machinesCsv(ROWS), work));
    testDatabase.defer(() => drain());
  });

  const scratch = () => readdirSync(join(fixture.folder, 'scratch'));
  const textOf = (column: Column, row: number) =>
    column.kind === 'number' ? column.values[row] : (column.levels[column.codes[row]] ?? null);
  const rowsOf = ({ rowCount, columns }: Table) =>
    Array.from({ length: rowCount }, (_, row) => columns.map((column) => textOf(column, row)));

  /** Runs to the end; the log on the way. */
  const train = async (): Promise<{ run: any; log: string }> => {
    const id = await fixture.startRun(owner, { versionId, parameters: { epochs: 6, hidden: [16] } });
    const log = (await fixture.follow(owner, id)).map(({ event }) => event.message ?? '');
    return { run: (await fixture.run<any>(owner, READ, { id })).run, log: log.join('\n') };
  };
  const LONG = { epochs: 15, hidden: [16], patience: 0, batchSize: 16 };
  const checkpoint = async (): Promise<void> => {
    for (let wait = 0; wait < 800; wait++) {
      const rows = await testDatabase.ownerQuery('SELECT FROM runs WHERE checkpoint_key IS NOT NULL');
      if (rows.length > 0) return;
      await new Promise((resume) => setTimeout(resume, 25));
    }
    throw new Error('The run made no checkpoint.');
  };
  const accuracy = ({ evaluation }: any) => evaluation.metrics.find(({ name }: any) => name === 'accuracy').value;

  test('is read in parts as it is read whole, and sampled by the seed', async () => {
    const whole = rowsOf(await fixture.datasets.readTable(owner, versionId));
    const source = await fixture.datasets.openTable(owner, versionId);
    expect([source.rowCount, source.columns]).toEqual([ROWS, ['speed', 'torque', 'grade', 'noise', 'failure']]);
    const parts: unknown[] = [];
    for await (const part of source.scan(source.columns)) parts.push(...rowsOf(part));
    expect(parts).toEqual(whole);
    expect(rowsOf(await source.read(['failure']))).toEqual(whole.map((row) => row.slice(4)));
    const [sample, again, other] = [
      await source.sample(500, 1),
      await source.sample(500, 1),
      await source.sample(500, 2),
    ];
    expect(sample.rowCount).toBe(500);
    expect(rowsOf(sample)).toEqual(Array.from(sample.rowNumbers, (row) => whole[row]));
    expect(again.rowNumbers).toEqual(sample.rowNumbers);
    expect(other.rowNumbers).not.toEqual(sample.rowNumbers);
    // The share of each tenth of the table.
    const places = Array.from(sample.rowNumbers, (row) => row % 8);
    expect(new Set(places).size).toBe(8);
  });

  test('trains from blocks on disk to a score like that of one in memory, and leaves nothing behind', async () => {
    const { run, log } = await train();
    expect(run).toMatchObject({ state: 'SUCCEEDED', error: null, splitCounts: expect.anything() });
    expect(log).toMatch(/read from disk, in \d+ blocks/);
    expect(scratch()).toEqual([]);
    await drain();
    drain = await fixture.startWork();
    const memory = await train();
    expect(memory.log).not.toMatch(/blocks/);
    expect(run.splitCounts).toEqual(memory.run.splitCounts);
    expect(run.evaluation.rowCount).toBe(memory.run.evaluation.rowCount);
    expect(Math.abs(accuracy(run) - accuracy(memory.run))).toBeLessThan(0.02);
  }, 60_000);

  test('a killed process: another goes on from the checkpoint, with every event once and the same numbers', async () => {
    await drain();
    const limit = { trainingBytesMax: 100_000 };
    const started = () => fixture.startRun(owner, { versionId, parameters: LONG });
    const first = await fixture.forkWork(limit);
    testDatabase.defer(async () => first.kill('SIGKILL'));
    const letGo = await holdAtCheckpoint(testDatabase);
    const id = await started();
    await fixture.follow(owner, id, isMetric);
    await checkpoint();
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(scratch().length).toBe(1);
    await letGo();
    const second = await fixture.forkWork(limit);
    testDatabase.defer(async () => second.kill('SIGKILL'));
    const events = await fixture.follow(owner, id);
    const whole = await started();
    const untouched = await fixture.follow(owner, whole);
    const numbersOf = (list: typeof events) => list.map(({ event }) => event).filter(isMetric);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    expect(numbersOf(events)).toEqual(numbersOf(untouched));
    const [killed, other] = await Promise.all(
      [id, whole].map(async (each) => (await fixture.run<any>(owner, READ, { id: each })).run),
    );
    expect(killed).toMatchObject({ state: 'SUCCEEDED', attempt: 2 });
    expect(killed.evaluation).toEqual(other.evaluation);
    expect(events.some(({ event }) => /read from disk, in \d+ blocks/.test(event.message ?? ''))).toBe(true);
    expect(scratch()).toEqual([]);
    second.kill('SIGTERM');
    await once(second, 'exit');
    drain = await fixture.startWork(limit);
  }, 60_000);

  test('what a killed process left goes with the next start; what a live one has stays', async () => {
    const root = join(fixture.folder, 'scratch-of-dead');
    const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
    for (const pid of [dead, process.pid, process.ppid]) {
      mkdirSync(join(root, `job@${hostname()}@${pid}@one`), { recursive: true });
      writeFileSync(join(root, `job@${hostname()}@${pid}@one`, 'train-0-0.x'), 'rows');
    }
    for (const other of ['of-somebody', `job@elsewhere@${dead}@one`, `run@${hostname()}@${dead}@former`, newId()]) {
      mkdirSync(join(root, other));
    }
    const scratch = new Scratch(root);
    await scratch.sweep();
    const kept = [`job@elsewhere@${dead}@one`, `job@${hostname()}@${process.ppid}@one`, 'of-somebody'];
    expect(readdirSync(root).sort()).toEqual(kept.sort());
    expect(statSync(root).mode & 0o777).toBe(0o700);
    const failing = scratch.use('two', async (folder) => {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      writeFileSync(join(folder, 'train-0-0.x'), 'rows');
      throw new Error('stopped');
    });
    await expect(failing).rejects.toThrow('stopped');
    expect(readdirSync(root).length).toBe(3);
  });
});
