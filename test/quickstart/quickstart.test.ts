import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { OrtSession } from '../../src/engine/executors/ort';
import { announceServer } from '../../src/kernel';
import { run } from '../../src/quickstart';
import { openTestApp, openTestDatabase } from '../support';

jest.setTimeout(240_000);

const test = openTestDatabase();
const folder = mkdtempSync(join(tmpdir(), 'praxis-quickstart-test-'));
// As root, the database's own user walks through it.
chmodSync(folder, 0o711);
let server: string[];

beforeAll(async () => {
  const { app } = await openTestApp(test);
  const url = await app.listen();
  await app.consume();
  const context = { ...(await test.createTenant()), role: 'OWNER' as const };
  const { secret } = await app.services.apiKeys.create(context, { name: 'quickstart', role: 'OWNER' });
  server = ['--url', url, '--key', secret];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => jest.restoreAllMocks());

/** y = 3 a - 2 b + small noise; the class is its sign. */
function write(name: string, rowCount: number): string {
  let state = 1;
  const noise = () => ((state = (state * 48271) % 2147483647) / 2147483647) * 2 - 1;
  const lines = Array.from({ length: rowCount }, (_, i) => {
    const [a, b] = [noise(), noise()];
    const y = 3 * a - 2 * b + 0.05 * noise();
    return [`id-${i}`, a.toFixed(4), b.toFixed(4), y.toFixed(4), y > 0 ? 'up' : 'down', i % 5 ? 'train' : 'test'].join(
      ',',
    );
  });
  const path = join(folder, name);
  const text = `code,a,b,y,direction,part\n${lines.join('\n')}\n`;
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

async function quickstart(args: string[]) {
  const out: string[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => out.push(String(chunk)) > 0);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  await run(args);
  const text = out.join('');
  return { text, json: args.includes('--json') ? JSON.parse(text.trimEnd().split('\n').at(-1)!) : null };
}

const SECONDS = ['upload', 'ingest', 'firstMetric', 'train', 'evaluate', 'deploy', 'predict', 'total'];

it('classifies: the JSON has the promised shape and the summary explains itself', async () => {
  const args = [write('signs.csv.gz', 600), '--target', 'direction', '--drop', 'y', '--split-column', 'part', '--json'];
  const { text, json } = await quickstart([...args, '--epochs', '20', ...server]);
  expect(Object.keys(json)).toEqual(['task', 'family', 'rows', 'target', 'metrics', 'seconds', 'modelVersionId']);
  expect(json).toMatchObject({ task: 'binary', rows: 600, target: 'direction' });
  expect(Object.keys(json.metrics)).toEqual([
    'accuracy',
    'balancedAccuracy',
    'f1Macro',
    'rocAuc',
    'averagePrecision',
    'logLoss',
  ]);
  expect(json.metrics.rocAuc).toBeGreaterThan(0.97);
  expect(Object.keys(json.seconds)).toEqual(SECONDS);
  for (const seconds of Object.values(json.seconds)) expect(seconds).toBeGreaterThanOrEqual(0);
  for (const part of [
    'Scores on rows',
    '95 %',
    'Columns left out',
    'code:',
    'y: ',
    'A sample prediction',
    'What next',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toContain('120 to score');
});

it('regresses with one family, and saves a model that answers as the server did', async () => {
  const out = join(folder, 'out');
  const args = [write('numbers.csv', 400), '--target', 'y', '--drop', 'direction,part,code', '--family', 'linear'];
  const { json, text } = await quickstart([...args, '--save', out, '--json', ...server]);
  expect(json).toMatchObject({ task: 'regression', family: 'linear', target: 'y' });
  expect(Object.keys(json.metrics)).toEqual(['rmse', 'mae', 'r2']);
  // The noise is uniform on ±0.05, so no model is better than its deviation, 0.1 / √12.
  expect(json.metrics.rmse).toBeLessThan(0.04);
  expect(json.metrics.rmse).toBeGreaterThan(0.02);
  expect(text).toContain(out);
  const card = JSON.parse(readFileSync(join(out, 'card.json'), 'utf8'));
  expect(card.inputs.map(({ name }: any) => name)).toEqual(['a', 'b']);
  const session = await OrtSession.create(readFileSync(join(out, 'model.onnx')));
  const feed = (value: number) => ({ type: 'float64' as const, data: Float64Array.of(value), dims: [1, 1] });
  const { prediction } = await session.run({ a: feed(0.5), b: feed(-0.25) } as never);
  expect(Number((prediction as any).data[0])).toBeCloseTo(3 * 0.5 + 2 * 0.25, 1);
});

it('says what to type where cells can be read in two ways, and takes it', async () => {
  const path = join(folder, 'rents.csv');
  // A rent of three digits behind each comma: thousands, or decimals.
  const rows = Array.from({ length: 120 }, (_, i) => `${i % 7},"${1 + (i % 5)},${100 + ((i * 37) % 900)}"`);
  writeFileSync(path, `size,rent\n${rows.join('\n')}\n`);
  const args = [path, '--target', 'rent', '--family', 'linear', ...server];
  const told: string[] = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => told.push(String(chunk)) > 0);
  const refused = await run(args).catch((error: Error) => error.message);
  const [, typed] = /warn: "rent".* start again with --column "([^"]*)" or --column "[^"]*"\.\n/.exec(told.join(''))!;
  expect(typed).toMatch(/^rent: NUMBER, /);
  expect(refused).toContain(`start again with --column "${typed}" or`);
  jest.restoreAllMocks();
  const { json, text } = await quickstart([...args, '--column', typed, '--json']);
  expect(json).toMatchObject({ task: 'regression', target: 'rent' });
  expect(text).not.toContain('may be read in two ways');
  await expect(quickstart([...args, '--column', 'rent: NUMBER, comma decimal'])).rejects.toThrow(
    /--column: .*"comma decimal" is none of NUMBER/,
  );
  await expect(quickstart([...args, '--column', 'rente: NUMBER'])).rejects.toThrow(
    /no column "rente".*Did you mean "rent"/s,
  );
});

it('shows the baseline beside each score, and what speaks against the model', async () => {
  const good = [write('told.csv', 300), '--target', 'direction', '--drop', 'y,code,part', '--positive-class', 'down'];
  const { text } = await quickstart([...good, '--family', 'logistic', ...server]);
  expect(text).toMatch(/rocAuc +[01]\.\d+ .*baseline 0\.5000/);
  expect(text).not.toContain('Before you rely on this model');
  const guess = [write('lot.csv', 300), '--target', 'part', '--drop', 'y,code,direction', '--family', 'logistic'];
  expect((await quickstart([...guess, ...server])).text).toMatch(
    /Before you rely on this model\n {2}On 60 test rows .*guessing/,
  );
});

it('predicts several targets, and finds anomalies without one', async () => {
  const path = write('several.csv', 300);
  const several = ['--target', 'a,b', '--drop', 'code,part', '--epochs', '5', '--family', 'linear', '--json'];
  const two = await quickstart([path, ...several, ...server]);
  expect(two.json).toMatchObject({ task: 'multi_regression', target: ['a', 'b'], family: 'linear' });
  expect(Object.keys(two.json.metrics)).toEqual(['rmse', 'mae', 'r2', 'averageRelativeRmse']);
  expect(two.text).toMatch(/predicts "a", "b"[^]*a: rmse[^]*-> a: .*, b: /);
  const none = await quickstart([
    path,
    '--family',
    'autoencoder',
    '--drop',
    'code,part',
    '--epochs',
    '5',
    '--json',
    ...server,
  ]);
  expect(none.json).toMatchObject({ task: 'anomaly', target: null, family: 'autoencoder' });
  expect(none.json.metrics).toMatchObject({ reconstructionError: expect.any(Number), rocAuc: null });
  expect(none.text).toMatch(/predicts anomalies[^]*-> error [\d.e-]+, no anomaly/);
});

it.each([
  [['--target', 'direktion'], /--target: the file has no column "direktion". Did you mean "direction"\?/],
  [['--target', 'y', '--drop', 'aa'], /--drop: the file has no column "aa"/],
  [['--target', 'y', '--family', 'mpl'], /--family: no family is named "mpl". Did you mean "mlp"\?/],
  [['--target', 'y', '--split-column', 'code'], /--split-column|code/],
  [['--target', 'direction', '--positive-class', 'left'], /--positive-class: Target "direction" has no value "left"/],
])('refuses %j with what to do', async (args, message) => {
  await expect(quickstart([write('some.csv', 60), ...args, ...server])).rejects.toThrow(message);
});

it('says that a run waits, and cancels it when it is stopped', async () => {
  const lines: string[] = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  const listeners = process.listeners('SIGTERM');
  const job = run([write('long.csv', 2000), '--target', 'y', '--family', 'mlp', '--epochs', '10000', ...server]);
  while (!/train .* epoch \d/.test(lines.join(''))) await sleep(20);
  for (const interrupt of process.listeners('SIGTERM')) if (!listeners.includes(interrupt)) interrupt('SIGTERM');
  await expect(job).rejects.toThrow('Stopped.');
  expect(lines.join('')).toContain('queued for a free worker');
  const last = 'SELECT state FROM runs ORDER BY created_at DESC LIMIT 1';
  expect(await test.ownerQuery(last)).toEqual([{ state: 'CANCELLED' }]);
});

it('prints the findings of a refused file', async () => {
  const path = join(folder, 'ragged.csv');
  writeFileSync(path, 'a,b\n1,2\n3\n');
  await expect(quickstart([path, '--target', 'b', ...server])).rejects.toThrow(/refused[^]*row 2/);
});

it('prints the findings of the data when no model comes of it', async () => {
  const path = join(folder, 'findings.csv');
  const rows = Array.from({ length: 120 }, (_, i) => `${i % 17},${i === 40 ? 'n/k' : i * 1.5},${i % 11 ? `t${i}` : i}`);
  writeFileSync(path, `a,b,y\n${rows.join('\n')}\n`);
  const lines: string[] = [];
  const failed = quickstart([path, '--target', 'y', '--family', 'logistic', ...server]);
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  await expect(failed).rejects.toThrow(/too many to be classes/);
  expect(lines.filter((line) => /warn: .*"b".*row 41 "n\/k"/.test(line))).toHaveLength(1);
});

it('uses the server that runs on the data directory, as its demo tenant', async () => {
  const [, url, , key] = server;
  const dataDir = join(folder, 'running');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'demo-api-key'), `${key}\n`);
  announceServer(dataDir, url);
  const before = process.env.PRAXIS_DATA_DIR;
  process.env.PRAXIS_DATA_DIR = dataDir;
  const { text } = await quickstart([write('here.csv', 200), '--target', 'direction', '--family', 'logistic']).finally(
    () => (before === undefined ? delete process.env.PRAXIS_DATA_DIR : (process.env.PRAXIS_DATA_DIR = before)),
  );
  expect(text).toContain(`In ${url}/graphiql with the key in ${join(dataDir, 'demo-api-key')}, predict`);
  const last = 'SELECT name FROM datasets ORDER BY created_at DESC LIMIT 1';
  expect(await test.ownerQuery(last)).toEqual([{ name: 'here' }]);
});

it('starts a server of its own and leaves nothing behind, not even of one that was killed', async () => {
  const path = write('own.csv', 200);
  const scratch = join(folder, 'tmp');
  mkdirSync(scratch, { mode: 0o755 });
  const { pid } = spawnSync(process.execPath, ['--version']);
  mkdirSync(join(scratch, `praxis-quickstart-${pid}-abc`, 'data'), { recursive: true });
  const args = ['dist/src/main.js', 'quickstart', path, '--target', 'direction', '--family', 'logistic'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args, '--json'], {
    cwd: join(__dirname, '..', '..'),
    env: { ...process.env, TMPDIR: scratch, PRAXIS_DATA_DIR: join(scratch, 'empty') },
  });
  const json = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  expect(json).toMatchObject({ task: 'binary', family: 'logistic', rows: 200 });
  expect(stderr).toContain('server   one of its own, thrown away at the end');
  expect(stdout).toContain('The throw-away server is gone.');
  expect(readdirSync(scratch).filter((name) => name.startsWith('praxis'))).toEqual([]);
});
