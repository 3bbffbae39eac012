import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The whole product as a user starts it: processes, signals and what a kill leaves behind. */

// A start takes a second or two, and many times that on a machine that is busy with other things.
jest.setTimeout(150_000);

const ROOT = join(__dirname, '..', '..');
const dataDir = mkdtempSync(join(tmpdir(), 'praxis-test-start-'));
chmodSync(dataDir, 0o755);
const onLinux = process.platform === 'linux' ? it : it.skip;

let parent: ChildProcess;
let output: string;
let port: number;

beforeAll(async () => {
  port = await freePort();
});

afterAll(async () => {
  await stop();
  rmSync(dataDir, { recursive: true, force: true });
});

// One start takes seconds, so the tests hand the running product on from one to the next.
onLinux('leaves no process behind when it is killed, and starts again cleanly', async () => {
  await start();
  await until('a work process', () => ours().some((line) => line.includes(' work')));
  expect(ours().some((line) => line.includes('postgres'))).toBe(true);
  parent.kill('SIGKILL');
  await until('no process of ours', () => ours().length === 0, 10_000);

  await start({ apiProcesses: 2 });
  const answer = await ask('{ me { role tenant { slug } } }');
  expect(answer).toEqual({ data: { me: { role: 'OWNER', tenant: { slug: 'demo' } } } });
});

onLinux('starts an API process again when it is killed, and tells the metrics of all of them as one', async () => {
  const metric = async (pattern: RegExp) => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text());
    return Number(pattern.exec(response)?.[1]);
  };
  const count = async () => (await metric(/operations_total\{.*field="me".*\} (\d+)/)) || 0;
  const twoAnswer = async () => (await metric(/^praxis_api_processes (\d+)/m)) === 2;
  await until('two API processes', twoAnswer);
  const [first] = pidsOf('main.ts serve');
  process.kill(first, 'SIGKILL');
  // Not asked at once: a connection that was on its way to the dead process stays without an answer.
  await until('another API process', () => pidsOf('main.ts serve').filter((pid) => pid !== first).length === 2);
  await until('two API processes again', twoAnswer);
  const before = await count();
  // Connections go to the processes in turn.
  for (let asked = 0; asked < 6; asked++) await ask('{ me { role } }');
  expect(await count()).toBe(before + 6);
});

onLinux('starts its work process again when that is killed, and stops everything on SIGTERM', async () => {
  await until('a work process', () => workPid() !== null);
  const first = workPid()!;
  expect(readFileSync(`/proc/${first}/environ`, 'utf8')).toContain('MALLOC_MMAP_THRESHOLD_=');
  process.kill(first, 'SIGKILL');
  await until('another work process', () => workPid() !== null && workPid() !== first);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  expect(statSync(join(dataDir, 'demo-api-key')).mode & 0o777).toBe(0o600);
  expect(await stop()).toBe(0);
  await until('no process of ours', () => ours().length === 0, 10_000);
});

onLinux('says that its port is taken, and ends with everything it has started', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  launch();
  const code = await new Promise((resolve) => parent.once('exit', resolve));
  await new Promise((resolve) => other.close(resolve));
  expect(code).toBe(1);
  expect(output).toContain(`127.0.0.1:${port} is taken by another program: stop that one, or set PORT`);
  expect(output).not.toContain('    at ');
  await until('no process of ours', () => ours().length === 0, 10_000);
});

/** Asks it to end, unless it has; gives its exit code. */
async function stop(): Promise<number | null> {
  if (parent.exitCode === null && parent.signalCode === null) {
    const ended = new Promise((resolve) => parent.once('exit', resolve));
    parent.kill('SIGTERM');
    await ended;
  }
  return parent.exitCode;
}

async function start(size = {}): Promise<void> {
  launch(size);
  await until('the welcome', () => output.includes('Praxis is up'));
}

function launch({ apiProcesses = 1 } = {}): void {
  output = '';
  parent = spawn(process.execPath, ['-r', './register.cjs', 'src/main.ts', 'start'], {
    cwd: ROOT,
    env: {
      ...process.env,
      PRAXIS_DATA_DIR: dataDir,
      PORT: String(port),
      DATABASE_URL: '',
      PRAXIS_LOG_LEVEL: 'warn',
      PRAXIS_API_PROCESSES: String(apiProcesses),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  parent.stdout!.on('data', (chunk) => (output += chunk));
  parent.stderr!.on('data', (chunk) => (output += chunk));
}

async function ask(query: string): Promise<unknown> {
  const key = readFileSync(join(dataDir, 'demo-api-key'), 'utf8').trim();
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

/** Command lines of live processes that carry our data directory in arguments or environment, this one left out. */
function ours(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return line && (line.includes(dataDir) || environment.includes(dataDir)) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

const workPid = (): number | null => pidsOf('main.ts work')[0] ?? null;

const pidsOf = (command: string): number[] =>
  ours()
    .filter((line) => line.includes(command))
    .map((line) => Number(line.split(' ')[0]));

async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not in ${limitMs} ms: ${what}. Left: ${ours().join('; ')}\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => resolve(free));
    });
  });
}
