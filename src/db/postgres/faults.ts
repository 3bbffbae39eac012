import { PraxisError } from '../../kernel/errors/errors';

/** Why PostgreSQL did not start, by what its programs print; in words for the one who starts us. */
const REASONS: [pattern: RegExp, sentence: (folder: string) => string][] = [
  [/No space left on device|Disk quota exceeded/, (folder) => `The disk of ${folder} is full: free some space.`],
  [/Read-only file system/, (folder) => `${folder} is on a file system that is read only: choose another folder.`],
  [
    /has wrong ownership|Permission denied|Operation not permitted/,
    (folder) => `${folder} belongs to another user than the one that PostgreSQL runs as: change its owner back.`,
  ],
  [
    /could not create shared memory|Cannot allocate memory|could not map anonymous shared memory/,
    () => 'The machine has too little memory for PostgreSQL, which takes some 200 MB.',
  ],
];

/** @param output what PostgreSQL printed last; where nothing in it is known, its own last word is told */
export function startFault(folder: string, output: string, log?: string): PraxisError {
  const known = REASONS.find(([pattern]) => pattern.test(output));
  const [, lastError = 'it said nothing'] = [...output.matchAll(/(?:FATAL|PANIC|error): {1,2}(.+)/gi)].at(-1) ?? [];
  const sentence = known?.[1](folder) ?? `PostgreSQL does not run in ${folder}: ${lastError}.`;
  return unusable(log ? `${sentence} Its log is ${log}.` : sentence, output);
}

export const unusable = (sentence: string, detail?: string, cause?: unknown): PraxisError =>
  new PraxisError('UNAVAILABLE', sentence, { cause, detail });
