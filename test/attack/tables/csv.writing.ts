import type { Random } from '../../support/random';
import { pick, type SmallColumn, type SmallTable } from './small-table';
import { type MomentStyle, momentStyle, momentWriter } from './moments.writing';
import { encoded, type TextStyle, textStyle } from './text.writing';

export interface CsvStyle extends TextStyle {
  /** The line that names the delimiter, as Excel writes and reads it. */
  separatorLine: boolean;
  /** A delimiter at the end of every line. */
  endsDivided: boolean;
  /** A delimiter at the beginning of every line as well, as in lists of SAP and tables of Markdown. */
  beginsDivided: boolean;
  delimiter: string;
  quote: string;
  quoting: 'needed' | 'always' | 'sometimes';
  decimal: '.' | ',';
  /** Numbers with a fraction. */
  number: NumberStyle;
  missing: string;
  truth: readonly [string, string];
  moments: MomentStyle;
  /** Blanks around cells that are not quoted. */
  padding: string;
  /** And around those that are. */
  quotePadding: string;
  /** Texts and names as NFD. */
  decomposed: boolean;
}

interface NumberStyle {
  /** Between thousands, by the decimal sign. */
  groups?: Record<'.' | ',', string>;
  negative?: (size: string) => string;
  before?: string;
  behind?: string;
}

/** As spreadsheets of several countries show numbers; the column has others that leave no doubt. */
const NUMBERS: readonly NumberStyle[] = [
  { groups: { '.': ',', ',': '.' } },
  { groups: { '.': "'", ',': '.' } },
  { groups: { '.': '\u2019', ',': '\u202f' } },
  { groups: { '.': ' ', ',': '\u00a0' } },
  { negative: (size) => `\u2212${size}` },
  { negative: (size) => `(${size})` },
  // As SAP does.
  { negative: (size) => `${size}-`, groups: { '.': ',', ',': '.' } },
  { before: '$' },
  { behind: ' \u20ac' },
  { behind: ' kg' },
  { behind: ' mW' },
  { behind: ' MW' },
  { behind: '\u00b0C' },
  { behind: ' km/h' },
  { behind: '%' },
  { behind: ' USD' },
  { before: 'CHF ' },
  { before: 'Rs. ' },
  { before: '\u00a5', groups: { '.': ',', ',': '.' } },
];

/** Signs that divide fields where a line says so. */
const SAID_DELIMITERS = [',', ';', '\t', '|', '^', '~', '#', ':', '!'];
const MISSING = [
  ...[
    '',
    '',
    '',
    'NA',
    'null',
    'NULL',
    'N/A',
    'NaN',
    'nan',
    '-',
    '.',
    '#N/A',
    '\\N',
    '?',
    'None',
    'n.a.',
    'NaT',
    '<NA>',
  ],
  ...['#DIV/0!', '#VALUE!', '#REF!', '#NULL!', '(null)', '(blank)', 'n.d.', 'Not available', '--'],
];

/** Drawn, but for what is said. */
export function csvStyle(random: Random, fixed: Partial<CsvStyle> = {}): CsvStyle {
  const style = textStyle(random);
  const { separatorLine = random.next() < 0.1 } = fixed;
  const endsDivided = random.next() < 0.1;
  return {
    ...style,
    lineEnds: random.next() < 0.1 ? ['\r'] : style.lineEnds,
    separatorLine,
    endsDivided,
    beginsDivided: endsDivided && random.next() < 0.3,
    delimiter: pick(random, separatorLine ? SAID_DELIMITERS : [',', ';', '\t', '|']),
    ...pick(random, [
      { quote: '"', quoting: 'needed' as const },
      { quote: '"', quoting: 'always' as const },
      { quote: '"', quoting: 'sometimes' as const },
      { quote: "'", quoting: 'always' as const },
    ]),
    decimal: pick(random, ['.', '.', ',']),
    number: random.next() < 0.2 ? pick(random, NUMBERS) : {},
    missing: pick(random, MISSING),
    truth: pick(random, [
      ['true', 'false'],
      ['True', 'False'],
      ['TRUE', 'FALSE'],
    ]),
    moments: momentStyle(random),
    padding: pick(random, ['', '', '', '', ' ', ' ', '  ', '\u00a0', '\u3000', '\u200b']),
    quotePadding: random.next() < 0.1 ? ' ' : '',
    decomposed: random.next() < 0.1,
    ...fixed,
  };
}

/** Of a table with one column: a line without anything is a row, and no delimiter tells that the others stand in texts. */
export const ONE_COLUMN: Partial<CsvStyle> = {
  ...{ delimiter: ',', quote: '"', quoting: 'always', decimal: '.', missing: 'NA', number: {} },
  ...{ separatorLine: false, endsDivided: false, beginsDivided: false, blankLines: false, tail: '\n' },
};

/** A file before it is text: what a fault is put into. */
export interface CsvGrid {
  header: string[];
  rows: string[][];
}

export function csvGrid({ columns, rowCount }: SmallTable, style: CsvStyle): CsvGrid {
  const form = (text: string) => (style.decomposed ? text.normalize('NFD') : text);
  const written = columns.map((column) => cellsOf(column, style).map(form));
  return {
    header: columns.map(({ name }) => form(name)),
    rows: Array.from({ length: rowCount }, (_, row) => written.map((cells) => cells[row])),
  };
}

function cellsOf(column: SmallColumn, style: CsvStyle): string[] {
  const { type, cells } = column;
  const moment = momentWriter(column, style.moments);
  return cells.map((value) => {
    if (value === null) return type === 'TEXT' ? '' : style.missing;
    if (moment) return moment(value);
    if (typeof value === 'boolean') return style.truth[value ? 0 : 1];
    return type === 'NUMBER' ? numberText(value as number, style) : String(value);
  });
}

function numberText(value: number, { decimal, number }: CsvStyle): string {
  const { groups, negative = (size) => `-${size}`, before = '', behind = '' } = number;
  const [whole, fraction] = String(Math.abs(value)).split('.');
  const grouped = groups ? whole.replace(/\B(?=(\d{3})+$)/g, groups[decimal]) : whole;
  const size = `${before}${grouped}${fraction ? decimal + fraction : ''}${behind}`;
  return value < 0 ? negative(size) : size;
}

/** Each line of a file; quoted cells may hold line ends of their own. */
export function csvLines({ header, rows }: CsvGrid, style: CsvStyle): string[] {
  const [first, last] = [style.beginsDivided ? style.delimiter : '', style.endsDivided ? style.delimiter : ''];
  return [header, ...rows].map((cells, line) => {
    const fields = cells.map((cell, column) => csvField(cell, style, (line * 7 + column * 3) % 5 === 0));
    return first + fields.join(style.delimiter) + last;
  });
}

/** The bytes of a file of such lines. */
export const csvBytes = (lines: string[], style: CsvStyle): Buffer =>
  encoded(style.separatorLine ? [`sep=${style.delimiter}`, ...lines] : lines, style);

function csvField(cell: string, style: CsvStyle, chosen: boolean): string {
  const { delimiter, quote, quoting, padding, quotePadding } = style;
  const needs = [delimiter, '"', "'", '\n', '\r', quote].some((sign) => cell.includes(sign));
  if (needs || quoting === 'always' || (quoting === 'sometimes' && chosen))
    return `${quotePadding}${quote}${cell.replaceAll(quote, quote + quote)}${quote}${quotePadding}`;
  return padding + cell + padding;
}
