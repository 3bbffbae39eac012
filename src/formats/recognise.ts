import { formatReader, matchesSql } from './compile';
import { ANY_DIGIT, inScript, scriptOf } from './cells/digits';
import { type Format, quoted } from './format';
import { isMissingWord } from './cells/missing';
import { CLOCK_FORMATS, SECONDS_FORMATS, WORDED_DURATION } from './cells/durations';
import { type Affixes, numberFormats, SIGNS } from './cells/numbers';
import { TEXT_FORMATS } from './cells/texts';
import { isFarTime, timeInScript, TIME_FORMATS } from './cells/times';
import { AFFIX_MAX, isCurrency, isPercent, isUnit, SPELLINGS_MAX, unitMeant } from './cells/units';

/** Of the texts, those that a format must read to be looked at; what the others are is for the caller to judge. */
const LIKELY = 0.9;
/** A text of a column in its normal form, and how often it stands there. */
export interface SampledText {
  text: string;
  count: number;
}

/**
 * The formats that so many of the cells of a column may have, likely ones first. Words for missing and far times are not
 * looked at.
 */
export function likelyFormats(sample: readonly SampledText[], share = LIKELY): Format[] {
  const present = sample.filter(({ text }) => !isMissingWord(text) && !isFarTime(text));
  if (present.length === 0) return [];
  const script = present.map(({ text }) => scriptOf(text)).find((each) => each !== null) ?? null;
  const numbers = numberFormats(affixesOf(present), script);
  const adapted = (format: Format) => (script ? inScript(format, script) : format);
  const worded = adapted(WORDED_DURATION);
  const others = [...CLOCK_FORMATS, ...SECONDS_FORMATS.filter((format) => format !== WORDED_DURATION)];
  const all = [
    ...numbers,
    ...(script ? TIME_FORMATS.map((format) => timeInScript(format, script)) : TIME_FORMATS),
    ...others.map(adapted),
    worded,
    ...TEXT_FORMATS,
  ];
  const counts = new Map(all.map((format) => [format, readCount(present, format)]));
  const measured = Math.max(...numbers.map((format) => counts.get(format)!));
  const isWorded = present.some(({ text }) => WITH_WORDS.test(text));
  return all.filter((format) => {
    const count = counts.get(format)!;
    // Durations in words are numbers with a unit where these read as many.
    if (format === worded && (!isWorded || count <= measured)) return false;
    return count >= share * cellCount(present);
  });
}

const readCount = (sample: readonly SampledText[], format: Format): number => {
  const read = formatReader(format);
  return cellCount(sample, (text) => read(text) !== undefined);
};

/** A unit of several letters, or apart from its number, or a second number behind it: 12H alone is a code. */
const WITH_WORDS = new RegExp(`[${ANY_DIGIT}](?:\\p{L}{2}|\\s\\p{L}|\\p{L}+[, ]*(?:and )?[${ANY_DIGIT}])`, 'u');

/** How many cells have a text that is so. */
const cellCount = (sample: readonly SampledText[], is = (_text: string): boolean => true): number =>
  sample.reduce((sum, { text, count }) => (is(text) ? sum + count : sum), 0);

/** The format of nine in ten cells whose numbers have something around them that is no currency and no unit that is known. */
export function unknownUnit(sample: readonly SampledText[]): Format | null {
  const present = sample.filter(({ text }) => !isMissingWord(text));
  const [before, behind] = [BEFORE_DIGIT, BEHIND].map((place) => spellings(present, place)[0] ?? '');
  if (!before && !(behind && isApart(behind, present))) return null;
  if (![before, behind].every((affix) => /^[\p{L}\p{M}\p{Sc}°²³/. ]*$/u.test(affix))) return null;
  // Letters right before a whole number are a code, such as M14860.
  const isAmount = (text: string) => AMOUNT.test(text);
  if (!behind && !present.some(({ text }) => isAmount(text))) return null;
  const script = present.map(({ text }) => scriptOf(text)).find((each) => each !== null) ?? null;
  const formats = numberFormats({ before, behind }, script);
  return formats.find((format) => readCount(present, format) >= LIKELY * cellCount(present)) ?? null;
}

/** The currencies that the amounts of a column are in, the most frequent first; none unless nine in ten cells name one. */
export function currenciesOf(sample: readonly SampledText[]): string[] {
  const present = sample.filter(({ text }) => !isMissingWord(text));
  const cells = new Map<string, number>();
  for (const { text, count } of present) {
    const currency = [BEFORE, BEHIND].map((place) => place.exec(text)?.[1]?.trim() ?? '').find(isCurrency);
    if (!currency) continue;
    const name = currency.toUpperCase().replace(/\.$/, '');
    cells.set(name, (cells.get(name) ?? 0) + count);
  }
  const named = [...cells.values()].reduce((sum, count) => sum + count, 0);
  if (named < LIKELY * cellCount(present)) return [];
  return [...cells].sort(([, a], [, b]) => b - a).map(([currency]) => currency);
}

/** Whether a text is an amount in one of these currencies. */
export const amountSql = (text: string, currencies: readonly string[]): string =>
  matchesSql({ pattern: `${NO_WORD}(?:${currencies.map(quoted).join('|')})${NO_WORD}` }, text);

const NO_WORD = '[^\\p{L}\\p{Sc}]*';

const BEFORE_DIGIT = new RegExp(`^([^${ANY_DIGIT}(.,${SIGNS}][^${ANY_DIGIT}(,${SIGNS}]{0,7})[${ANY_DIGIT}]`, 'u');
/** A fraction, thousands, or a blank before the digits. */
const AMOUNT = new RegExp(`[${ANY_DIGIT}][.,'\u2019\u066b\u066c][${ANY_DIGIT}]|\\s[${ANY_DIGIT}]`, 'u');

const YEAR_OR_CLOCK = '(?:^|[^0-9])(?:(?:1[89]|20)[0-9]{2}|[0-2]?[0-9][:h][0-5][0-9])(?:[^0-9]|$)';
const NUMBERS_APART = '[0-9][^0-9]+[0-9]';
const TIME_LENGTH_MAX = 40;
/** The same for each text of a column. */
export const looksLikeTimeSql = (text: string): string =>
  `(length(${text}) <= ${TIME_LENGTH_MAX} AND regexp_matches(${text}, '${YEAR_OR_CLOCK}') AND regexp_matches(${text}, '${NUMBERS_APART}'))`;

const [YEAR_OR_CLOCK_IN, NUMBERS_APART_IN] = [new RegExp(YEAR_OR_CLOCK), new RegExp(NUMBERS_APART)];

/** Nine in ten cells have a year of these centuries or a time of day beside other numbers, with few different words around them. */
export function looksLikeTimes(sample: readonly SampledText[]): boolean {
  const present = sample.filter(({ text }) => !isMissingWord(text));
  const isLike = (text: string) =>
    text.length <= TIME_LENGTH_MAX && YEAR_OR_CLOCK_IN.test(text) && NUMBERS_APART_IN.test(text);
  const words = new Set(present.map(({ text }) => text.replace(/[0-9]+/g, '0')));
  if (present.length === 0 || words.size > Math.max(3, present.length / 2)) return false;
  return cellCount(present, isLike) >= LIKELY * cellCount(present);
}

/** What stands before and behind most numbers, where it is a currency or a unit that is known. */
function affixesOf(sample: readonly SampledText[]): Affixes {
  const [before = ''] = spellings(sample, BEFORE);
  const [behind = '', ...others] = spellings(sample, BEHIND);
  // Some in one currency and some in another are no numbers of one scale.
  if (isCurrency(before) && isCurrency(behind)) return { before: '', behind: '' };
  const isMeasured = isKnownUnit(behind, sample);
  return {
    before: isCurrency(before) || isPercent(before) ? before : '',
    behind: isMeasured || isCurrency(behind) || isPercent(behind) ? behind : '',
    also: isMeasured ? others.filter((other) => unitMeant(other) === unitMeant(behind)) : [],
  };
}

/** The spellings of what seems to be one unit, but for the case of letters, where these mean several; the most frequent one first. */
export function unitsByCase(sample: readonly SampledText[]): string[] {
  const present = sample.filter(({ text }) => !isMissingWord(text));
  const found = spellings(present, BEHIND);
  const isMixed = found.length > 1 && isKnownUnit(found[0], present) && !isCurrency(found[0]);
  return isMixed && new Set(found.map(unitMeant)).size > 1 ? found : [];
}

const isKnownUnit = (text: string, sample: readonly SampledText[]): boolean => isUnit(text) && isApart(text, sample);

const BEFORE = new RegExp(`^[(${SIGNS}]?([^${ANY_DIGIT}(.,${SIGNS}][^${ANY_DIGIT}(,${SIGNS}]{0,7})`, 'u');
/** Besides point and comma: what stands within numbers. */
const WITHIN = "'\u2019\u066b\u066c\uff0c\uff0e";
/** A unit may hold a digit, such as m2; it does not begin with one. */
const BEHIND = new RegExp(`[${ANY_DIGIT}.,]\\s?([^${ANY_DIGIT}\\s.,()${WITHIN}${SIGNS}][^)]{0,7}?)[)-]?$`, 'u');

/** A single letter right behind a number is a part of a code, such as a seat 12A; a unit stands apart. */
const isApart = (unit: string, sample: readonly SampledText[]): boolean =>
  !/^[A-Za-z]$/.test(unit) ||
  cellCount(sample, (text) => /[0-9][\u00a0\u2009\u202f ][A-Za-z]/.test(text)) > cellCount(sample) / 2;

/** What stands in a place of half of the cells at least, in whatever case of letters; how it is spelt most often comes first. */
function spellings(sample: readonly SampledText[], place: RegExp): string[] {
  const groups = new Map<string, Map<string, number>>();
  for (const { text, count } of sample) {
    const affix = place.exec(text)?.[1]?.trim();
    if (!affix || affix.length > AFFIX_MAX) continue;
    const group = groups.get(affix.toLowerCase()) ?? new Map<string, number>();
    groups.set(affix.toLowerCase(), group.set(affix, (group.get(affix) ?? 0) + count));
  }
  const total = (group: Map<string, number>) => [...group.values()].reduce((sum, count) => sum + count, 0);
  const [most = new Map<string, number>()] = [...groups.values()].sort((a, b) => total(b) - total(a));
  if (total(most) < cellCount(sample) / 2) return [];
  const ordered = [...most].sort(([, a], [, b]) => b - a).map(([spelling]) => spelling);
  return ordered.slice(0, SPELLINGS_MAX);
}
