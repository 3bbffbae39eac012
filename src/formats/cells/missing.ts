import { sqlText } from '../compile';
import { either, quoted } from '../format';

/** What people and programs write where a number, a time or a truth is not known; lower case. */
export const MISSING_WORDS: readonly string[] = [
  ...['?', '-', '--', '---', '\u2013', '\u2014', '.', '..', '*'],
  ...['na', 'n/a', 'n.a.', 'n.a', '#n/a', '#n/a n/a', '<na>', 'nan', 'nat', '-nan', '1.#ind', '1.#qnan'],
  ...['null', '\\n', 'none', 'nil', 'missing', 'unknown', '(blank)', '(null)', '(empty)', 'empty', 'undefined'],
  ...['not available', 'not applicable', 'not known', 'n.d.', 'n/d', 'nd', 'k.a.', 'keine angabe', 'unbekannt'],
  ...['inconnu', 'desconocido', 's/d', 's/o', '\u65e0', '\u672a\u77e5', '\u7f3a\u5931', '\u4e0d\u660e', '\u6b20\u640d'],
  ...[
    '\u6682\u65e0',
    '\u4e0d\u8be6',
    '\u672a\u586b',
    '\u306a\u3057',
    '\u4e0d\u8a73',
    '\u672a\u56de\u7b54',
    '\u5f85\u5b9a',
  ],
  ...['н/д', 'н.д.', 'нет данных', 'не указано', 'неизвестно', 'अज्ञात', 'उपलब्ध नहीं', 'लागू नहीं', '없음', '미상'],
  ...['non renseigné', 'sin datos', 'no disponible', 'nicht bekannt', 'nicht verfügbar', 'sem dados', 'brak danych'],
  ...['#div/0!', '#value!', '#ref!', '#num!', '#name?', '#null!', '#spill!', '#calc!'],
  ...['0000-00-00', '0000-00-00 00:00:00', '00/00/0000', '00.00.0000'],
];

const WORDS = new Set(MISSING_WORDS);

export const isMissingWord = (text: string): boolean => WORDS.has(text.toLowerCase());

/** A pattern looks once at a cell, IN once for each of the words. */
export const isMissingWordSql = (expression: string): string =>
  `regexp_full_match(lower(${expression}), ${sqlText(either(...MISSING_WORDS.map(quoted)))})`;
