import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One promise that an attack tried to break. */
export interface Check {
  name: string;
  value: number;
  limit: number;
  unit: string;
  ok: boolean;
}

/** The same seed makes the same attack. */
export interface AttackOptions {
  seed: number;
  /** Tells how far the attack is. */
  log(line: string): void;
}

/** Attacks a server of its own and says what held. */
export type Attack = (options: AttackOptions) => Promise<Check[]>;

/** Holds where the value is at most the limit. */
export const atMost = (name: string, value: number, limit: number, unit: string): Check => ({
  ...{ name, value, limit, unit },
  ok: value <= limit,
});

const SUFFIX = '.attack.ts';

/** `attack NAME [--seed N] [--json]`: exits with 1 when a check does not hold. */
async function main(args: string[]): Promise<void> {
  const names = readdirSync(__dirname)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length));
  const [name] = args;
  const file = join(__dirname, `${name}${SUFFIX}`);
  if (!name || !names.includes(name) || !existsSync(file)) {
    throw new Error(`No attack "${name ?? ''}"; one of ${names.join(', ')}.`);
  }
  const seed = seedOf(args);
  const { attack } = (await import(file)) as { attack: Attack };
  const checks = await attack({ seed, log: (line) => console.error(line) });
  if (args.includes('--json')) console.log(JSON.stringify({ attack: name, seed, checks }));
  else checks.forEach(show);
  process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1;
}

function seedOf(args: string[]): number {
  const place = args.indexOf('--seed');
  const seed = place < 0 ? 1 : Number(args[place + 1]);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed takes a whole number of at least 0.');
  return seed;
}

function show({ name, value, limit, unit, ok }: Check): void {
  console.log(`${ok ? 'holds ' : 'BROKEN'}  ${name}: ${Number(value.toPrecision(6))} ${unit} (at most ${limit})`);
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
