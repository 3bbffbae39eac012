import { isMissingWord, matchesSql, type SampledText, sqlText } from '../../../formats';
import type { Duck } from '../../tables/duck';
import { counted, info, shown, warning, type Finding } from '../finding';
import type { RawColumn } from '../columns/infer';
import { RAW_TABLE } from '../raw';
import { isPresentSql } from '../profile/tally';

/** A column is written so when this share of its texts is, plain numbers among them, and this share alone. */
const NEARLY_ALL = 0.9;
const MANY = 0.3;

/** A way to write numbers that people have and programs do not: the column is kept as text, and what it may mean is told. */
interface Writing {
  /** Of a whole cell. */
  pattern: string;
  /** Behind "values such as …". */
  what: string;
  /** What a cell may be, each way in words; nothing where that is plain. */
  meanings?: (cell: string) => string[];
  /** Of cells that are shown first, as people differ in what they mean. */
  doubtful?: string;
  /** Texts of this form mean something else too often for a warning. */
  isMild?: true;
  fix: string;
}

const AMOUNT = '[+-]?\\p{Sc}?[ \u00a0]?[0-9][0-9.,\u00a0 ]*';
const SEND = 'send the file as a new version';

/** Powers of ten, by how a magnitude is written in lower case; several where people differ. */
const MAGNITUDES: readonly (readonly [string, readonly number[]])[] = [
  ['k|thousands?|tsd[.]?|tausend|тыс[.]?|mil', [3]],
  ['m', [6, 3]],
  ['mm|mn|mln[.]?|mio[.]?|million(?:s|en)?|millones|millón|млн[.]?', [6]],
  ['b|bn|mrd[.]?|mia[.]?|milliarden?|млрд[.]?', [9]],
  ['billions?|billones|billón', [9, 12]],
  ['t|tn|trillions?', [12]],
  ['lakhs?|lacs?', [5]],
  ['crores?', [7]],
  ['百万|百萬', [6]],
  ['千万|千萬', [7]],
  ['千', [3]],
  ['万|萬|만', [4]],
  ['亿|億|억', [8]],
  ['兆', [12, 6]],
];
const MAGNITUDE = MAGNITUDES.map(([words]) => words).join('|');
const DOUBTFUL = MAGNITUDES.filter(([, powers]) => powers.length > 1)
  .map(([words]) => words)
  .join('|');
/** What may stand behind a magnitude. */
const UNIT = '(?:\\p{Sc}|元|円|圆|圓|块|원|人|名|usd|eur|inr|руб[.]?)?';

const LETTERS = /[\p{L}]+[.]?/u;
const numberIn = (cell: string): number =>
  Number(
    /[0-9][0-9.,]*/
      .exec(cell)?.[0]
      .replace(/,(?=[0-9]{3})/g, '')
      .replace(',', '.'),
  );

function magnitudesOf(cell: string): string[] {
  const behind = cell.slice(cell.search(/[0-9](?!.*[0-9])/) + 1);
  const word = (LETTERS.exec(behind)?.[0] ?? '').toLowerCase();
  const found = MAGNITUDES.find(([words]) => new RegExp(`^(?:${words})`).test(word) && isWhole(words, word));
  const number = numberIn(cell);
  return (found?.[1] ?? []).map((power) => String(Number(`${number}e${power}`)));
}

/** The longest of the words that a text begins with is all of it, but for a unit. */
const isWhole = (words: string, word: string): boolean => new RegExp(`^(?:${words})${UNIT}$`, 'u').test(word);

const NUMBER = '[+-]?\\p{Sc}?[0-9]+(?:[.,][0-9]+)*(?: ?[%\\p{L}\u00b0]{1,6})?';
const BETWEEN = ' ?(?:-|\u2013|\u2014|~|\uff5e|\u81f3|[.]{2,3}| to | bis | до | à ) ?';
const OPEN = `[<>\u2264\u2265]=? ?${NUMBER}|${NUMBER} ?[+]|(?:under|over|below|above|unter|über|bis|ab) ${NUMBER}|${NUMBER} ?(?:and|or) (?:over|more|older|under|less|above|below)|${NUMBER}(?:以上|以下|未満)`;
const HALVES = '\u00bc\u00bd\u00be\u2150-\u215e';
const CHINESE = '[〇零一二两兩三四五六七八九十百千万萬亿億壹贰貳叁參肆伍陆陸柒捌玖拾佰仟廿卅]+';

const WRITINGS: readonly Writing[] = [
  {
    pattern: `${AMOUNT} ?(?:cr|dr)[.]?`,
    what: 'are amounts with CR or DR behind them, of which nothing says what they mean',
    meanings: (cell) => {
      const number = numberIn(cell);
      const isCredit = /c/i.test(cell);
      return [`${number}`, `${-number}`, ...(isCredit ? [`${number * 1e7} (crore)`] : [])];
    },
    fix: `Write credit and debit as a sign, or in a column of its own, and crores as numbers; then ${SEND}.`,
  },
  {
    pattern: `${AMOUNT}(?:${MAGNITUDE}) ?${UNIT}`,
    what: 'are numbers with a magnitude behind them, such as k for thousand, and M for million or, in finance, thousand',
    meanings: magnitudesOf,
    doubtful: `.*[0-9] ?(?:${DOUBTFUL}) ?${UNIT}`,
    fix: `Write the numbers in full, such as 1500 for 1.5k, or all in one magnitude with its name in that of the column; then ${SEND}.`,
  },
  {
    pattern: `[+-]?(?:[0-9]+[ -])?[0-9]{1,3} ?[/\u2044] ?[0-9]{1,3}|[+-]?[0-9]* ?[${HALVES}]`,
    what: 'are fractions, or dates or scores with a stroke',
    fix: `Write fractions as decimal numbers, such as 3.5 for 3 1/2, dates as 2024-05-17, and the two parts of a score as two columns; then ${SEND}.`,
  },
  {
    pattern: '[+-]?[0-9]+(?:[.,][0-9]+)? ?(?:[x×*·] ?)?10(?:[\\^]|[*]{2})?[({]?[+\u2212-]?[0-9⁰¹²³⁴-⁹⁺⁻]+[)}]?',
    what: 'are powers of ten in full',
    fix: `Write them with an exponent, such as 2.1e3 for 2.1x10^3; then ${SEND}.`,
  },
  {
    pattern: CHINESE,
    what: 'are numbers in Chinese characters, or names',
    fix: `Write them in digits, such as 3000 for 三千; then ${SEND}. Nothing to do when they are names or classes.`,
  },
  {
    pattern: `${NUMBER}${BETWEEN}${NUMBER}|${OPEN}`,
    what: 'look like ranges of numbers',
    isMild: true,
    fix: `Nothing to do when these are classes, or names such as codes. Where their order matters, write the two ends as two columns of numbers, or the middle; then ${SEND}.`,
  },
];

const PLAIN = '[+-]?[0-9]+(?:[.,][0-9]+)*';
/** Nothing but an amount has it: a fraction, a blank, a sign, a currency, a word. */
const CERTAIN = `[.,^*×⁄${HALVES}⁰¹²³⁴-⁹十百千万萬亿億兆拾佰仟]|[0-9][ ]|\\p{Sc}|\\p{L}{2}`;

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'iu');
const IN_SAMPLE = WRITINGS.map((writing) => ({ writing, is: whole(writing.pattern) }));
const IS_PLAIN = whole(PLAIN);

/** Says of a column of texts how nearly all of its numbers are written, where that is in none of the formats. */
export async function writtenNumbers(
  duck: Duck,
  { index, name }: RawColumn,
  sample: readonly SampledText[],
): Promise<Finding | null> {
  const cells = sample.filter(({ text }) => !isMissingWord(text));
  const countOf = (is: (text: string) => boolean) =>
    cells.reduce((sum, { text, count }) => (is(text) ? sum + count : sum), 0);
  const present = countOf(() => true);
  const plain = countOf((text) => IS_PLAIN.test(text));
  const likely = IN_SAMPLE.find(({ is }) => isSo({ count: countOf((text) => is.test(text)), plain, present }));
  if (!likely) return null;
  const seen = await seenOf(duck, `c${index}`, likely.writing);
  return isSo(seen) ? told(name, likely.writing, seen) : null;
}

interface Counts {
  count: number;
  plain: number;
  present: number;
}

const isSo = ({ count, plain, present }: Counts): boolean =>
  count > 0 && count >= MANY * present && count + plain >= NEARLY_ALL * present;

interface Seen extends Counts {
  row: number;
  cell: string;
  /** Amounts for certain. */
  amounts: number;
}

/** Behind all rows of a table. */
const LAST = 1e15;

async function seenOf(duck: Duck, c: string, { pattern, doubtful }: Writing): Promise<Seen> {
  const key = doubtful
    ? `CASE WHEN ${matchesSql({ pattern: doubtful }, c)} THEN place ELSE place + ${LAST} END`
    : 'place';
  return duck.one<Seen>(
    `SELECT count_if(so) AS count, count_if(NOT so AND ${matchesSql({ pattern: PLAIN }, 'v')}) AS plain, count(*) AS present,
       arg_min(place, key) FILTER (so) + 1 AS row, arg_min(v, key) FILTER (so) AS cell,
       count_if(so AND regexp_matches(v, ${sqlText(CERTAIN)})) AS amounts
     FROM (SELECT ${c} AS v, place, ${key} AS key, ${matchesSql({ pattern }, c)} AS so FROM (SELECT ${c}, rowid AS place FROM ${RAW_TABLE})
           WHERE ${isPresentSql(c)})`,
  );
}

function told(name: string, { what, meanings, isMild, fix }: Writing, { count, row, cell, amounts }: Seen): Finding {
  const values = meanings?.(cell) ?? [];
  const as = values.length > 0 ? ` (this one may be ${values.join(' or ')})` : '';
  const tell = isMild || amounts === 0 ? info : warning;
  return tell('NUMBER_FORMAT', {
    ...{ column: name, row, count },
    message: `${shown(name)}: ${counted(count, 'value')} such as ${shown(cell)} in row ${row} ${what}${as}; the column is kept as text.`,
    fix,
  });
}
