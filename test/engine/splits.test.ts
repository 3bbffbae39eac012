import { EngineError, type SplitOptions, type Table } from '../../src/engine/types';
import { Random } from '../../src/engine/random';
import type { ColumnType } from '../../src/formats';
import { selectColumns } from './support/selection';
import { splitFaults, splitParameters, splitRows, type Parts } from '../../src/engine/splits';
import { readTargets } from '../../src/engine/tasks/targets/read';
import { sourceOf } from './support/table-source';
import { draw, normal, pick, table, uniform } from './tables';

const DAY = 86_400_000;
const group = (options: Partial<SplitOptions> = {}): SplitOptions => ({
  ...{ kind: 'group', column: 'g', testFraction: 0.2, validationFraction: 0.2, stratify: true },
  ...(options as object),
});
const time = (options: Partial<Extract<SplitOptions, { kind: 'time' }>> = {}): SplitOptions => ({
  ...{ kind: 'time', column: 't', testFraction: 0.2, validationFraction: 0.2, gap: 0 },
  ...options,
});

const targetOf = (data: Table) => readTargets([data.columns.find(({ name }) => name === 'y')!], null, data.rowCount);
const split = (data: Table, options: SplitOptions, seed = 1) => splitRows(data, targetOf(data), options, seed);
const cellOf = (data: Table, name: string, row: number) => {
  const column = data.columns.find((one) => one.name === name)!;
  return column.kind === 'number' ? column.values[row] : column.levels[column.codes[row]];
};
const all = (parts: Parts): number[] => Object.values(parts).flatMap((rows) => [...rows]);
const fault = (act: () => unknown): EngineError => {
  try {
    act();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
};

/** A table of any size and kind: numbered or named groups of uneven sizes, times with ties, rows without a target. */
function anyTable(seed: number): Table {
  const random = new Random(seed, 0x59117);
  const n = 60 + random.below(340);
  const groups = 3 + random.below(60);
  const named = random.below(2) === 0;
  const classes = ['a', 'b', 'c'].slice(0, 2 + random.below(2));
  const distinct = 5 + random.below(300);
  const skew = 1 + random.below(3);
  const g = draw(n, seed, (r) => Math.floor(groups * uniform(r) ** skew));
  return table({
    x: draw(n, seed + 1, normal),
    g: named ? g.map((one) => `g${one}`) : g.map((one) => one - 2),
    t: draw(n, seed + 2, (r) => DAY * (r.below(distinct) - 100)),
    y: draw(n, seed + 3, (r) => (r.below(20) === 0 ? null : pick(r, classes))),
  });
}

describe('1,000 random tables', () => {
  test('no group is on both sides, no row is lost, and the shares are near', () => {
    const misses: number[] = [];
    let divided = 0;
    for (let seed = 0; seed < 1_000; seed++) {
      const data = anyTable(seed);
      let parts: Parts;
      try {
        parts = split(data, group({ stratify: seed % 2 === 0 }), seed);
      } catch (error) {
        expect((error as Error).message).toMatch(/holds (a single group|2 groups)|part has \d+ rows|single class/);
        continue;
      }
      divided++;
      const sets = Object.values(parts).map((rows) => new Set([...rows].map((row) => cellOf(data, 'g', row))));
      const total = sets.reduce((sum, { size }) => sum + size, 0);
      expect(new Set(sets.flatMap((set) => [...set])).size).toBe(total);
      expect(all(parts).sort((a, b) => a - b)).toEqual([...targetOf(data).rows]);
      for (const rows of Object.values(parts)) expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
      misses.push(Math.abs(parts.test.length / targetOf(data).rows.length - 0.2));
    }
    expect(divided).toBeGreaterThan(950);
    const near = misses.filter((miss) => miss < 0.03).length;
    expect(near / misses.length).toBeGreaterThan(0.9);
  });

  test('no row of a part is before the last of the part before it plus the gap; ties stay together', () => {
    let divided = 0;
    for (let seed = 0; seed < 1_000; seed++) {
      const data = anyTable(seed);
      const gapDays = [0, 1, 3, 0.5][seed % 4];
      let parts: Parts;
      try {
        parts = split(data, time({ gap: seed % 8 < 4 ? gapDays * DAY : `PT${gapDays * 24}H` }), seed);
      } catch (error) {
        expect((error as Error).message).toMatch(
          /part has \d+ rows|single class|in the test part or the gap|same time/,
        );
        continue;
      }
      divided++;
      const times = (rows: Uint32Array) => [...rows].map((row) => cellOf(data, 't', row) as number);
      const [train, validation, test] = [parts.train, parts.validation, parts.test].map(times);
      const gap = gapDays * DAY;
      expect(Math.min(...validation)).toBeGreaterThanOrEqual(Math.max(...train) + gap);
      expect(Math.min(...test)).toBeGreaterThanOrEqual(Math.max(...validation) + gap);
      expect(Math.min(...test)).toBeGreaterThan(Math.max(...validation));
      expect(Math.min(...validation)).toBeGreaterThan(Math.max(...train));
      const used = new Set(all(parts));
      expect(used.size).toBe(all(parts).length);
      // Only the gaps are left out.
      for (const row of targetOf(data).rows) {
        if (used.has(row)) continue;
        const at = cellOf(data, 't', row) as number;
        const before = (part: number[]) => at > Math.min(...part) - gap && at < Math.min(...part);
        expect(before(validation) || before(test)).toBe(true);
      }
    }
    expect(divided).toBeGreaterThan(800);
  });

  test('rows that are read in parts are divided alike', async () => {
    for (let seed = 0; seed < 1_000; seed += 10) {
      const data = anyTable(seed);
      for (const options of [group(), time({ gap: 1 })]) {
        const facts = await sourceOf(data).read(['y', options.kind === 'group' ? 'g' : 't']);
        const target = targetOf(data);
        const found = [() => splitRows(data, target, options, seed), () => splitRows(facts, target, options, seed)].map(
          (act) => {
            try {
              return act();
            } catch (error) {
              return (error as Error).message;
            }
          },
        );
        expect(found[1]).toEqual(found[0]);
      }
    }
  });
});

describe('by group', () => {
  const N = 600;
  const g = Array.from({ length: N }, (_, i) => `p${Math.floor(i / 6)}`);
  const x = draw(N, 3, normal);

  test('classes have their shares in each part, where groups allow', () => {
    const y = g.map((one) => (Number(one.slice(1)) % 5 === 0 ? 'sick' : 'well'));
    const data = table({ g, x, y });
    for (let seed = 0; seed < 20; seed++) {
      const parts = split(data, group(), seed);
      for (const rows of Object.values(parts)) {
        const share = rows.filter((row) => y[row] === 'sick').length / rows.length;
        expect(Math.abs(share - 0.2)).toBeLessThan(0.06);
      }
    }
  });

  test('the seed decides, and the same seed decides alike', () => {
    const data = table({ g, x, y: x.map((v) => 2 * v) });
    expect(split(data, group(), 5)).toEqual(split(data, group(), 5));
    expect(split(data, group(), 6)).not.toEqual(split(data, group(), 5));
  });

  test('a large group does not decide what is left', () => {
    const large = x.map((_, i) => (i < 300 ? 0 : i));
    const parts = split(table({ g: large, x, y: x.map((v) => 2 * v) }), group());
    expect(parts.test.length).toBe(120);
    expect(parts.validation.length).toBe(96);
  });

  test('neither groups nor times are features', () => {
    const data = table({ g, t: x.map((_, i) => i * DAY), x, y: x.map((v) => v + 0.1 * v * v) });
    const select = (options: SplitOptions) =>
      selectColumns({ table: data, target: 'y', task: null, drop: [], split: options }).leftOut;
    expect(select(group())).toContainEqual({ column: 'g', reason: 'It holds the groups of the split.' });
    expect(select(time())).toContainEqual({ column: 't', reason: 'It orders the split.' });
  });
});

describe('by time', () => {
  const N = 100;
  const x = draw(N, 3, normal);
  const day = (i: number) => Date.UTC(2024, 0, 1 + i);
  const data = table({ x, t: x.map((_, i) => day((i * 37) % N)), y: x.map((v) => 2 * v) });
  const days = (rows: Uint32Array) => [...rows].map((row) => (row * 37) % N).sort((a, b) => a - b);

  test('the last share is tested on', () => {
    const parts = split(data, time());
    expect(days(parts.test)).toEqual(Array.from({ length: 20 }, (_, i) => 80 + i));
    expect(days(parts.validation)).toEqual(Array.from({ length: 16 }, (_, i) => 64 + i));
    expect(days(parts.train)).toEqual(Array.from({ length: 64 }, (_, i) => i));
  });

  test('or all from a time on, with a gap of a week', () => {
    const parts = split(data, time({ testFrom: '2024-03-31', gap: 'P7D' }));
    expect(days(parts.test)[0]).toBe(90);
    expect(days(parts.validation).at(-1)).toBe(83);
    expect(days(parts.validation)[0] - days(parts.train).at(-1)!).toBe(7);
    const unused = N - all(parts).length;
    expect(unused).toBe(12);
  });

  test('rows of one time stay together', () => {
    const tied = table({ x, t: x.map((_, i) => Math.floor(i / 30)), y: x.map((v) => 2 * v) });
    const parts = split(tied, time());
    expect([parts.train.length, parts.validation.length, parts.test.length]).toEqual([60, 30, 10]);
  });
});

describe('words of a split column', () => {
  test.each(['val', 'valid', 'dev', 'eval', 'Validation ', 'DEV'])('%s is validation', (word) => {
    const x = draw(90, 3, normal);
    const data = table({ x, p: x.map((_, i) => ['train', 'test', word][i % 3]), y: x.map((v) => 2 * v) });
    const parts = split(data, { kind: 'column', column: 'p', validationFraction: 0.2 });
    expect([...parts.validation]).toEqual(Array.from({ length: 30 }, (_, i) => 3 * i + 2));
  });
});

describe('what cannot be divided is refused with the place and what to do', () => {
  const x = draw(60, 3, normal);
  const y = x.map((v) => 2 * v);
  const cases: [string, Table, SplitOptions, RegExp, RegExp][] = [
    ['one group', table({ x, y, g: x.map(() => 'a') }), group(), /"g" holds a single group/, /more groups/],
    ['two groups', table({ x, y, g: x.map((_, i) => i % 2) }), group(), /"g" holds 2 groups/, /more groups/],
    [
      'missing groups',
      table({ x, y, g: x.map((_, i) => (i % 10 === 4 ? null : `g${i % 7}`)) }),
      group(),
      /Group column "g" is missing in 6 rows; the first is row 5/,
      /not isMissing/,
    ],
    [
      'a missing time',
      table({ x, y, t: x.map((_, i) => (i === 9 ? null : i)) }),
      time(),
      /Time column "t" is missing in row 10/,
      /FILTER/,
    ],
    ['texts for times', table({ x, y, t: x.map((_, i) => `day ${i}`) }), time(), /"t" holds texts/, /dates/],
    ['one time', table({ x, y, t: x.map(() => 5) }), time(), /same time in all 60 rows/, /other times/],
    [
      'a late start',
      table({ x, y, t: x.map((_, i) => i) }),
      time({ testFrom: 60 }),
      /No row is at or after/,
      /testFrom/,
    ],
    [
      'an early start',
      table({ x, y, t: x.map((_, i) => i) }),
      time({ testFrom: 0 }),
      /Every row is in the test/,
      /testFrom/,
    ],
    [
      'a wide gap',
      table({ x, y, t: x.map((_, i) => i) }),
      time({ gap: 100 }),
      /Every row is in the test part or the gap/,
      /gap/,
    ],
    ['few rows', table({ x, y, t: x.map((_, i) => i) }), time({ gap: 20 }), /part has \d+ rows/, /rows/],
  ];
  test.each(cases)('%s', (...[, data, options, message, hint]) => {
    const error = fault(() => split(data, options));
    expect(error.path).toMatch(/^split/);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  test.each([
    [{ kind: 'time', column: 't', gap: 'a week' }, 'expected a number from 0 on, or a duration such as P7D or PT12H'],
    [{ kind: 'time', column: 't', gap: -1 }, 'expected a number from 0 on, or a duration such as P7D or PT12H'],
    [
      { kind: 'time', column: 't', testFrom: '2024-13-01' },
      'expected a number, a date or a time such as 2024-05-17T10:20:00Z',
    ],
    [{ kind: 'group' }, 'Invalid input: expected string, received undefined'],
  ])('the step %j', (parameters, message) => {
    expect(splitParameters.safeParse(parameters).error!.issues[0].message).toBe(message);
  });
});

test('a duration and a date divide times and dates; of numbers the unit is theirs', () => {
  const optionsOf = (type: ColumnType, options: Parameters<typeof time>[0]) =>
    splitFaults(time(options), { type, role: 'FEATURE' }).map(({ option }) => option);
  for (const type of ['INTEGER', 'NUMBER', 'TIME', 'DURATION'] as const) {
    expect(optionsOf(type, { gap: 'P2D' })).toEqual(['gap']);
    expect(optionsOf(type, { testFrom: '2024-03-31', gap: 2 })).toEqual(['testFrom']);
    expect(optionsOf(type, { testFrom: 2015, gap: 2 })).toEqual([]);
  }
  expect(optionsOf('DATE', { testFrom: '2024-03-31', gap: 'P2D' })).toEqual([]);
  expect(optionsOf('TIMESTAMP', { testFrom: 1e12, gap: 'PT12H' })).toEqual([]);
});
