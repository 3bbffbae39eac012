import { formatReader } from './compile';
import { ANY_DIGIT, inScript, scriptOf } from './digits';
import type { Format } from './format';
import { isMissingWord } from './missing';
import { CLOCK_FORMATS, SECONDS_FORMATS } from './durations';
import { type Affixes, numberFormats, PERCENTS, SIGNS } from './numbers';
import { TEXT_FORMATS } from './texts';
import { isFarTime, timeInScript, TIME_FORMATS } from './times';

/** Of the texts, those that a format must read to be looked at; what the others are is for the caller to judge. */
const LIKELY = 0.9;
/** Characters of a currency or unit. */
const AFFIX_MAX = 6;

const CURRENCIES = new Set(
  (
    'usd eur gbp chf jpy cny rmb inr cad aud nzd sek nok dkk isk pln czk huf ron bgn uah brl mxn ars clp cop pen zar rub try ils aed sar egp ' +
    'krw hkd sgd twd thb php idr myr vnd pkr bdt ngn kes rs rs. r$ kr kr. z\u0142 fr. sfr. us$ c$ a$ hk$ nt$ s$ nz$ mx$ s/ tl k\u010d ft lei ' +
    'rp rm \u0440\u0443\u0431 \u0440\u0443\u0431. \u0440. \u0433\u0440\u043d \u0433\u0440\u043d. \u043b\u0432 \u043b\u0432. \u0631.\u0633 \u0631.\u0633. \u062f.\u0625 \u062f.\u0625. \u062c.\u0645 \u062c.\u0645. ' +
    '\u5143 \u5186 \u5706 \uc6d0 \u0111'
  ).split(' '),
);
const UNITS = new Set(
  (
    'kg g mg \u00b5g \u03bcg ng t lb lbs oz \u2113 km m dm cm mm \u00b5m \u03bcm nm mi ft in yd l ml cl dl hl gal \u00b5l \u03bcl s sec secs ms min mins h hr hrs d day days ' +
    'week weeks wk month months mo year years yr yrs y tage tag jahre jahr std std. ans an jours \u00b0c \u00b0f \u00b0k \u2103 \u2109 \u00b0 \u00ba k c f bpm mmhg kpa hpa pa bar mbar psi v mv kv a ma w kw mw gw kwh mwh gwh va kva ' +
    'wh ah mah hz khz mhz ghz b kb mb gb tb kib mib gib tib bit bits px m2 m^2 m\u00b2 cm2 cm\u00b2 mm\u00b2 km2 km\u00b2 qm sqm m3 m^3 m\u00b3 cm3 cm\u00b3 cc ha acres km/h kmh kph km\u00b2 mph m/s m/s\u00b2 kn knots ' +
    'ft2 ft\u00b2 sqft sq_ft mg/dl mg/l \u00b5g/l \u03bcg/l ng/ml mmol/l g/dl g/l g/kg mg/kg kg/m\u00b3 g/cm\u00b3 u/l iu iu/l kg/m2 kg/m\u00b2 l/min ppm ppb db dba dbm lux lx lm cal kcal j kj mj n kn nm rpm ' +
    'ohm \u03c9 \u2126 k\u03c9 \u00b5s/cm pcs pc stk st\u00fcck x pts pt \u4eba \u5c81 \u6b73 \u516c\u65a4 \u5343\u514b \u514b \u7c73 \u516c\u91cc \u5206 \u79d2 \u5929 \u5e74 \u4e2a \u4ef6 \u5ea6 \u540d \u500b \u56de \u672c \ud68c \uba85 ' +
    '\u043a\u0433 \u0433 \u0441\u043c \u043c\u043c \u043a\u043c \u043b \u043a\u043c/\u0447 \u043b\u0435\u0442 \u043c\u00b2 \u0448\u0442 \u0448\u0442.'
  )
    .split(' ')
    .map((unit) => unit.replace('_', ' ')),
);

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
  const others = [...CLOCK_FORMATS, ...SECONDS_FORMATS];
  const all = [
    ...numberFormats(affixesOf(present), script),
    ...(script ? TIME_FORMATS.map((format) => timeInScript(format, script)) : TIME_FORMATS),
    ...(script ? others.map((format) => inScript(format, script)) : others),
    ...TEXT_FORMATS,
  ];
  return all.filter((format) => {
    const read = formatReader(format);
    return cellCount(present, (text) => read(text) !== undefined) >= share * cellCount(present);
  });
}

/** How many cells have a text that is so. */
const cellCount = (sample: readonly SampledText[], is = (_text: string): boolean => true): number =>
  sample.reduce((sum, { text, count }) => (is(text) ? sum + count : sum), 0);

/** The format of nine in ten cells whose numbers have something around them that is no currency and no unit that is known. */
export function unknownUnit(sample: readonly SampledText[]): Format | null {
  const present = sample.filter(({ text }) => !isMissingWord(text));
  const [before, behind] = [BEFORE_DIGIT, BEHIND].map((place) =>
    mostFrequent(present, (text) => place.exec(text)?.[1]),
  );
  if (!before && !(behind && isApart(behind, present))) return null;
  if (![before, behind].every((affix) => /^[\p{L}\p{M}\p{Sc}°²³/. ]*$/u.test(affix))) return null;
  // Letters right before a whole number are a code, such as M14860.
  const isAmount = (text: string) => AMOUNT.test(text);
  if (!behind && !present.some(({ text }) => isAmount(text))) return null;
  const script = present.map(({ text }) => scriptOf(text)).find((each) => each !== null) ?? null;
  const formats = numberFormats({ before, behind }, script);
  const read = (format: Format) => {
    const reader = formatReader(format);
    return cellCount(present, (text) => reader(text) !== undefined);
  };
  return formats.find((format) => read(format) >= LIKELY * cellCount(present)) ?? null;
}

const BEFORE_DIGIT = new RegExp(`^([^${ANY_DIGIT}(.,${SIGNS}][^${ANY_DIGIT}(,${SIGNS}]{0,7})[${ANY_DIGIT}]`, 'u');
/** A fraction, thousands, or a blank before the digits. */
const AMOUNT = new RegExp(`[${ANY_DIGIT}][.,'\u2019\u066b\u066c][${ANY_DIGIT}]|\\s[${ANY_DIGIT}]`, 'u');

const YEAR = /(?:^|[^0-9])(?:1[89]|20)[0-9]{2}(?:[^0-9]|$)/;
const CLOCK = /(?:^|[^0-9])[0-2]?[0-9]:[0-5][0-9](?:[^0-9]|$)/;
const TIME_LENGTH_MAX = 40;

/** Nine in ten cells have a year of these centuries or a time of day beside other numbers, with few different words around them. */
export function looksLikeTimes(sample: readonly SampledText[]): boolean {
  const present = sample.filter(({ text }) => !isMissingWord(text));
  const isLike = (text: string) =>
    text.length <= TIME_LENGTH_MAX && (YEAR.test(text) || CLOCK.test(text)) && /[0-9][^0-9]+[0-9]/.test(text);
  const words = new Set(present.map(({ text }) => text.replace(/[0-9]+/g, '0')));
  if (present.length === 0 || words.size > Math.max(3, present.length / 2)) return false;
  return cellCount(present, isLike) >= LIKELY * cellCount(present);
}

/** What stands before and behind most numbers, where it is a currency or a unit that is known. */
function affixesOf(sample: readonly SampledText[]): Affixes {
  const before = mostFrequent(sample, (text) => BEFORE.exec(text)?.[1]);
  const behind = mostFrequent(sample, (text) => BEHIND.exec(text)?.[1]);
  // Some in one currency and some in another are no numbers of one scale.
  if (isCurrency(before) && isCurrency(behind)) return { before: '', behind: '' };
  return {
    before: isCurrency(before) || isPercent(before) ? before : '',
    behind: (isUnit(behind) && isApart(behind, sample)) || isCurrency(behind) || isPercent(behind) ? behind : '',
  };
}

const BEFORE = new RegExp(`^[(${SIGNS}]?([^${ANY_DIGIT}(.,${SIGNS}][^${ANY_DIGIT}(,${SIGNS}]{0,7})`, 'u');
/** Besides point and comma: what stands within numbers. */
const WITHIN = "'\u2019\u066b\u066c\uff0c\uff0e";
/** A unit may hold a digit, such as m2; it does not begin with one. */
const BEHIND = new RegExp(`[${ANY_DIGIT}.,]\\s?([^${ANY_DIGIT}\\s.,()${WITHIN}${SIGNS}][^)]{0,7}?)[)-]?$`, 'u');

/** A single letter right behind a number is a part of a code, such as a seat 12A; a unit stands apart. */
const isApart = (unit: string, sample: readonly SampledText[]): boolean =>
  !/^[A-Za-z]$/.test(unit) ||
  cellCount(sample, (text) => /[0-9][\u00a0\u2009\u202f ][A-Za-z]/.test(text)) > cellCount(sample) / 2;

const isCurrency = (text: string): boolean => /^\p{Sc}$/u.test(text) || CURRENCIES.has(text.toLowerCase());
const isPercent = (text: string): boolean => text !== '' && PERCENTS.includes(text);
const isUnit = (text: string): boolean => UNITS.has(text.toLowerCase());

function mostFrequent(sample: readonly SampledText[], affixOf: (text: string) => string | undefined): string {
  const counts = new Map<string, number>();
  for (const { text, count } of sample) {
    const affix = affixOf(text)?.trim();
    if (affix && affix.length <= AFFIX_MAX) counts.set(affix, (counts.get(affix) ?? 0) + count);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most && most[1] >= cellCount(sample) / 2 ? most[0] : '';
}
