import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** The product as it is built and as a user starts it, with a data directory and a port of its own. */
export class Product {
  output = '';
  /** The Node that it runs on. */
  node = process.execPath;
  parent!: ChildProcess;

  private constructor(
    readonly port: number,
    private readonly environment: Record<string, string>,
    readonly dataDir = mkdtempSync(join(tmpdir(), 'praxis-test-start-')),
  ) {
    // As root, PostgreSQL runs as another user, who must be able to walk through.
    chmodSync(this.dataDir, 0o755);
  }

  /** @param beside one whose data directory it shares */
  static async prepare(environment: Record<string, string>, beside?: Product): Promise<Product> {
    return new Product(await freePort(), environment, beside?.dataDir);
  }

  launch(): void {
    this.output = '';
    this.parent = spawn(this.node, ['dist/src/main.js', 'start'], {
      cwd: ROOT,
      env: {
        ...process.env,
        PRAXIS_DATA_DIR: this.dataDir,
        PORT: String(this.port),
        PRAXIS_LOG_LEVEL: 'warn',
        PRAXIS_API_PROCESSES: '1',
        ...this.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer) => (this.output += chunk);
    this.parent.stdout!.on('data', hear);
    this.parent.stderr!.on('data', hear);
  }

  async start(): Promise<void> {
    this.launch();
    await this.until('the welcome', () => this.output.includes('Praxis is up'));
  }

  /** Asks it to end, unless it has; gives its exit code. */
  async stop(): Promise<number | null> {
    const { parent } = this;
    if (parent.exitCode === null && parent.signalCode === null) {
      const ended = new Promise((resolve) => parent.once('exit', resolve));
      parent.kill('SIGTERM');
      await ended;
    }
    return parent.exitCode;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`);
  }

  /** Asks as the owner of the demo tenant. */
  async ask(query: string): Promise<unknown> {
    const key = readFileSync(join(this.dataDir, 'demo-api-key'), 'utf8').trim();
    const response = await fetch(`http://127.0.0.1:${this.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query }),
    });
    return response.json();
  }

  /** Id and command line of live processes that carry our data directory in arguments or environment. */
  processes(): string[] {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
      .flatMap((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
          const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
          return line && [line, environment].some((text) => text.includes(this.dataDir)) ? [`${pid} ${line}`] : [];
        } catch {
          return [];
        }
      });
  }

  /** Ids of the processes that run this command of ours. */
  pidsOf(command: 'serve' | 'work'): number[] {
    return this.processes()
      .filter((line) => line.includes(`main.js ${command}`))
      .map((line) => Number(line.split(' ')[0]));
  }

  async until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!(await holds())) {
      if (Date.now() > end) {
        throw new Error(`Not in ${limitMs} ms: ${what}. Left: ${this.processes().join('; ')}\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  untilGone(): Promise<void> {
    return this.until('no process of ours', () => this.processes().length === 0, 10_000);
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => resolve(free));
    });
  });
}
