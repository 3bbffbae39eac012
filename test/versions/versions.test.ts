/** Installations that earlier versions have made and backed up: restored, migrated, they answer as they did. */
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createApp, type App } from '../../src/app';
import { restore } from '../../src/backup';
import { readConfig } from '../../src/config';
import { migrate } from '../../src/db';
import { newId } from '../../src/kernel';
import { RunEventsDocument } from '../../src/sdk';
import { openArtifactStore } from '../../src/storage';
import { testLog } from '../support';
import { runOn, testCluster, withDatabase } from '../support/cluster';
import { VersionClient, type Answer } from './client';
import { QUESTIONS } from './content';
import { nodesOf, RESUME, observedAnswers, observedLists } from './observed';

jest.setTimeout(240_000);
const STORED = join(__dirname, 'stored');

/** A backup in a database and a data directory of its own, served by this version. */
class RestoredVersion {
  private readonly closings: (() => Promise<unknown>)[] = [];
  readonly clients: Record<string, VersionClient> = {};
  expected: Answer;

  static async open(name: string): Promise<RestoredVersion> {
    const version = new RestoredVersion();
    const folder = await mkdtemp(join(tmpdir(), 'praxis-stored-'));
    version.closings.push(() => rm(folder, { recursive: true, force: true }));
    const content = async (file: string) => gunzipSync(await readFile(join(STORED, name, file)));
    version.expected = JSON.parse((await content('expected.json.gz')).toString());
    const archive = join(folder, 'backup.tar');
    await writeFile(archive, await content('backup.tar.gz'));
    await version.serve(archive, folder);
    return version;
  }

  private async serve(archive: string, dataDir: string): Promise<void> {
    const databaseUrl = await this.createDatabase();
    const config = { ...readConfig({ PORT: '0', PRAXIS_DRAIN_MS: '2000' }), dataDir, databaseUrl };
    const artifacts = await openArtifactStore(config);
    await restore(archive, { url: databaseUrl, artifacts, waitMs: 0, log: testLog }, { replace: false });
    await migrate(databaseUrl);
    const app = await createApp(config, testLog);
    this.closings.push(() => app.close());
    const url = await app.listen();
    await app.consume();
    for (const { id, slug } of await runOn(databaseUrl, 'SELECT id, slug FROM tenants'))
      this.clients[slug as string] = new VersionClient(url, await keyOf(app, id as string));
  }

  private async createDatabase(): Promise<string> {
    const { url } = await testCluster();
    const name = `praxis_stored_${newId().slice(0, 8)}`;
    await runOn(url, `CREATE DATABASE ${name}`);
    this.closings.push(() => runOn(url, `DROP DATABASE ${name} WITH (FORCE)`));
    return withDatabase(url, name);
  }

  async close(): Promise<void> {
    for (const close of this.closings.reverse()) await close();
  }
}

async function keyOf(app: App, tenantId: string): Promise<string> {
  const context = { tenantId, role: 'OWNER' as const, apiKeyId: null, requestId: newId() };
  return (await app.services.apiKeys.create(context, { name: 'reader', role: 'ADMIN' })).secret;
}

/** Numbers are the same to the bit on the processor that gave them, and nearly the same on others. */
function alike(value: Answer, processor: string): Answer {
  if (processor === cpus()[0].model) return value;
  if (typeof value === 'number' && !Number.isInteger(value)) return expect.closeTo(value, 4);
  if (Array.isArray(value)) return value.map((item) => alike(item, processor));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, alike(item, processor)]));
}

describe.each(readdirSync(STORED))('an installation of %s', (name) => {
  let version: RestoredVersion;
  beforeAll(async () => (version = await RestoredVersion.open(name)));
  afterAll(() => version?.close());

  it('lists what it listed, and gives the same files', async () => {
    for (const [slug, { observed }] of Object.entries<Answer>(version.expected.tenants))
      expect(await observedLists(version.clients[slug])).toEqual(observed);
  });

  it('answers with the same bits', async () => {
    const { tenants, processor } = version.expected;
    for (const [slug, { answers }] of Object.entries<Answer>(tenants))
      expect(await observedAnswers(version.clients[slug], QUESTIONS[slug] ?? {})).toEqual(alike(answers, processor));
  });

  it('goes on with a run that was paused: events and result are those of a run without another version', async () => {
    const { mill } = version.clients;
    const { observed } = version.expected.tenants.mill;
    const { id: runId } = nodesOf(observed.lists.runs).find(({ state }) => state === 'PAUSED');
    await mill.ask(RESUME, { input: { runId } });
    const client = mill.sdk();
    const events: Answer[] = [];
    for await (const { runEvents } of client.subscribe(RunEventsDocument, { runId, after: 0 })) events.push(runEvents);
    await client.close();
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    const points = events.filter(({ event }) => event.name === 'loss' && event.split === 'VALIDATION');
    expect(points.map(({ event }) => event.epoch)).toEqual(points.map((_, i) => i + 1));
    expect(points.length).toBeGreaterThan(pointsOf(observed.objects[runId].metricHistory));
    const query = 'query ($id: ID!) { runById(id: $id) { state evaluation { metrics { name value } } } }';
    const { state, evaluation } = (await mill.ask(query, { id: runId })).runById;
    expect(state).toBe('SUCCEEDED');
    for (const { name: metric, value } of version.expected.finished)
      expect(Math.abs(evaluation.metrics.find((one: Answer) => one.name === metric).value - value)).toBeLessThan(0.05);
  });
});

const pointsOf = ({ series }: Answer): number =>
  series.find(({ name, split }: Answer) => name === 'loss' && split === 'VALIDATION').points.length;
