import type { Format } from '../format';

/** Digits that are no ASCII ones, and the signs that are written with them. */
export interface DigitScript {
  name: string;
  /** From 0 to 9. */
  digits: string;
  /** By the ASCII sign that they stand for, where that divides the fraction, and where it divides thousands. */
  decimal: Readonly<Record<string, string>>;
  groups: Readonly<Record<string, string>>;
  /** By the ASCII sign that they stand for, others that stand between the parts of dates and times. */
  between?: Readonly<Record<string, string>>;
}

const script = (
  name: string,
  zero: number,
  signs: Pick<DigitScript, 'decimal' | 'groups' | 'between'>,
): DigitScript => ({
  name,
  digits: String.fromCodePoint(...Array.from({ length: 10 }, (_, digit) => zero + digit)),
  ...signs,
});

const FULL_WIDTH_SIGNS = { '.': '\uff0e', ',': '\uff0c' };
const FULL_WIDTH_BETWEEN = { '/': '\uff0f', ':': '\uff1a', '-': '\uff0d' };
const ARABIC_SIGNS = { decimal: { '.': '\u066b' }, groups: { ',': '\u066c' } };
const NO_SIGNS = { decimal: {}, groups: {} };

export const DIGIT_SCRIPTS: readonly DigitScript[] = [
  script('full-width digits', 0xff10, {
    ...{ decimal: FULL_WIDTH_SIGNS, groups: FULL_WIDTH_SIGNS, between: FULL_WIDTH_BETWEEN },
  }),
  script('Arabic-Indic digits', 0x660, ARABIC_SIGNS),
  script('Persian digits', 0x6f0, ARABIC_SIGNS),
  script('Devanagari digits', 0x966, NO_SIGNS),
  script('Bengali digits', 0x9e6, NO_SIGNS),
  script('Gujarati digits', 0xae6, NO_SIGNS),
  script('Tamil digits', 0xbe6, NO_SIGNS),
  script('Thai digits', 0xe50, NO_SIGNS),
];

const ALL = DIGIT_SCRIPTS.map(({ digits }) => digits).join('');
/** A digit of any script, as a part of a class in a pattern. */
export const ANY_DIGIT = `0-9${ALL}`;

/** The script of the first digit of a text that is no ASCII one. */
export const scriptOf = (text: string): DigitScript | null =>
  DIGIT_SCRIPTS.find(({ digits }) =>
    [...text].find((character) => ALL.includes(character) && digits.includes(character)),
  ) ?? null;

/**
 * A format that reads the digits of a script as well, and its signs between them. In its pattern each digit stands in a
 * class, and so do signs.
 */
export function inScript(format: Format, { name, digits, decimal, groups, between = {} }: DigitScript): Format {
  const signs: Record<string, string> = { ...decimal, ...groups, ...between };
  return {
    ...format,
    name: `${format.name}, ${name}`,
    pattern: format.pattern
      .replace(
        /\[([0-9])(-?)([0-9]?)\]/g,
        (_, from: string, to: string, end: string) =>
          `[${from}${to}${end}${digits[Number(from)]}${to}${end && digits[Number(end)]}]`,
      )
      .replace(
        /\[([/:.-]+)\]/g,
        (_, signsHere: string) => `[${signsHere}${[...signsHere].map((sign) => signs[sign] ?? '').join('')}]`,
      ),
    rewrites: [
      { do: 'map', from: digits + Object.values(signs).join(''), to: `0123456789${Object.keys(signs).join('')}` },
      ...format.rewrites,
    ],
  };
}
