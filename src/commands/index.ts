import { endWithParent, isListener } from '../process';
import { ConfigError, readConfig, settingsReference, prepareLibraries } from '../config';

/** The command line. Each command loads only what it needs, so that a start stays short. */

type Command = (args: string[]) => Promise<void>;

const COMMANDS: Record<string, { meaning: string; run: Command }> = {
  start: {
    meaning: 'database, migrations, seeds, API and one supervised work process, on this machine',
    run: async () => (await import('./start')).start(readConfig()),
  },
  serve: {
    meaning: 'API, subscriptions and inference threads',
    run: async () => {
      const config = readConfig(undefined, 'serving');
      // Only a process that answers loads the program of the API.
      if (isListener()) return (await import('./listen')).listen(config);
      return (await import('./serve')).serve(config);
    },
  },
  work: {
    meaning: 'consumer of the durable queue: ingestion and training',
    run: async () => (await import('./work')).work(readConfig(undefined, 'training')),
  },
  migrate: {
    meaning: 'bring the database schema up to date',
    run: async () => (await import('./migrate')).migrateOnly(readConfig()),
  },
  seed: {
    meaning: 'migrate, then write the case library, the demo tenant and its key',
    run: async () => (await import('./seed')).seedOnly(readConfig()),
  },
  quickstart: {
    meaning: 'FILE --target COLUMN: from a CSV file to a deployed model through the public API',
    run: async (args) => (await import('../quickstart')).run(args),
  },
  bench: {
    meaning: 'NAME [--json]: one benchmark per promise',
    run: async (args) => (await import('./bench')).bench(args),
  },
  golden: {
    meaning: 'write schema/schema.graphql, schema/database.sql, the generated client types and seeds/machines.csv',
    run: async () => (await import('./golden')).golden(readConfig()),
  },
};

export async function main(argv: string[]): Promise<void> {
  endWithParent(argv);
  prepareLibraries();
  const [name = 'help', ...args] = argv;
  const command = COMMANDS[name];
  if (!command) {
    process.exitCode = name === 'help' || name === '--help' ? 0 : 2;
    return void process.stdout.write(help());
  }
  try {
    await command.run(args);
  } catch (error) {
    const expected = error instanceof ConfigError || (error as Error)?.name === 'PraxisError';
    process.stderr.write(`${expected ? (error as Error).message : ((error as Error)?.stack ?? String(error))}\n`);
    process.exitCode = 1;
    // A supervised process that failed must not hang on what it left open: without its parent it ends.
    if (process.connected) process.disconnect();
  }
}

function help(): string {
  const commands = Object.entries(COMMANDS).map(([name, { meaning }]) => `  ${name.padEnd(11)} ${meaning}`);
  const settings = settingsReference().map(({ name, meaning }) => `  ${name.padEnd(32)} ${meaning}`);
  return `praxis <command>\n\nCommands:\n${commands.join('\n')}\n\nSettings (environment):\n${settings.join('\n')}\n`;
}
