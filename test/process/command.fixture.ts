import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Outcome {
  code: number | null;
  /** Standard output, then standard error. */
  text: string;
  /** The lines for a person: those of standard error that are no log. */
  told: string[];
}

/** Runs a command of the built product to its end, on any port and a data directory that goes with it. */
export async function runCommand(
  args: string[],
  environment: Record<string, string> = {},
  { node = process.execPath, ...identity }: { uid?: number; gid?: number; node?: string } = {},
): Promise<Outcome> {
  const dataDir = mkdtempSync(join(tmpdir(), 'praxis-test-command-'));
  const child = spawn(node, ['dist/src/main.js', ...args], {
    cwd: join(__dirname, '..', '..'),
    env: {
      ...process.env,
      ...{ DATABASE_URL: '', PRAXIS_DATA_DIR: dataDir, PORT: '0', PRAXIS_API_PROCESSES: '1' },
      ...{ PRAXIS_DATABASE_WAIT_SECONDS: '0', PRAXIS_LOG_LEVEL: 'warn', ...environment },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...identity,
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  rmSync(dataDir, { recursive: true, force: true });
  const told = err.split('\n').filter((line) => line !== '' && !line.startsWith('{"level"'));
  return { code, text: out + err, told };
}
