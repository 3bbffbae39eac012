// The quickstart owns one command: the main job on a user's own file, as any client would do it. It uses the public API
// through the SDK alone, on a running server or, where there is none, on a throw-away one that it starts and removes.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readConfig } from '../config';
import { visible } from '../formats';
import { PraxisError, type ErrorCode } from '../kernel';
import { PraxisClient, PraxisClientError } from '../sdk';
import { describe, readArguments, USAGE, type QuickstartOptions } from './arguments';
import { runMainJob, type QuickstartResult } from './main-job';
import { ProgressLine } from './progress';
import { reportOf } from './report';
import { runningServer } from './running';
import { ThrowAwayServer } from './server';
import { summaryOf } from './summary';

export { USAGE } from './arguments';

/** Throws PraxisError, with everything a person needs to go on, when the job cannot be done. */
export async function run(args: string[]): Promise<void> {
  const parsed = readArguments(args);
  if (!parsed) return void process.stdout.write(USAGE);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = new ProgressLine();
  try {
    const options = { ...parsed, server: parsed.server ?? findRunning(parsed, progress) };
    const result = await withServer(options, progress, stop.signal, (client) =>
      runAndSave(client, options, { progress, signal: stop.signal }),
    );
    process.stdout.write(`${visible(summaryOf(result))}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(reportOf(result))}\n`);
  } catch (error) {
    progress.clear();
    if (stop.signal.aborted) throw new PraxisError('UNAVAILABLE', 'Stopped.');
    throw readable(error);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Nobody names a server: the one of this data directory is meant, if it runs. */
function findRunning({ throwAway }: QuickstartOptions, progress: ProgressLine): QuickstartOptions['server'] {
  const { dataDir } = readConfig();
  const server = throwAway ? null : runningServer(dataDir);
  if (server) progress.done(`server   ${server.url}, which is running, as the demo tenant of ${dataDir}`);
  else
    progress.done(
      'server   one of its own, thrown away at the end with all that is on it; `npm start` runs one that stays',
    );
  return server;
}

/** A client of the given server, or of a throw-away one that is gone afterwards, whatever happens. */
async function withServer<T>(
  { server: address }: QuickstartOptions,
  progress: ProgressLine,
  signal: AbortSignal,
  work: (client: PraxisClient) => Promise<T>,
): Promise<T> {
  if (!address) progress.update('starting a throw-away server');
  const server = address ? null : await ThrowAwayServer.start(signal);
  const { url, key } = address ?? server!;
  const client = new PraxisClient({ url, key });
  try {
    return await work(client);
  } finally {
    await client.close();
    await server?.stop();
  }
}

async function runAndSave(
  client: PraxisClient,
  options: QuickstartOptions,
  job: { progress: ProgressLine; signal: AbortSignal },
): Promise<QuickstartResult> {
  const result = await runMainJob(client, options, job);
  if (!options.saveDir) return result;
  await mkdir(options.saveDir, { recursive: true });
  await writeFile(
    join(options.saveDir, posix.basename(result.downloadPath)),
    await client.download(result.downloadPath),
  );
  await writeFile(join(options.saveDir, 'card.json'), `${JSON.stringify(cardOf(result), null, 2)}\n`);
  return { ...result, saved: options.saveDir };
}

const cardOf = ({ card, metrics, undefinedMetrics, splitCounts, modelVersionId }: QuickstartResult) => ({
  ...card,
  evaluation: { splitCounts, metrics, undefinedMetrics },
  modelVersionId,
});

/** Client errors as errors of this command: message, then one line per issue. */
function readable(error: unknown): unknown {
  if (!(error instanceof PraxisClientError || error instanceof PraxisError)) return error;
  const { message, code } = error;
  const issues = error.issues.map(({ path, ...issue }) => ({ ...issue, path: optionOf(path) }));
  const id = error instanceof PraxisClientError && error.requestId ? ` (request ${error.requestId})` : '';
  // A summary that only repeats the first issue is left out.
  const summary = message.startsWith(`${error.issues[0]?.path}: `) ? '' : `${message}${id}\n`;
  const text = issues.length > 0 ? `${summary}${describe(issues)}` : `${message}${id}`;
  return new PraxisError(code as ErrorCode, text, { cause: error });
}

const OPTION_OF: Record<string, string> = { column: '--split-column', positiveClass: '--positive-class' };

/** The option of this command behind a path into the pipeline. */
function optionOf(path: string): string {
  if (/^columns\b/.test(path)) return '--column';
  const [, name] = /^steps\[.*\.(family|epochs|target|drop|column|positiveClass)\b/.exec(path) ?? [];
  if (!name) return path;
  return OPTION_OF[name] ?? `--${name}`;
}
