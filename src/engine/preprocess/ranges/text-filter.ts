/**
 * A set of texts in ten bits each (Bloom 1970): it holds every text that was put in, and seems to hold about one in a hundred
 * of all others.
 */
export interface TextFilter {
  /** Base64. */
  bits: string;
}

/** Texts that a model card lists, at most, and their characters in all. */
const LISTED_MAX = 10_000;
const LISTED_CHARACTERS_MAX = 500_000;

/** Texts as a model card holds them: as a list, or as a filter where they are too many. */
export function textList(texts: string[]): { list: string[] | null; filter?: TextFilter } {
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  const isShort = texts.length <= LISTED_MAX && characters <= LISTED_CHARACTERS_MAX;
  return isShort ? { list: texts } : { list: null, filter: textFilter(texts) };
}

export function listHas({ list, filter }: ReturnType<typeof textList>): (text: string) => boolean {
  if (filter) return filterHas(filter);
  const texts = new Set(list);
  return (text) => texts.has(text);
}

const BITS_PER_TEXT = 10;
const PROBES = 7;
const CHUNK = 8192;

function textFilter(texts: readonly string[]): TextFilter {
  const bits = new Uint8Array(Math.ceil((texts.length * BITS_PER_TEXT) / 8));
  for (const text of texts) for (const at of places(text, bits.length * 8)) bits[at >> 3] |= 1 << (at & 7);
  let binary = '';
  for (let i = 0; i < bits.length; i += CHUNK) binary += String.fromCharCode(...bits.subarray(i, i + CHUNK));
  return { bits: btoa(binary) };
}

function filterHas({ bits: encoded }: TextFilter): (text: string) => boolean {
  const bits = bytesOf(encoded);
  return (text) => places(text, bits.length * 8).every((at) => bits[at >> 3] & (1 << (at & 7)));
}

/** By a loop: the thread that answers requests waits for it, and `Uint8Array.from` takes ten times as long. */
function bytesOf(encoded: string): Uint8Array {
  const binary = atob(encoded);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** From two hashes (Kirsch & Mitzenmacher 2006). */
function places(text: string, size: number): number[] {
  const [first, step] = [hash(text, 0x811c9dc5), hash(text, 0x9747b28c) | 1];
  return Array.from({ length: PROBES }, (_, i) => ((first + Math.imul(i, step)) >>> 0) % size);
}

/** FNV-1a over the code units, with the last steps of MurmurHash3. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
