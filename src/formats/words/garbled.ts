import { sqlText } from '../compile';
import { either, quoted } from '../format';

/** Texts in UTF-8 that some program has taken for another encoding, and written so. */

/** An encoding that a program may take UTF-8 for, and what a text was before that, as far as it must be to be told. */
interface Wrong {
  encoding: string;
  /** Bytes of one character of it. */
  width: 1 | 2;
  /** Characters of the bytes from 0x80 on where Node decodes others; a blank where there is none. */
  signs?: string;
  /** Of the whole text that comes out. */
  plausible: RegExp;
}

/** Letters, signs and pictures that people write; what chance makes of other texts is mostly rare letters. */
const COMMON =
  /^[\x20-\x7e\u00a0-\u017f\u0192\u0218-\u021b\u0300-\u036f\u0370-\u03ff\u0400-\u045f\u0490-\u0493\u0590-\u06ff\u0900-\u0dff\u0e00-\u0eff\u10a0-\u10ff\u1e00-\u1eff\u2010-\u2027\u2030-\u2049\u20a0-\u20bf\u2100-\u22ff\u2460-\u26ff\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef\ufffd\u{1f300}-\u{1faff}]*$/u;
/** Of encodings whose characters have two bytes, as many texts are right in both. */
const EAST_ASIAN = /^[\x20-\x7e\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef\ufffd]*$/u;

/** Of windows-1252, bytes 0x80 to 0x9f; a blank where it has none. Node decodes these as ISO 8859-1 does. */
const WINDOWS_1252 =
  '\u20ac \u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152 \u017d  \u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153 \u017e\u0178';

const WRONG: readonly Wrong[] = [
  { encoding: 'windows-1252', width: 1, signs: WINDOWS_1252, plausible: COMMON },
  { encoding: 'windows-1251', width: 1, plausible: COMMON },
  { encoding: 'windows-1250', width: 1, plausible: COMMON },
  { encoding: 'macintosh', width: 1, plausible: COMMON },
  { encoding: 'gbk', width: 2, plausible: EAST_ASIAN },
  { encoding: 'shift_jis', width: 2, plausible: EAST_ASIAN },
];

const ROUNDS_MAX = 3;
export const REPLACEMENT = '\ufffd';

/** By character, the bytes that an encoding has for it; ASCII is the same in all. */
type Bytes = ReadonlyMap<string, readonly number[]>;

interface Table extends Pick<Wrong, 'plausible'> {
  bytes: Bytes;
}

/** Made when the first text is looked at: most processes look at none. */
const tables = once((): Table[] => WRONG.map((wrong) => ({ plausible: wrong.plausible, bytes: bytesOf(wrong) })));

function once<T>(make: () => T): () => T {
  let first: { value: T } | null = null;
  return () => (first ??= { value: make() }).value;
}

function bytesOf({ encoding, width, signs = '' }: Wrong): Bytes {
  const decoder = new TextDecoder(encoding);
  const found = new Map<string, readonly number[]>();
  Array.from(signs).forEach((sign, at) => sign > ' ' && found.set(sign, [0x80 + at]));
  for (let first = 0x80; first <= 0xff; first++) {
    const single = decoder.decode(Uint8Array.of(first));
    if (Array.from(single).length === 1 && single > '\u009f' && single !== REPLACEMENT) found.set(single, [first]);
    for (let second = 0x40; width === 2 && second <= 0xff; second++) {
      const text = decoder.decode(Uint8Array.of(first, second));
      if (Array.from(text).length === 1 && text !== REPLACEMENT) found.set(text, [first, second]);
    }
  }
  return found;
}

/** What a text was before a program took its UTF-8 for another encoding; null where it does not look so. */
export function ungarbled(text: string): string | null {
  let found: string | null = null;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = tables()
      .map((table) => decoded(found ?? text, table))
      .find((each) => each !== null);
    if (before === undefined || before === null) break;
    found = before;
  }
  return found;
}

function decoded(text: string, { bytes, plausible }: Table): string | null {
  const encoded: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    // The bytes that an encoding does not know are often kept as control characters.
    const found = code < 0x80 || (code < 0xa0 && !bytes.has(character)) ? [code] : bytes.get(character);
    if (!found) return null;
    encoded.push(...found);
  }
  try {
    // What looks like a blank at the end of a text may have been trimmed.
    const before = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(encoded), { stream: true });
    const isOther = /[^\0-\x7f]/.test(before);
    return isOther && plausible.test(before) ? before : null;
  } catch {
    return null;
  }
}

/** Bytes that begin a character of two bytes or more in UTF-8, those that begin one of three, and those behind them. */
const [LEADS, EAST_ASIAN_LEADS, TAILS] = [range(0xc2, 0xf4), range(0xe3, 0xef), range(0x80, 0xbf)];

function range(low: number, high: number): (byte: number) => boolean {
  return (byte) => byte >= low && byte <= high;
}

/** What every text that `ungarbled` reads has somewhere, but for few, and few others have. */
const candidate = once(() => either(...tables().map(candidateOf)));

function candidateOf({ bytes }: Table): string {
  const all = [...bytes];
  const pairs = all.filter(([, [first, second]]) => second !== undefined && EAST_ASIAN_LEADS(first) && TAILS(second));
  if (pairs.length > 0) return charactersOf(pairs);
  const [leads, tails] = [LEADS, TAILS].map((is) => charactersOf(all.filter(([, [byte]]) => is(byte))));
  return `${leads}[\u0080-\u009f]|${leads}${tails}`;
}

function charactersOf(found: readonly (readonly [string, unknown])[]): string {
  return `[${found.map(([character]) => quoted(character)).join('')}]`;
}

/** Whether a text is worth to be given to `ungarbled`, or has lost letters. */
export const maybeGarbledSql = (text: string): string =>
  `(strlen(${text}) <> length(${text}) AND (contains(${text}, '${REPLACEMENT}') OR regexp_matches(${text}, ${sqlText(candidate())})))`;
