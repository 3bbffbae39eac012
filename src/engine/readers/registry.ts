/** The table of readers. */
import { columns } from './columns';
import type { Reader } from './definition';
import { features } from './features';
import { sequence } from './sequence';

const READERS = new Map<string, Reader>();

/** Adds a reader that a family may name; returns how to take it out again. Throws when the name is taken. */
export function registerReader(reader: Reader): () => void {
  if (READERS.has(reader.name)) throw new Error(`There is a reader ${reader.name} already.`);
  READERS.set(reader.name, reader);
  return () => void READERS.delete(reader.name);
}

[features, sequence, columns].forEach(registerReader);

export function readerOf(name: string): Reader {
  const reader = READERS.get(name);
  if (!reader) throw new Error(`There is no reader ${name}.`);
  return reader;
}
