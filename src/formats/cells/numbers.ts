import { type DigitScript, inScript } from './digits';
import { either, type Format, quoted, replace, type Rewrite } from '../format';
import { isCurrency, isPercent } from './units';

/** How a language writes numbers. */
interface Style {
  name: string;
  decimal: string;
  /** Characters that may stand between groups of digits; one and the same within a number. */
  groups: string;
  /** As in India: the last three digits, then pairs. */
  pairs?: boolean;
}

const BLANKS = ' \u00a0\u2009\u202f';
const APOSTROPHES = "'\u2019";

/** From plain to rare: the first that reads a column as every other that reads it is the one that is named. */
const STYLES: readonly Style[] = [
  { name: 'decimal point', decimal: '.', groups: '' },
  { name: 'decimal comma', decimal: ',', groups: '' },
  { name: 'commas between thousands', decimal: '.', groups: ',' },
  { name: 'points between thousands, decimal comma', decimal: ',', groups: '.' },
  { name: 'blanks between thousands, decimal point', decimal: '.', groups: BLANKS },
  { name: 'blanks between thousands, decimal comma', decimal: ',', groups: BLANKS },
  { name: 'apostrophes between thousands, decimal point', decimal: '.', groups: APOSTROPHES },
  { name: 'apostrophes between thousands, decimal comma', decimal: ',', groups: APOSTROPHES },
  { name: 'commas between lakhs', decimal: '.', groups: ',', pairs: true },
];

const DIGITS = '[0-9]';
/** A number with groups does not begin with 0. */
const FIRST = '[1-9]';
/** What people write for a minus: that of Unicode, a dash, and those of Chinese and Japanese keyboards. */
const MINUSES = '\u2212\u2013\ufe63\uff0d';
export const SIGNS = `+\uff0b${MINUSES}-`;
const SIGN = `[${SIGNS}]`;
const GAP = `[${BLANKS}]?`;
/** Whole amounts of money: 5.- and 1,200/- */
const EVEN_MARK = '[\u2013\u2014-]{1,2}';
const EVEN_TAIL = '/-';

/** What stands around all numbers of a column: a currency, a unit. */
export interface Affixes {
  before: string;
  behind: string;
  /** Other spellings of what stands behind, which differ in the case of letters. */
  also?: readonly string[];
}

interface Writing extends Affixes {
  style: Style;
  script: DigitScript | null;
}

/** The formats of numbers that texts may have, by what stands around them and the digits they are made of. */
export function numberFormats(affixes: Affixes, script: DigitScript | null = null): Format[] {
  return STYLES.map((style) => numberFormat({ ...affixes, style, script }));
}

/** Digits and a decimal point, as programs write them. */
export const PLAIN_NUMBER: Format = {
  kind: 'number',
  name: STYLES[0].name,
  pattern: `[+-]?${bodyOf(STYLES[0], null)}`,
  rewrites: [],
};

function numberFormat({ before, behind, also = [], style, script }: Writing): Format {
  const [prefix, unit] = [wordOf(before), either(...[behind, ...also].map(wordOf))];
  const front = before && affixPattern(before, `${prefix}${GAP}`);
  const back = behind && affixPattern(behind, `${GAP}${unit}`);
  const body = bodyOf(style, script);
  const even = `${body}${either(`[${style.decimal}]${EVEN_MARK}`, EVEN_TAIL)}`;
  const name = [style.name, before && `${before} before it`, behind && `${[behind, ...also].join(OR)} behind it`];
  const format: Format = {
    kind: 'number',
    name: name.filter(Boolean).join(', '),
    convention: `decimal ${style.decimal}`,
    ...(/\p{L}/u.test(before + behind) && { matchesCase: true }),
    pattern: either(
      `${SIGN}?${GAP}${front}${SIGN}?${either(body, even)}${back}`,
      `${front}${body}${back}-`,
      `\\(${front}${body}${back}\\)`,
      ...(front ? [`${front}\\(${body}${back}\\)`] : []),
    ),
    rewrites: [
      ...(before ? [replace(`^([(${BLANKS}${SIGNS}]*)${prefix}`, '$1')] : []),
      ...(behind ? [replace(`${unit}([)-]?)$`, '$1')] : []),
      ...rewritesOf(style),
    ],
  };
  return script ? inScript(format, script) : format;
}

/** Currencies are written in any case; the case of a unit may tell which one it is. */
const wordOf = (affix: string): string => (isCurrency(affix) ? inAnyCase(affix) : quoted(affix));

const inAnyCase = (text: string): string =>
  Array.from(text, (letter) => {
    const [lower, upper] = [letter.toLowerCase(), letter.toUpperCase()];
    return lower === upper ? quoted(letter) : `[${lower}${upper}]`;
  }).join('');

/** Between the spellings of a unit. */
export const OR = ' or ';

const affixPattern = (affix: string, pattern: string): string => `(?:${pattern})${isPercent(affix) ? '' : '?'}`;

function bodyOf({ decimal, groups, pairs }: Style, script: DigitScript | null): string {
  const point = `[${decimal}${script?.decimal[decimal] ?? ''}]`;
  const fraction = `(?:${point}${DIGITS}${decimal === '.' ? '*' : '+'})?`;
  const exponent = `(?:[eE][+-]?${DIGITS}+)?`;
  const leading = `${point}${DIGITS}+`;
  const plain = either(`${DIGITS}+${fraction}`, leading);
  if (!groups) return `${plain}${exponent}`;
  const grouped = [...groups].map((sign) => {
    const group = `[${sign}${script?.groups[sign] ?? ''}]`;
    return pairs
      ? `${FIRST}${DIGITS}?(?:${group}${DIGITS}{2})*${group}${DIGITS}{3}`
      : `${FIRST}${DIGITS}{0,2}(?:${group}${DIGITS}{3})+`;
  });
  // Nobody writes thousands before an exponent: 3,194e7 has a decimal comma.
  return either(`${either(...grouped)}${fraction}`, `${plain}${exponent}`);
}

function rewritesOf({ decimal, groups }: Style): Rewrite[] {
  const drop = (what: string): Rewrite => replace(what, '');
  const comma = decimal === ',';
  return [
    // A blank may stand on either side of a sign or what was dropped.
    drop(`[${BLANKS}${groups}]`),
    drop(`(?:[${decimal}]${EVEN_MARK}|${EVEN_TAIL})$`),
    replace('^\\((.*)\\)$', '-$1'),
    replace('^(.*)-$', '-$1'),
    {
      do: 'map',
      from: `\uff0b${MINUSES}${comma ? ',' : ''}`,
      to: `+${'-'.repeat(MINUSES.length)}${comma ? '.' : ''}`,
    },
  ];
}
