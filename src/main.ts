import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as commands from './commands';
import { CodeCache } from './process/code-cache';

/** Where the build puts the program with its libraries: as deep as each of its modules, for what they find from there. */
const BUNDLES = join(__dirname, 'bundle');

/** Runs a command: once built from one file, from the sources module by module. */
export async function main(argv: string[]): Promise<void> {
  const file = join(BUNDLES, supervises(argv) ? 'parent.js' : 'program.js');
  if (!existsSync(file)) return (await import('./commands')).main(argv);
  const cache = new CodeCache(file, argv[0]);
  await cache.load<typeof commands>().main(argv);
  // Now that the command does its work, what it took to come here has been compiled.
  cache.keep();
}

/** For what loads only processes that do the work: a start waits for it. */
const supervises = ([command]: string[]): boolean => command === 'start' || (command === 'serve' && !cluster.isWorker);

if (require.main === module) void main(process.argv.slice(2));
