import { formatReader } from './compile';
import type { Format } from './format';
import { isMissingWord } from './missing';
import { type Affixes, numberFormats } from './numbers';
import { isFarTime, SECONDS_FORMATS, TIME_FORMATS } from './times';

/** Of the texts, those that a format must read to be looked at; what the others are is for the caller to judge. */
const LIKELY = 0.9;
/** Characters of a currency or unit. */
const AFFIX_MAX = 6;

const CURRENCIES = new Set(
  (
    'usd eur gbp chf jpy cny inr cad aud nzd sek nok dkk pln czk huf brl mxn zar rub try krw hkd sgd thb ' +
    'rs rs. r$ kr kr. z\u0142 fr. sfr. us$ c$ a$ hk$ nt$ \u5143 \u5186'
  ).split(' '),
);
const UNITS = new Set(
  (
    '% \u2030 kg g mg \u00b5g \u03bcg t lb lbs oz km m cm mm \u00b5m nm mi ft in yd l ml cl dl gal s sec ms min h hr hrs d day days ' +
    'week weeks month months year years yr yrs y tage jahre ans \u00b0c \u00b0f \u00b0 k c f bpm mmhg kpa hpa pa bar psi v mv kv a ma w kw mw kwh mwh ' +
    'wh hz khz mhz ghz b kb mb gb tb px m2 m\u00b2 m3 m\u00b3 km/h km\u00b2 mph m/s mg/dl mmol/l g/dl u/l iu iu/l ppm ppb db cal kcal j kj n nm rpm pcs stk ' +
    '\u4eba \u5c81 \u516c\u65a4 \u5343\u514b \u7c73'
  ).split(' '),
);

/**
 * The formats that so many of the texts of a column may have, likely ones first. The texts are in their normal form; words
 * for missing and far times are not looked at.
 */
export function likelyFormats(texts: readonly string[], share = LIKELY): Format[] {
  const present = texts.filter((text) => !isMissingWord(text) && !isFarTime(text));
  if (present.length === 0) return [];
  const isWide = present.some((text) => /[\uff10-\uff19]/u.test(text));
  const all = [...numberFormats(affixesOf(present), isWide), ...TIME_FORMATS, ...SECONDS_FORMATS];
  return all.filter((format) => {
    const read = formatReader(format);
    return present.filter((text) => read(text) !== undefined).length >= share * present.length;
  });
}

/** What stands before and behind most numbers, where it is a currency or a unit that is known. */
function affixesOf(texts: readonly string[]): Affixes {
  const before = mostFrequent(
    texts.map((text) => /^[(+\u2212-]?([^0-9\uff10-\uff19(+\u2212.,-]{1,8})/u.exec(text)?.[1]),
  );
  const behind = mostFrequent(
    texts.map((text) => /[0-9\uff10-\uff19.,]([^0-9\uff10-\uff19.,)]{0,3}[^0-9.,)-]{0,8})[)-]?$/u.exec(text)?.[1]),
  );
  // Some in one currency and some in another are no numbers of one scale.
  if (isCurrency(before) && isCurrency(behind)) return { before: '', behind: '' };
  return {
    before: isCurrency(before) ? before : '',
    behind: (UNITS.has(behind.toLowerCase()) && isApart(behind, texts)) || isCurrency(behind) ? behind : '',
  };
}

/** A single letter right behind a number is a part of a code, such as a seat 12A; a unit stands apart. */
const isApart = (unit: string, texts: readonly string[]): boolean =>
  !/^[A-Za-z]$/.test(unit) ||
  texts.filter((text) => /[0-9][\u00a0\u2009\u202f ][A-Za-z]/.test(text)).length > texts.length / 2;

const isCurrency = (text: string): boolean => /^\p{Sc}$/u.test(text) || CURRENCIES.has(text.toLowerCase());

function mostFrequent(found: readonly (string | undefined)[]): string {
  const counts = new Map<string, number>();
  for (const each of found) {
    const affix = each?.trim();
    if (affix && affix.length <= AFFIX_MAX) counts.set(affix, (counts.get(affix) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most && most[1] >= found.length / 2 ? most[0] : '';
}
