import { ConfigError, prepareLibraries, readConfig, settingsReference } from '../config';
import { nearestNames } from '../formats/words/nearest';
import { productVersion } from '../kernel/process/version';
import { endWithFailure, endWithParent, isListener, isSupervised, withoutOwn } from '../process';
import { explain } from './failure';

/** The command line. Each command loads only what it needs, so that a start stays short. */

interface Entry {
  meaning: string;
  /** How they are written, for a command that takes some. */
  arguments?: string;
  run(args: string[]): Promise<void>;
}

const COMMANDS: Record<string, Entry> = {
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
  backup: {
    meaning:
      'all rows and files of all tenants into one file, while the server works; into a directory: named by the time',
    arguments: 'FILE',
    run: async (args) => (await import('./backup')).backupTo(args, readConfig()),
  },
  restore: {
    meaning: 'a backup into an empty database and store, or with --replace in place of what they hold',
    arguments: 'FILE [--replace]',
    run: async (args) => (await import('./backup')).restoreFrom(args, readConfig()),
  },
  quickstart: {
    meaning: 'from a CSV file to a deployed model through the public API',
    arguments: 'FILE --target COLUMN',
    run: async (args) => (await import('../quickstart')).run(args),
  },
  bench: {
    meaning: 'one benchmark per promise',
    arguments: 'NAME [--json]',
    run: async (args) => (await import('./bench')).bench(args),
  },
  golden: {
    meaning: 'write schema/schema.graphql, schema/database.sql, the generated client types, sample and pages',
    run: async () => (await import('./golden/golden')).golden(readConfig()),
  },
};

/** Other words for `help` and `version`, as other programs take them. */
const ALIASES: Record<string, string> = { '--help': 'help', '-h': 'help', '--version': 'version', '-v': 'version' };

export async function main(argv: string[]): Promise<void> {
  endWithParent(argv);
  prepareLibraries();
  const [word = 'help', ...args] = withoutOwn(argv);
  const name = ALIASES[word] ?? word;
  try {
    if (name === 'version') return print(`praxis ${productVersion()} on Node ${process.versions.node}`);
    if (name === 'help') return print(args[0] ? helpOn(args[0]) : help());
    const command = find(name);
    if (args.some((arg) => ALIASES[arg] === 'help') && !command.arguments) return print(helpOn(name));
    if (args.length > 0 && !command.arguments) {
      throw new UsageError(`${name} takes no arguments, so not "${args[0]}"; \`praxis help\` lists the settings.`);
    }
    await command.run(args);
  } catch (error) {
    fail(error);
  }
}

class UsageError extends ConfigError {}

function find(name: string): Entry {
  const command = COMMANDS[name];
  if (command) return command;
  const [near] = nearestNames(name, Object.keys(COMMANDS), 1);
  const hint = near ? `Did you mean "${near}"?` : '`praxis help` lists them.';
  throw new UsageError(`There is no command "${name.slice(0, 60)}". ${hint}`);
}

function fail(error: unknown): void {
  const reason = explain(error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
  // A parent tells it, if it ends as well; a supervised process that failed must not hang on what it left open.
  if (isSupervised()) return endWithFailure(reason);
  process.stderr.write(`${reason}\n`);
  setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
}

/** What a command that failed left open may hold its process no longer than this. */
const LEFT_OPEN_MS = 2_000;

const print = (text: string) => void process.stdout.write(`${text}\n`);

function helpOn(name: string): string {
  const command = find(ALIASES[name] ?? name);
  return `praxis ${name}${command.arguments ? ` ${command.arguments}` : ''}\n\n  ${command.meaning}`;
}

function help(): string {
  const commands = Object.entries(COMMANDS).map(([name, { arguments: args, meaning }]) => {
    return `  ${name.padEnd(11)} ${args ? `${args}: ` : ''}${meaning}`;
  });
  const settings = settingsReference().map(({ name, byDefault, meaning }) => {
    return `  ${name.padEnd(32)} ${meaning}${byDefault ? ` Default: ${byDefault}.` : ''}`;
  });
  return [
    'praxis <command>\n\nCommands:',
    ...commands,
    '\nhelp COMMAND tells more of one, --version the version. Settings (environment), all optional:',
    ...settings,
  ].join('\n');
}
