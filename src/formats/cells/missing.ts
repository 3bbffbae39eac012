import { sqlText } from '../compile';
import { either, quoted } from '../format';

/** What people and programs write where a number, a time or a truth is not known; lower case. */
export const MISSING_WORDS: readonly string[] = [
  ...['?', '-', '--', '---', '\u2013', '\u2014', '.', '..', '*'],
  ...['na', 'n/a', 'n.a.', 'n.a', '#n/a', '#n/a n/a', '<na>', 'nan', 'nat', '-nan', '1.#ind', '1.#qnan'],
  ...['null', '\\n', 'none', 'nil', 'missing', 'unknown', '(blank)', '(null)', '(empty)', 'empty', 'undefined'],
  ...['not available', 'not applicable', 'not known', 'n.d.', 'n/d', 'nd', 'k.a.', 'keine angabe', 'unbekannt'],
  ...['inconnu', 'desconocido', 's/d', 's/o', '\u65e0', '\u672a\u77e5', '\u7f3a\u5931', '\u4e0d\u660e', '\u6b20\u640d'],
  ...['#div/0!', '#value!', '#ref!', '#num!', '#name?', '#null!', '#spill!', '#calc!'],
  ...['0000-00-00', '0000-00-00 00:00:00', '00/00/0000', '00.00.0000'],
];

const WORDS = new Set(MISSING_WORDS);

export const isMissingWord = (text: string): boolean => WORDS.has(text.toLowerCase());

/** A pattern looks once at a cell, IN once for each of the words. */
export const isMissingWordSql = (expression: string): string =>
  `regexp_full_match(lower(${expression}), ${sqlText(either(...MISSING_WORDS.map(quoted)))})`;
