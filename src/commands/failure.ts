import { ConfigError } from '../config';

/** What the file system refuses, and what to do about it; a path is that of the file. */
const FILE_FAULTS: Record<string, (path: string) => string> = {
  EACCES: (path) => `${path} is closed to the user that Praxis runs as (${userId()}): ${CHANGE_OWNER}`,
  EPERM: (path) => `${path} belongs to another user than the one that Praxis runs as (${userId()}): ${CHANGE_OWNER}`,
  EROFS: (path) => `${path} is on a file system that is read only: ${OTHER_FOLDER}`,
  ENOSPC: (path) => `The disk of ${path} is full: free some space, or ${OTHER_FOLDER}`,
  EDQUOT: (path) => `The quota of the disk of ${path} is used up: free some space, or ${OTHER_FOLDER}`,
  // So Node says of a folder that is to be made where nothing can be written.
  ENOENT: (path) => `${path} is not there and cannot be made: ${OTHER_FOLDER}`,
  EEXIST: (path) => `${path} is a file where a folder is needed: ${OTHER_FOLDER}`,
  ENOTDIR: (path) => `${path} lies in a file where a folder is needed: ${OTHER_FOLDER}`,
  ENAMETOOLONG: (path) => `${path} is too long a path: ${OTHER_FOLDER}`,
  EMFILE: () => 'Too many files are open in this process: raise the limit (`ulimit -n`).',
  ENFILE: () => 'Too many files are open on this machine: raise its limit (fs.file-max).',
};
const OTHER_FOLDER = 'set PRAXIS_DATA_DIR to a folder that can be written.';
const CHANGE_OWNER = 'change its owner or mode, or set PRAXIS_DATA_DIR to another folder.';

const PLACELESS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE']);

const userId = () => `id ${process.getuid?.() ?? 'unknown'}`;

/** What a person is told of a command that failed: a sentence for what they can mend, else all that we know. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError || error.name === 'PraxisError') return error.message;
  const { code = '', path, syscall } = error as NodeJS.ErrnoException;
  // What was written to an open file does not say where.
  const place = path ?? (PLACELESS.has(code) ? 'the data directory' : undefined);
  return (
    (syscall && (code !== 'ENOENT' || syscall === 'mkdir') && place && FILE_FAULTS[code]?.(place)) ||
    (error.stack ?? error.message)
  );
}
