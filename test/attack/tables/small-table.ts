import type { ColumnType } from '../../../src/datasets/ingest/infer';
import type { Random } from '../../support/random';

/** As a reading gives it: times are milliseconds since 1970 UTC. Null is missing. */
export type Value = string | number | boolean | null;

export interface SmallColumn {
  name: string;
  type: ColumnType;
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
  ...['red', 'green', 'blue sky', 'x, y', 'a;b', 'one\ttab', 'p|q', 'say "hi"', 'two\nlines', "it's", 'caf\u00e9'],
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
];
const NAMES = [
  ...[
    'a',
    'b c',
    'length, mm',
    'gr\u00f6\u00dfe',
    '\u6e29\u5ea6',
    'q"uote',
    'semi;colon',
    '__proto__',
    'c0',
    'per cent %',
  ],
  ...['x|y', "o'clock", 'two\nlines', 'Z', 'caf\u00e9', '$1', 'select', 'tab\tbed', 'constructor', '{brace}'],
];

/** How columns of each type get their values. All cells of a column are made by one maker. */
const MAKERS: Record<ColumnType, (random: Random) => () => Value> = {
  INTEGER: (random) => {
    const size = 10 ** (2 + random.below(13));
    return () => Math.round((random.next() - 0.3) * size) + 0;
  },
  NUMBER: (random) => {
    const size = 10 ** (random.below(9) - 2);
    return () => Number(((random.next() - 0.3) * size).toFixed(1 + random.below(6))) + 0;
  },
  BOOLEAN: (random) => () => random.next() < 0.5,
  TIMESTAMP: (random) => {
    const unit = [DAY_MS, 1_000, 1][random.below(3)];
    return () => Math.floor(((random.next() - 0.2) * 50_000 * DAY_MS) / unit) * unit;
  },
  TEXT: (random) => {
    const words = shuffled(random, WORDS).slice(0, 3 + random.below(6));
    return () => words[random.below(words.length)];
  },
};
const TYPES = Object.keys(MAKERS) as ColumnType[];

/** A table of a few columns, of which a reader that takes the values as they are meant can tell the types. */
export function smallTable(random: Random, must: ColumnType[] = []): SmallTable {
  const rowCount = 12 + random.below(20);
  const names = shuffled(random, NAMES);
  const types = shuffled(random, [...must, ...Array.from({ length: 2 + random.below(2) }, () => pick(random, TYPES))]);
  const columns = types.map((type, at) => ({ name: names[at], type, cells: cellsOf(random, type, rowCount) }));
  return { columns, rowCount };
}

function cellsOf(random: Random, type: ColumnType, rowCount: number): Value[] {
  const make = MAKERS[type](random);
  const cells = Array.from({ length: rowCount }, (): Value => (random.next() < MISSING_SHARE ? null : make()));
  // A few cells that leave no doubt of the type.
  const sure: Record<ColumnType, Value[]> = {
    INTEGER: [5, 117, -3],
    NUMBER: [0.25, -17.5, 3.0625],
    BOOLEAN: [true, false],
    TIMESTAMP: [],
    TEXT: ['red', 'x, y'],
  };
  sure[type].forEach((value, at) => (cells[at * 3] = value));
  if (!cells.some((cell) => cell !== null)) cells[0] = make();
  return cells;
}

export const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)];

export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const left = [...list];
  return Array.from(list, () => left.splice(random.below(left.length), 1)[0]);
}
