import { either, type Format, quoted, replace, type Rewrite } from './format';

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
const WIDE = { from: '０１２３４５６７８９．，－＋', to: '0123456789.,-+' };
const MINUS = '\u2212';
const SIGN = `[+${MINUS}-]`;
const GAP = `[${BLANKS}]?`;

/** What stands around all numbers of a column: a currency, a unit. */
export interface Affixes {
  before: string;
  behind: string;
}

interface Writing extends Affixes {
  style: Style;
  wide: boolean;
}

/** The formats of numbers that texts may have, by what stands around them and what they are made of. */
export function numberFormats(affixes: Affixes, wide: boolean): Format[] {
  return STYLES.map((style) => numberFormat({ ...affixes, style, wide }));
}

/** Digits and a decimal point, as programs write them. */
export const PLAIN_NUMBER: Format = {
  kind: 'number',
  name: STYLES[0].name,
  pattern: `[+-]?${bodyOf(STYLES[0])}`,
  rewrites: [],
};

function numberFormat({ before, behind, style, wide }: Writing): Format {
  const front = before ? `(?:${quoted(before)}${GAP})?` : '';
  const back = behind ? `(?:${GAP}${quoted(behind)})${behind === '%' ? '' : '?'}` : '';
  const body = bodyOf(style);
  const ascii = either(
    `${SIGN}?${GAP}${front}${SIGN}?${body}${back}`,
    `${front}${body}${back}-`,
    `\\(${front}${body}${back}\\)`,
  );
  const names = [
    style.name,
    before && `${before} before it`,
    behind && `${behind} behind it`,
    wide && 'full-width digits',
  ];
  return {
    kind: 'number',
    name: names.filter(Boolean).join(', '),
    convention: `decimal ${style.decimal}`,
    pattern: wide ? widened(ascii) : ascii,
    rewrites: [...(wide ? [{ do: 'map' as const, ...WIDE }] : []), ...rewritesOf({ before, behind }, style)],
  };
}

function bodyOf({ decimal, groups, pairs }: Style): string {
  const point = `[${decimal}]`;
  const fraction = `(?:${point}${DIGITS}${decimal === '.' ? '*' : '+'})?`;
  const exponent = `(?:[eE][+-]?${DIGITS}+)?`;
  const leading = `${point}${DIGITS}+`;
  const plain = either(`${DIGITS}+${fraction}`, leading);
  if (!groups) return `${plain}${exponent}`;
  const grouped = [...groups].map((sign) => {
    const group = `[${sign}]`;
    return pairs
      ? `${FIRST}${DIGITS}?(?:${group}${DIGITS}{2})*${group}${DIGITS}{3}`
      : `${FIRST}${DIGITS}{0,2}(?:${group}${DIGITS}{3})+`;
  });
  return `${either(`${either(...grouped)}${fraction}`, plain)}${exponent}`;
}

function rewritesOf({ before, behind }: Affixes, { decimal, groups }: Style): Rewrite[] {
  const drop = (what: string): Rewrite => replace(what, '');
  return [
    ...(before ? [drop(quoted(before))] : []),
    ...(behind ? [drop(quoted(behind))] : []),
    // A blank may stand on either side of a sign or what was dropped.
    drop(`[${BLANKS}${groups}]`),
    replace('^\\((.*)\\)$', '-$1'),
    replace('^(.*)-$', '-$1'),
    { do: 'map', from: `${MINUS}${decimal === ',' ? ',' : ''}`, to: `-${decimal === ',' ? '.' : ''}` },
  ];
}

/** The same pattern over full-width characters as well. */
function widened(pattern: string): string {
  return pattern
    .replaceAll(DIGITS, '[0-9０-９]')
    .replaceAll(FIRST, '[1-9１-９]')
    .replaceAll('[.]', '[.．]')
    .replaceAll('[,]', '[,，]')
    .replaceAll(SIGN, `[+${MINUS}＋－-]`);
}
