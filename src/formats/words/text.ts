/**
 * What stands around a value and carries nothing: white space of Unicode, blanks of Braille and Hangul, characters without a
 * width, marks of direction and of byte order.
 */
const AROUND =
  '\t\n\v\f\r \u0085\u00a0\u00ad\u034f\u061c\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u2800\u3000\u3164\ufeff\uffa0';

const CODES = new Set(Array.from(AROUND, (character) => character.charCodeAt(0)));

/** The form in which texts are compared: composed (NFC), without what carries nothing around it. */
export function normalText(text: string): string {
  const composed = text.normalize('NFC');
  // A pattern for the end would look at every run of blanks from each of its characters.
  let [start, end] = [0, composed.length];
  while (start < end && CODES.has(composed.charCodeAt(start))) start++;
  while (end > start && CODES.has(composed.charCodeAt(end - 1))) end--;
  return composed.slice(start, end);
}

/**
 * The same as an expression; NULL when nothing is left. Most cells are ASCII and begin and end with something that is seen:
 * these are as they should be. Of the others most need no trimming, and a pattern trims in a tenth of the time that `trim`
 * takes with so many characters.
 */
export const normalTextSql = (expression: string): string =>
  `CASE WHEN strlen(${expression}) = length(${expression}) AND ${expression} >= '!' AND right(${expression}, 1) >= '!'
   THEN ${expression} WHEN NOT regexp_matches(${expression}, '^[${AROUND}]|[${AROUND}]$|^$') THEN nfc_normalize(${expression})
   ELSE nullif(regexp_replace(nfc_normalize(${expression}), '^[${AROUND}]+|[${AROUND}]+$', '', 'g'), '') END`;

/** Blanks other than the common one, and characters without a shape; JSON itself escapes the other control characters. */
const UNSEEN = /[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\x7f-\x9f\u2800]|(?! )\p{Zs}/gu;

const SHOWN_MAX = 80;

/** A text in quotes as JSON has it, with what cannot be seen as its number. */
export const escaped = (text: string): string => JSON.stringify(text).replace(UNSEEN, numbersOf);

/** Lines for a terminal, which must not take what a file holds for its orders. */
export const visible = (lines: string): string => lines.replace(/(?!\n)\p{Cc}/gu, numbersOf).replace(UNSEEN, numbersOf);

const numbersOf = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');

/** Names, cells and classes as they appear in messages: quoted, with what cannot be seen as its number, not longer than a line. */
export function shown(text: string): string {
  const quoted = escaped(text.slice(0, SHOWN_MAX));
  if (text.length <= SHOWN_MAX && quoted.length <= SHOWN_MAX) return quoted;
  // An escape is kept whole or left out.
  const fitting = /^(?:\\u[0-9a-f]{4}|\\[^u]|[^\\])*/.exec(quoted.slice(0, SHOWN_MAX - 4))![0];
  return `${fitting.replace(/[\ud800-\udbff]$/, '')}…"`;
}

/** The same of a value of any kind. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return shown(value);
  const text = (typeof value === 'object' ? JSON.stringify(value) : String(value)).replace(UNSEEN, numbersOf);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text;
}

const LIST_LENGTH_MAX = 240;

/** The same of several, as many as two lines or three hold. */
export function shownList(names: Iterable<string>, countMax = 20): string {
  const listed: string[] = [];
  let length = 0;
  for (const name of names) {
    const text = shown(name);
    length += text.length + 2;
    if (listed.length === countMax || (listed.length > 0 && length > LIST_LENGTH_MAX)) return `${listed.join(', ')}, …`;
    listed.push(text);
  }
  return listed.join(', ');
}
