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
 * these are as they should be, and `trim` with a list of characters costs thirty times what it costs to know that.
 */
export const normalTextSql = (expression: string): string =>
  `CASE WHEN strlen(${expression}) = length(${expression}) AND ${expression} >= '!' AND right(${expression}, 1) >= '!'
   THEN ${expression} ELSE nullif(trim(nfc_normalize(${expression}), '${AROUND}'), '') END`;

/** Blanks other than the common one, and characters without a shape. */
const UNSEEN = /[\p{Cf}\p{Zl}\p{Zp}\x7f-\x9f]|(?! )\p{Zs}/gu;

/** Names as they appear in messages: quoted, with what cannot be seen as its number, not longer than a line. */
export function shown(text: string): string {
  const quoted = JSON.stringify(text.slice(0, 80)).replace(
    UNSEEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length > 80 || quoted.length > 80 ? `${quoted.slice(0, 76)}…"` : quoted;
}
