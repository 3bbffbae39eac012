import { shown } from '../../formats';
import { faultAt } from './expression';

export interface Token {
  kind: 'number' | 'text' | 'column' | 'word' | 'sign' | 'end';
  /** Of a text or a quoted column, what stands between the quotes. */
  text: string;
  /** Index of its first character. */
  at: number;
}

export const CHARACTERS_MAX = 5_000;

const BLANK = /[\s\u200b\ufeff]+/uy;
const NUMBER = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_]*/uy;
const SIGN = /<=|>=|==|!=|<>|[-+*/%^()<>=,]/y;

const QUOTES: Record<string, 'text' | 'column'> = { '"': 'text', "'": 'text', '`': 'column' };
/** Signs of other languages, and what stands for them here. */
const FOREIGN: Record<string, string> = { '&': 'and', '|': 'or', '!': 'not', '“': '"', '”': '"', '‘': "'", '’': "'" };

/** The words and signs of an expression; the last one is the end. In time linear in the length. */
export function tokensOf(text: string): Token[] {
  if (text.length > CHARACTERS_MAX) {
    throw faultAt(
      text,
      CHARACTERS_MAX,
      `an expression has at most ${CHARACTERS_MAX} characters`,
      'divide it into several steps',
    );
  }
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  while (at < text.length) {
    const blank = match(BLANK);
    if (blank !== null) {
      at += blank.length;
      continue;
    }
    const token = quotedToken(text, at) ?? plainToken(match);
    if (!token) throw unknownCharacter(text, at);
    tokens.push({ kind: token.kind, text: token.text, at });
    at += token.length;
  }
  return [...tokens, { kind: 'end', text: '', at }];
}

function plainToken(match: (pattern: RegExp) => string | null): (Omit<Token, 'at'> & { length: number }) | null {
  const kinds = [
    ['number', NUMBER],
    ['word', WORD],
    ['sign', SIGN],
  ] as const;
  for (const [kind, pattern] of kinds) {
    const text = match(pattern);
    if (text !== null) return { kind, text, length: text.length };
  }
  return null;
}

/** A quote within quotes is written twice. */
function quotedToken(text: string, at: number): (Omit<Token, 'at'> & { length: number }) | null {
  const quote = text[at];
  const kind = QUOTES[quote];
  if (!kind) return null;
  let end = at + 1;
  for (;;) {
    end = text.indexOf(quote, end);
    if (end < 0) throw faultAt(text, at, `this ${kind} does not end`, `close it with ${quote}`);
    if (text[end + 1] !== quote) break;
    end += 2;
  }
  const inside = text.slice(at + 1, end).replaceAll(quote + quote, quote);
  if (inside === '') throw faultAt(text, at, `this ${kind} is empty`, EMPTY[kind]);
  return { kind, text: inside, length: end + 1 - at };
}

const EMPTY = {
  text: 'an empty text is a missing value: write isMissing(…)',
  column: 'write the name of a column between the back-ticks',
};

function unknownCharacter(text: string, at: number): Error {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  const narrow = character.normalize('NFKC');
  const other = FOREIGN[character] ?? (narrow === character ? undefined : narrow);
  const hint =
    other === undefined
      ? 'a column whose name has other characters than letters, digits and _ stands in back-ticks: `a name`'
      : `write ${other}`;
  return faultAt(text, at, `${shown(character)} has no meaning here`, hint);
}
