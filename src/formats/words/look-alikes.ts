import { sqlText } from '../compile';
import { shown } from './text';

/** Letters and digits that look like those of ASCII, in lower case or as capitals, and these. */
const ALIKE: readonly (readonly [string, string])[] = [
  ['\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455', 'abekmhopctyxijs'],
  ['\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7', 'abezhikmnoptyx'],
  [wide(26, 0xff41), 'abcdefghijklmnopqrstuvwxyz'],
  [wide(10, 0xff10), '0123456789'],
];
const FROM = ALIKE.map(([from]) => from).join('');
const TO = ALIKE.map(([, to]) => to).join('');

/** Characters without a width. */
const UNSEEN =
  '\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff';
const BLANKS = '[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000]+';

function wide(count: number, code: number): string {
  return String.fromCodePoint(...Array.from({ length: count }, (_, at) => code + at));
}

/** One text for all that people take for the same: in whatever case and blanks, without what cannot be seen, in letters of ASCII. */
export const alikeSql = (text: string): string =>
  `lower(regexp_replace(CASE WHEN strlen(${text}) = length(${text}) THEN ${text}
     ELSE translate(lower(${text}), ${sqlText(FROM + UNSEEN)}, ${sqlText(TO)}) END, ${sqlText(BLANKS)}, ' ', 'g'))`;

const IN_BLANKS = new RegExp(BLANKS, 'g');
const IN_UNSEEN = new RegExp(`[${UNSEEN}]`, 'g');
const folded = (text: string): string => text.toLowerCase().replace(IN_BLANKS, ' ').replace(IN_UNSEEN, '');

/** Two texts that are taken for the same, quoted so that one sees what tells them apart. */
export function shownApart(first: string, second: string): string[] {
  if (folded(first) === folded(second)) return [shown(first), shown(second)];
  return [first, second].map((text) => shown(text).replace(/./gu, numbered));
}

const numbered = (character: string): string =>
  FROM.includes(character.toLowerCase()) ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character;
