/**
 * What stands around a value and carries nothing: white space of Unicode, characters without a width, marks of direction
 * and of byte order.
 */
const AROUND =
  '\t\n\v\f\r \u0085\u00a0\u00ad\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff';

const ENDS = new RegExp(`^[${AROUND}]+|[${AROUND}]+$`, 'gu');

/** The form in which texts are compared: composed (NFC), without what carries nothing around it. */
export const normalText = (text: string): string => text.normalize('NFC').replace(ENDS, '');

/** The same as an expression; NULL when nothing is left. */
export const normalTextSql = (expression: string): string =>
  `nullif(trim(nfc_normalize(${expression}), '${AROUND}'), '')`;
