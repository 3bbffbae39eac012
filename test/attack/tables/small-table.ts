import type { ColumnType } from '../../../src/datasets/ingest/columns/infer';
import type { Random } from '../../support/random';

/** As a reading gives it: times and dates are milliseconds since 1970 UTC, times of day and durations seconds. Null is missing. */
export type Value = string | number | boolean | null;

/** Texts are categories where they are few, which the cells tell. */
export type SmallType = Exclude<ColumnType, 'CATEGORY'>;

export const MOMENT_TYPES = ['TIMESTAMP', 'DATE', 'TIME', 'DURATION'] as const satisfies readonly SmallType[];
export type MomentType = (typeof MOMENT_TYPES)[number];

export interface SmallColumn {
  name: string;
  type: SmallType;
  cells: Value[];
}

export interface SmallTable {
  columns: SmallColumn[];
  rowCount: number;
}

const DAY_MS = 86_400_000;
const MISSING_SHARE = 0.1;
/** As texts have the form NFC and nothing around them, reading them changes none. */
const WORDS = [
  ...['red', 'green', 'blue sky', 'x, y', 'a;b', 'one\ttab', 'p|q', 'say "hi"', 'two\nlines', "it's", 'caf\u00e9', '^'],
  ...[
    '\u65e5\u672c',
    'gr\u00f6\u00dfe',
    '\ud83d\ude42 ok',
    '12 b',
    '#7',
    '=SUM(A1)',
    '1-a',
    '{}',
    '[x]',
    'a\\b',
    'end.',
  ],
  ...[
    '\u05e9\u05dc\u05d5\u05dd',
    '\u0928\u092e\u0938\u094d\u0924\u0947',
    'line\u2028end',
    "'tis",
    '~x~',
    'a:b',
    'yes, "no"',
  ],
];
/** What looks like numbers or times and is none: as numbers they would lose what they say. */
const CODES = [
  ['26_1_10', '41_1_04', '7_12_3'],
  ['26-1-10', '31-4-2', '12-11-9'],
  ['007', '0815', '12', '100'],
  ['77E311', '12E500', '9E999'],
  ['9007199254740993', '9007199254740992', '12345678901234567890'],
  ['0x1F', '0xA0', '0x33'],
  ['10.0.0.1', '192.168.1.20', '8.8.8.8'],
  ['1.10.2', '1.1.2', '2.0.0'],
  ['+49 30 123-4', '+1 212 555-0100', '0044 20 7946 0000'],
  ['12345-6789', '00501-0001', '99950-1234'],
  ['2 of 5', '3 of 5', '5 of 5'],
  ['3f2504e0-4f89-11d3-9a0c-0305e82c3301', '3f2504e0-4f89-11d3-9a0c-0305e82c3302'],
  ['DE89 3704 0044 0532 0130 00', 'FR14 2004 1010 0505 0001 3M02 606'],
  [`${'long '.repeat(1_000)}1`, `${'long '.repeat(1_000)}2`, 'short'],
];
const NAMES = [
  ...['a', 'A', 'b c', 'B C', 'length, mm', 'gr\u00f6\u00dfe', 'GR\u00d6SSE', '\u6e29\u5ea6', 'q"uote', 'semi;colon'],
  ...[
    'x|y',
    "o'clock",
    'two\nlines',
    'Z',
    'caf\u00e9',
    '$1',
    'select',
    'tab\tbed',
    'constructor',
    '{brace}',
    '11',
    '0',
  ],
  ...[
    '__proto__',
    'c0',
    'per cent %',
    'Unnamed: 0',
    'index',
    'rowid',
    'file_row_number',
    'a.b',
    'a/b~c',
    '#no',
    'true',
  ],
];
/** Without any sign that could divide fields: of few cells nothing else tells. */
const PLAIN_NAMES = [
  'a',
  'A',
  'b c',
  'gr\u00f6\u00dfe',
  '\u6e29\u5ea6',
  'Z',
  '__proto__',
  'per cent %',
  'index',
  'a.b',
];

/** How a column gets its values: all its cells are made by one maker. */
interface Maker {
  make: () => Value;
  /** A few cells that leave no doubt of the type. */
  sure: Value[];
}

const MAKERS: Record<SmallType, (random: Random) => Maker> = {
  INTEGER: (random) => {
    const size = 10 ** (2 + random.below(13));
    return { make: () => Math.round((random.next() - 0.3) * size) + 0, sure: [5, 117, -3] };
  },
  NUMBER: (random) => {
    const size = 10 ** (random.below(9) - 2);
    return {
      make: () => Number(((random.next() - 0.3) * size).toFixed(1 + random.below(6))) + 0,
      sure: [0.25, -17.5, 3.0625],
    };
  },
  BOOLEAN: (random) => ({ make: () => random.next() < 0.5, sure: [true, false] }),
  TIMESTAMP: (random) => {
    const unit = [DAY_MS, 1_000, 1][random.below(3)];
    const make = () => Math.floor(((random.next() - 0.2) * 50_000 * DAY_MS) / unit) * unit;
    // Days alone would be dates.
    return { make, sure: [Date.UTC(2024, 1, 29, 10, 30)] };
  },
  DATE: (random) => ({
    make: () => Math.floor((random.next() - 0.2) * 50_000) * DAY_MS,
    sure: [Date.UTC(2024, 1, 29), Date.UTC(2023, 9, 5)],
  }),
  TIME: (random) => {
    const unit = pick(random, [60, 1, 0.25]);
    return { make: () => Math.floor((random.next() * 86_400) / unit) * unit, sure: [27_000, 86_340] };
  },
  DURATION: (random) => {
    const unit = pick(random, [60, 1, 0.25]);
    const least = random.next() < 0.2 ? -0.3 : 0;
    // Hours of more than a day are no time of day.
    return { make: () => Math.floor(((random.next() + least) * 400_000) / unit) * unit + 0, sure: [360_300.25, 30] };
  },
  TEXT: (random) => {
    const words = shuffled(random, WORDS).slice(0, 3 + random.below(6));
    return { make: () => pick(random, words), sure: ['red', 'x, y'] };
  },
};
const TYPES = Object.keys(MAKERS) as SmallType[];

function codes(random: Random): Maker {
  const words = pick(random, CODES);
  return { make: () => pick(random, words), sure: words };
}

interface Shape {
  rowCount: number;
  names: string[];
}

/** A table of a few columns, of which a reader that takes the values as they are meant can tell the types. */
export function smallTable(random: Random, must: readonly SmallType[] = []): SmallTable {
  // Each column costs time: beside those that are asked for, one or two.
  const types = [...must, ...typesOf(random, (must.length > 0 ? 1 : 2) + random.below(2))];
  return tableOf(random, shuffled(random, types), { rowCount: 12 + random.below(20), names: NAMES });
}

/** With names that differ in more than their case, for writers that know none that differ in case only. */
export function withoutCases(table: SmallTable): SmallTable {
  const taken = new Set<string>();
  const columns = table.columns.map((column, at) => {
    const name = taken.has(column.name.toLowerCase()) ? `${column.name} ${at}` : column.name;
    taken.add(name.toLowerCase());
    return { ...column, name };
  });
  return { ...table, columns };
}

/** Without durations, which files of Parquet have as numbers. */
export const withoutDurations = (table: SmallTable): SmallTable => ({
  ...table,
  columns: table.columns.map((column) => (column.type === 'DURATION' ? { ...column, type: 'NUMBER' } : column)),
});

/** What a column is read as: texts of which each stands in five rows or more on average, in fifty rows at least, are categories. */
export function meantType({ type, cells }: SmallColumn): ColumnType {
  const present = cells.filter((cell) => cell !== null);
  const isFew = present.length >= 50 && new Set(present).size * 5 <= present.length;
  return type === 'TEXT' && isFew ? 'CATEGORY' : type;
}

/** A table that holds no fault: some of one column, of one row, of codes, of many rows. */
export function soundTable(random: Random): SmallTable {
  const kind = random.next();
  if (kind < 0.05) return tableOf(random, typesOf(random, 1), { rowCount: 5 + random.below(9), names: PLAIN_NAMES });
  if (kind < 0.1) return tableOf(random, typesOf(random, 3), { rowCount: 1 + random.below(2), names: PLAIN_NAMES });
  const table =
    kind < 0.15
      ? tableOf(random, ['TEXT', ...typesOf(random, 2)], { rowCount: 55 + random.below(25), names: NAMES })
      : smallTable(random);
  const [text] = table.columns.filter(({ type }) => type === 'TEXT');
  if (text && random.next() < 0.3) text.cells = cellsOf(random, codes(random), table.rowCount);
  return table;
}

const typesOf = (random: Random, count: number): SmallType[] =>
  Array.from({ length: count }, () => pick(random, TYPES));

function tableOf(random: Random, types: SmallType[], { rowCount, names }: Shape): SmallTable {
  const order = shuffled(random, names);
  const columns = types.map((type, at) => ({
    ...{ name: order[at], type },
    cells: cellsOf(random, MAKERS[type](random), rowCount),
  }));
  return { columns, rowCount };
}

function cellsOf(random: Random, { make, sure }: Maker, rowCount: number): Value[] {
  const cells = Array.from({ length: rowCount }, (): Value => (random.next() < MISSING_SHARE ? null : make()));
  sure.slice(0, Math.ceil(rowCount / 3)).forEach((value, at) => (cells[at * 3] = value));
  return cells;
}

/** The first row without any value, which may have come by chance; `row` where there is none before it. */
export function firstEmpty(columns: SmallColumn[], row: number): number {
  const at = Array.from({ length: row }).findIndex((_, place) => columns.every(({ cells }) => cells[place] === null));
  return at < 0 ? row : at;
}

export const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)];

export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const left = [...list];
  return Array.from(list, () => left.splice(random.below(left.length), 1)[0]);
}
