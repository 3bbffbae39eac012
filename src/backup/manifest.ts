import { z } from 'zod';

/** The last file of an archive: what is in it and what it was made by. An archive without one was cut off. */
export const MANIFEST = 'manifest.json';
export const FORMAT = 1;

const text = z.string().min(1);
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  /** Version of the program that made it. */
  product: text,
  /** UTC. */
  createdAt: z.iso.datetime(),
  postgres: text,
  migrations: z.array(text),
  tables: z.array(z.object({ schema: text, name: text, columns: z.array(text) })),
  sequences: z.array(z.object({ schema: text, name: text, last: z.string().regex(/^-?\d+$/) })),
  /** Files that rows name and that were not in the store. */
  missing: z.array(text),
  files: z.array(z.object({ name: text, byteCount: z.number(), sha256: z.string().length(64) })),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Null for what is no manifest of this format. */
export function readManifest(bytes: Buffer): Manifest | null {
  try {
    return manifestSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

/** Files of the archive: those of the store by their keys, rows by their tables, in pieces. */
const ARTIFACTS = 'artifacts/';
const DATABASE = 'database/';

export const artifactFile = (key: string): string => `${ARTIFACTS}${key}`;
export const keyOf = (name: string): string | null =>
  name.startsWith(ARTIFACTS) ? name.slice(ARTIFACTS.length) : null;

export const rowsFile = (table: { schema: string; name: string }, piece: number): string =>
  `${DATABASE}${table.schema}.${table.name}/${String(piece).padStart(8, '0')}`;

/** `schema.table`, or null. */
export const tableIn = (name: string): string | null =>
  name.startsWith(DATABASE) ? name.slice(DATABASE.length, name.lastIndexOf('/')) : null;
