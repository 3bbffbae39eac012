import type { Duck } from '../../tables/duck';
import { refusal, RefusedFile, shown } from '../finding';

/** Faults of this server, not of the file: told to the operator by the log, and tried again. */
const OURS =
  /^(INTERRUPT|Permission|Connection|Configuration) Error|No space left|Disk quota|Could not write|Cannot open|Too many open files|Input\/output error/i;
/** DuckDB's words for a place in a text file. */
const LINE = /\bLine: (\d+)|\bin (?:line|record\/value) (\d+)/;

/**
 * What DuckDB threw while it read a file of a client, as a refusal in our own words: its messages hold paths of this
 * server. What is not the file's fault stays as it is, and never reaches a client.
 */
export function readFault(error: unknown): unknown {
  if (!isOfDuck(error)) return error;
  if (isOutOfMemory(error)) return outOfMemory();
  if (OURS.test(error.message)) return error;
  const found = LINE.exec(error.message);
  return unreadable(found ? ` near line ${Number(found[1] ?? found[2]).toLocaleString('en-US')}` : '');
}

/** What DuckDB threw while it read a table of columns: as a refusal that names the first one that cannot be read alone. */
export async function columnFault(duck: Duck, error: unknown, table: { names: string[]; source: string }) {
  const fault = readFault(error);
  if (!(fault instanceof RefusedFile) || isOutOfMemory(error)) return fault;
  for (const [index, name] of table.names.entries()) {
    const columnRead = await duck.one(`SELECT max(hash(c${index})) FROM ${table.source}`).catch(readFault);
    if (columnRead instanceof RefusedFile) return unreadable(`, in column ${shown(name)}`, name);
  }
  return fault;
}

/** `column`: of a file that is stored by columns. */
const unreadable = (place: string, column?: string): RefusedFile => {
  const format = column === undefined ? 'its format (CSV: RFC 4180)' : 'Parquet, such as pyarrow';
  return new RefusedFile([
    refusal('UNREADABLE', {
      column,
      message: `The file cannot be read to its end${place}: it is damaged or cut off, or not quite of its format.`,
      fix: `Write it again with a library for ${format}, then send it again.`,
    }),
  ]);
};

/** Its errors are of no class of their own and carry no code, as those of Node and of ours do. */
const isOfDuck = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'Error' && !('code' in error);

export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Out of Memory Error');

/** Spilling to disk does not help against very many columns; trying again would not either. */
export function outOfMemory(): RefusedFile {
  const finding = refusal('TOO_LARGE', {
    message: 'The table needs more memory than this server gives to ingestion.',
    fix: 'Send fewer columns, or ask the operator to raise PRAXIS_INGEST_MEMORY_MB.',
  });
  return new RefusedFile([finding]);
}
