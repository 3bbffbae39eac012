import { EngineError, type SplitOptions, type Table } from '../../src/engine/types';
import { selectColumns } from './support/selection';
import { splitRows } from '../../src/engine/splits';
import { draw, normal, pick, table, uniform } from './tables';

const RANDOM: SplitOptions = { kind: 'random', testFraction: 0.2, validationFraction: 0.15, stratify: true };
const N = 400;
const select = (data: Table, target: string, change: object = {}) =>
  selectColumns({ table: data, target, task: null, drop: [], split: RANDOM, ...change });
const fault = (run: () => unknown): EngineError => {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
};
const x = draw(N, 1, normal);

describe('the positive class', () => {
  const y = draw(N, 2, (r) => (uniform(r) < 0.3 ? 'b' : 'a'));
  const data = table({ x, y, z: draw(N, 3, (r) => pick(r, ['p', 'q', 'r'])) });

  test('is the rarer one of two, and the log says how to choose the other', () => {
    const { target, notes } = select(data, 'y');
    expect(target.labels).toEqual(['a', 'b']);
    expect(notes).toContainEqual({
      level: 'info',
      message: expect.stringMatching(/positive class.* is "b"\. To choose "a" instead, set positiveClass to it\./),
    });
  });

  test('can be chosen: labels, values and note follow', () => {
    const { target, notes } = select(data, 'y', { positiveClass: 'a' });
    expect(target.labels).toEqual(['b', 'a']);
    expect(target.columns[0].labels).toEqual(['b', 'a']);
    expect([...target.columns[0].values]).toEqual(y.map((value) => Number(value === 'a')));
    expect(notes).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('To choose "b" instead') }),
    );
    expect(select(data, 'y', { positiveClass: 'b' }).target.labels).toEqual(['a', 'b']);
  });

  test('of anomaly is what marks one', () => {
    const { target } = select(data, 'y', { task: 'anomaly', positiveClass: 'a' });
    expect([target.labels, target.columns[0].labels]).toEqual([null, ['b', 'a']]);
  });

  test.each([
    ['that is no value', () => select(data, 'y', { positiveClass: 'c' }), /"y" has no value "c"/],
    ['of three classes', () => select(data, 'z', { positiveClass: 'p' }), /multiclass has no positive class/],
    ['of numbers', () => select(data, 'x', { positiveClass: '1' }), /regression has no positive class/],
    ['against labels', () => select(data, 'y', { positiveClass: 'a', labels: ['a', 'b'] }), /second of labels/],
  ])('%s is refused', (_, run, message) => {
    expect(fault(run)).toMatchObject({ path: 'positiveClass', message: expect.stringMatching(message) });
  });
});

describe('the task follows from the target', () => {
  const taskOf = (values: (number | null)[] | (string | null)[], n = N) =>
    select(table({ x: x.slice(0, n), y: values.slice(0, n) as number[] }), 'y').target.task;

  test.each([
    ['text of two values', 'binary', draw(N, 2, (r) => pick(r, ['yes', 'no']))],
    ['text of three values', 'multiclass', draw(N, 2, (r) => pick(r, ['a', 'b', 'c']))],
    ['0 and 1', 'binary', draw(N, 2, (r) => r.below(2))],
    ['ten digits', 'multiclass', draw(N, 2, (r) => r.below(10))],
    ['grades 0 to 17', 'regression', draw(N, 2, (r) => r.below(18))],
    ['real numbers of few values', 'regression', draw(N, 2, (r) => r.below(5) + 0.5)],
    ['real numbers', 'regression', draw(N, 2, normal)],
  ])('%s: %s', (_, task, values) => expect(taskOf(values)).toBe(task));

  test('few integers in few rows are numbers', () => {
    expect(
      taskOf(
        draw(60, 2, (r) => r.below(8)),
        60,
      ),
    ).toBe('regression');
  });

  test.each([
    [
      ['no', 'yes', 'yes'],
      ['no', 'yes'],
    ],
    [
      ['benign', 'benign', 'malignant'],
      ['benign', 'malignant'],
    ],
    [
      ['stay', 'leave', 'leave'],
      ['leave', 'stay'],
    ],
    [
      [0, 1, 1],
      ['0', '1'],
    ],
  ])('labels of %p are %p, the positive one last', (values, labels) => {
    const y = Array.from({ length: N }, (_, i) => values[i % 3]);
    expect(select(table({ x, y: y as string[] }), 'y').target.labels).toEqual(labels);
  });

  test('numeric classes are ordered by value', () => {
    const y = draw(N, 3, (r) => pick(r, [10, 2, 1]));
    expect(select(table({ x, y }), 'y').target.labels).toEqual(['1', '2', '10']);
  });
});

describe('columns that cannot help are left out, with a reason', () => {
  const y = draw(N, 4, normal);
  const leftOut = (columns: Record<string, (number | null)[] | (string | null)[]>, target = y as number[] | string[]) =>
    Object.fromEntries(
      select(table({ x, y: target as number[], ...columns }), 'y').leftOut.map((c) => [c.column, c.reason]),
    );

  test.each([
    ['all missing', x.map(() => null), /missing/],
    ['constant number', x.map(() => 7), /same value, 7/],
    ['constant text', x.map(() => 'a'), /same value, "a"/],
    ['row number', x.map((_, i) => 5 + 3 * i), /numbers the rows/],
    ['shuffled row number', x.map((_, i) => (i * 7) % N), /numbers the rows/],
    ['machineId', x.map((_, i) => i * i + 3), /identifier/],
    ['unique text', x.map((_, i) => `M${i}`), /different value in every row/],
    ['near-unique text', x.map((_, i) => `M${i % 300}`), /300 different values in 400 rows/],
    ['rescaled target', y.map((v) => 32 + 1.8 * v), /repeats the target \(correlation 1/],
  ])('%s', (name, values, reason) => expect(leftOut({ [name]: values as number[] })[name]).toMatch(reason));

  test('a renaming of the classes', () => {
    const labels = draw(N, 5, (r) => pick(r, ['ok', 'bad']));
    expect(leftOut({ code: labels.map((l) => (l === 'ok' ? 0 : 1)) }, labels)).toEqual({
      code: expect.stringMatching(/repeats/),
    });
  });

  test('ordinary columns stay: distinct reals, distinct integers, constants with gaps, a strong predictor', () => {
    const kept = {
      real: draw(N, 6, normal),
      income: x.map((_, i) => i * i + 3),
      paid: x.map((_, i) => 2 * i * i),
      sometimes: x.map((_, i) => (i % 3 === 0 ? null : 1)),
      strong: y.map((v, i) => v + 0.1 * x[i]),
      city: draw(N, 7, (r) => `c${r.below(150)}`),
    };
    expect(leftOut(kept)).toEqual({});
  });

  test('the user’s drops and the split column are named', () => {
    const data = table({ x, z: x.map(() => 1), part: x.map((_, i) => (i % 4 ? 'train' : 'test')), y });
    const split: SplitOptions = { kind: 'column', column: 'part', validationFraction: 0.15 };
    const found = select(data, 'y', { drop: ['z'], split });
    expect(found.leftOut).toEqual([
      { column: 'z', reason: 'Excluded by the request.' },
      { column: 'part', reason: 'It holds the split.' },
    ]);
    expect(found.features.map((c) => c.name)).toEqual(['x']);
  });

  test('a copy of the target is kept when nothing else is left', () => {
    const found = select(table({ x, y: x.map((v) => 2 * v + 1) }), 'y');
    expect(found.features.map((c) => c.name)).toEqual(['x']);
    expect(found.notes).toContainEqual({ level: 'warn', message: expect.stringMatching(/"x": It repeats the target/) });
  });

  test('rows without a target are not used, and it is said', () => {
    const found = select(table({ x, y: y.map((v, i) => (i < 10 ? null : v)) }), 'y');
    expect(found.target.rows.length).toBe(N - 10);
    expect(found.notes[0]).toEqual({
      level: 'warn',
      message: `10 rows without a value for "y" are not used; the first is row 1.`,
    });
    const last = select(table({ x, y: y.map((v, i) => (i === N - 1 ? null : v)) }), 'y');
    expect(last.notes[0].message).toBe(`1 row without a value for "y" is not used: row ${N}.`);
  });

  test('what is known of a column is told with the reason why it is left out', () => {
    const remarks = new Map([['code', '"code" is mostly numbers, but 1 value is text: row 12 "n.a.".']]);
    const code = x.map((v) => `c${v}`);
    const found = select(table({ x, y, code }), 'y', { remarks });
    expect(found.leftOut).toEqual([{ column: 'code', reason: expect.stringMatching(/identifier.*row 12 "n\.a\."/) }]);
    expect(select(table({ x, y, code }), 'y', { remarks, drop: ['code'] }).leftOut[0].reason).toBe(
      'Excluded by the request.',
    );
  });
});

describe('faults say where and what to do', () => {
  const y = draw(N, 8, normal);
  const data = table({ x, Y: y, text: x.map((_, i) => `t${i}`), none: x.map(() => null), same: x.map(() => 1) });
  test.each<[string, () => unknown, string, RegExp]>([
    ['unknown target', () => select(data, 'y'), 'target', /Did you mean "Y"/],
    ['unknown drop', () => select(data, 'Y', { drop: ['x', 'q'] }), 'drop[1]', /columns are "x", "Y"/],
    ['dropped target', () => select(data, 'Y', { drop: ['Y'] }), 'drop', /Take it out/],
    [
      'unknown split column',
      () => select(data, 'Y', { split: { kind: 'column', column: 'part', validationFraction: 0.1 } }),
      'split.column',
      /columns/,
    ],
    ['constant target', () => select(data, 'same'), 'target', /values differ/],
    ['empty target', () => select(data, 'none'), 'target', /filled in/],
    ['free text target', () => select(data, 'text'), 'target', /fewer classes/],
    ['regression on text', () => select(data, 'text', { task: 'regression' }), 'task', /numeric/],
    ['binary with many values', () => select(data, 'Y', { task: 'binary' }), 'task', /multiclass or regression/],
    ['classes of a real target', () => select(data, 'Y', { task: 'multiclass' }), 'target', /regression/],
    ['no features', () => select(table({ y: x, same: x.map(() => 1) }), 'y'), 'table', /"same": Every row/],
    ['too few rows', () => select(table({ x: [1, 2, 3], y: [1, 2, 5] }), 'y'), 'target', /Add rows/],
    [
      'two columns of one name',
      () => select({ rowCount: N, columns: [data.columns[0], data.columns[0]] }, 'x'),
      'table.columns[1]',
      /Rename/,
    ],
  ])('%s', (_, run, path, hint) => {
    const error = fault(run);
    expect(error.path).toBe(path);
    expect(error.hint).toMatch(hint);
  });
});

describe('names and classes as nobody would want to see them', () => {
  const [tail, long] = ['\u200b\n\u202e\x1b[2J', 'n'.repeat(5000)];
  const name = (of: string) => `${of}${tail}${long}`;
  const y = draw(N, 8, (r) => name(pick(r, ['a', 'b'])));
  const [X, Y, T, SAME] = ['x', 'y', 'text', 'same'].map(name);
  const data = table({ [X]: x, [Y]: y, [T]: x.map((_, i) => name(`t${i}`)), [SAME]: x.map(() => tail) });
  const column = (of: string) => ({ kind: 'column' as const, column: of, validationFraction: 0.1 });
  const faults: (() => unknown)[] = [
    () => select(data, 'q'),
    () => select(data, Y, { drop: [Y] }),
    () => select(data, SAME),
    () => select(data, T),
    () => select(data, Y, { task: 'regression' }),
    () => select(data, Y, { positiveClass: tail }),
    () => select(data, Y, { labels: [tail, long] }),
    () => select(data, Y, { labels: [long, long] }),
    () => select(table({ [Y]: y, [SAME]: x.map(() => tail) }), Y),
    () => select({ rowCount: N, columns: [data.columns[0], data.columns[0]] }, X),
    () => splitRows(data, select(data, Y, { split: column(T) }).target, column(T), 1),
  ];

  test('are shown by their numbers and cut, in faults, notes and reasons', () => {
    const { notes, leftOut } = select(data, Y);
    const copy = select(table({ [Y]: y, [X]: y }), Y);
    const texts = [
      ...faults.map(fault).flatMap(({ message, hint }) => [message, hint]),
      ...[...notes, ...copy.notes].map(({ message }) => message),
      ...leftOut.map(({ reason }) => reason),
    ];
    expect(texts.filter((text) => !/^[ -~…]{1,500}$/.test(text))).toEqual([]);
    expect(texts.filter((text) => text.includes('\\u200b')).length).toBeGreaterThan(15);
  });
});

describe('splits', () => {
  const y = draw(N, 9, (r) => (uniform(r) < 0.1 ? 'yes' : 'no'));
  const target = select(table({ x, y }), 'y').target;
  const split = (options: SplitOptions, seed = 1, data = table({ x, y })) => splitRows(data, target, options, seed);
  const share = (rows: Uint32Array) => rows.filter((row) => y[row] === 'yes').length / rows.length;

  test('random parts are disjoint, complete, stratified and reproducible', () => {
    const parts = split(RANDOM);
    const all = [...parts.train, ...parts.validation, ...parts.test].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: N }, (_, i) => i));
    expect([parts.test.length, parts.validation.length]).toEqual([80, 48]);
    for (const rows of Object.values(parts))
      expect(Math.abs(share(rows) - share(target.rows))).toBeLessThan(1 / rows.length);
    expect(split(RANDOM)).toEqual(parts);
    expect(split(RANDOM, 2)).not.toEqual(parts);
  });

  test('the only row of a class is trained on', () => {
    const labels = x.map((_, i) => (i === 17 ? 'rare' : i % 2 ? 'a' : 'b'));
    const found = select(table({ x, y: labels }), 'y');
    expect(found.notes.at(-1)!.message).toMatch(/"rare" has a single row/);
    for (let seed = 0; seed < 20; seed++)
      expect(splitRows(table({ x, y: labels }), found.target, RANDOM, seed).train).toContain(17);
  });

  test('a split column is followed; validation is carved from train when it names none', () => {
    const part = x.map((_, i) => (i % 4 === 0 ? 'TEST ' : 'Train'));
    const parts = split({ kind: 'column', column: 'part', validationFraction: 0.2 }, 1, table({ x, y, part }));
    expect([parts.test.length, parts.validation.length, parts.train.length]).toEqual([100, 60, 240]);
    expect(parts.test.every((row) => row % 4 === 0)).toBe(true);
    const side = x.map((_, i) => ['train', 'test', 'validation'][i % 3]);
    const named = split({ kind: 'column', column: 'side', validationFraction: 0.2 }, 1, table({ x, y, side }));
    expect(named.validation.every((row) => row % 3 === 2)).toBe(true);
  });

  test.each<[string, () => unknown, string, RegExp]>([
    [
      'other values',
      () =>
        split(
          { kind: 'column', column: 'p', validationFraction: 0.2 },
          1,
          table({ x, y, p: x.map((_, i) => (i === 5 ? 'holdout' : 'train')) }),
        ),
      'split.column',
      /"holdout" in row 6/,
    ],
    [
      'no test rows',
      () =>
        split({ kind: 'column', column: 'p', validationFraction: 0.2 }, 1, table({ x, y, p: x.map(() => 'train') })),
      'split',
      /test part has 0 rows/,
    ],
    [
      'one class to train on',
      () =>
        split(
          { kind: 'column', column: 'p', validationFraction: 0.2 },
          1,
          table({ x, y, p: y.map((v) => (v === 'no' ? 'train' : 'test')) }),
        ),
      'split',
      /single class/,
    ],
    [
      'a fraction out of range',
      () => split({ ...RANDOM, testFraction: 0.9 }),
      'split.testFraction',
      /0.9 is out of range/,
    ],
  ])('%s is refused', (_, run, path, message) => {
    const error = fault(run);
    expect(error.path).toBe(path);
    expect(error.message).toMatch(message);
  });
});
