import { readTargets, type Task } from '../../src/engine';
import { columnIssues } from '../../src/pipelines';

/** A start refuses the targets that the engine would refuse in the middle of a run, and no others. */

function refusal(o: { classes: number; rows: number; isNumber: boolean; task: Task | null }): string | null {
  const { isNumber, rows, classes, task } = o;
  const column = { name: 'y', isNumber, isInteger: true, missingCount: 0, distinctCount: classes };
  const use = { target: 'y', task, drop: [], split: { kind: 'random' } as never };
  return columnIssues({ rowCount: rows, columns: [column] }, use)[0]?.message ?? null;
}

function engineRefuses({ classes, rows, isNumber, task }: Parameters<typeof refusal>[0]): boolean {
  const codes = Int32Array.from({ length: rows }, (_, i) => i % classes);
  const levels = Array.from({ length: classes }, (_, i) => `class ${i}`);
  const column = isNumber
    ? ({ name: 'y', kind: 'number', values: Float64Array.from(codes) } as const)
    : ({ name: 'y', kind: 'category', codes, levels } as const);
  try {
    readTargets([column as never], task, rows);
    return false;
  } catch {
    return true;
  }
}

const cases = [2, 3, 10, 11, 199, 200, 201, 2_000].flatMap((classes) =>
  [19, 20, 399, 400, 5_000].flatMap((rows) =>
    [true, false].flatMap((isNumber) =>
      ([null, 'multiclass'] as const).map((task) => ({ classes, rows, isNumber, task })),
    ),
  ),
);

test.each(cases.filter(({ classes, rows }) => classes <= rows))('%j', (one) => {
  expect(refusal(one) !== null).toBe(engineRefuses(one));
});

test('the refusal says the limit', () => {
  expect(refusal({ classes: 2_001, rows: 9_000, isNumber: false, task: null })).toBe(
    '"y" has 2001 different values in 9000 rows, too many to be classes: at most 200, each in 2 rows on average',
  );
});

test('where steps take rows out, what fewer values would mend is left to the run', () => {
  const column = (o: object) => ({ name: 'y', isNumber: false, isInteger: false, missingCount: 0, ...o }) as never;
  const filter = { id: 'few', kind: 'FILTER', parameters: {}, after: [] };
  const issues = (o: { distinct: number; family: string; task?: Task; isNumber?: boolean }, steps = [filter]) => {
    const { family, task = null, distinct: distinctCount, isNumber = false } = o;
    const profile = { rowCount: 5000, columns: [column({ distinctCount, isNumber })] };
    const use = {
      target: 'y',
      task,
      drop: [],
      split: { kind: 'random' } as never,
      estimator: { family, parameters: {} },
    };
    return columnIssues(profile, { ...use, steps }).map(({ path }) => path);
  };
  expect(issues({ distinct: 2000, family: 'logistic' }, [])).toEqual(['target']);
  expect(issues({ distinct: 2000, family: 'logistic' })).toEqual([]);
  expect(issues({ distinct: 3, family: 'logistic', task: 'binary' }, [])).toEqual(['task']);
  expect(issues({ distinct: 3, family: 'logistic', task: 'binary' })).toEqual([]);
  expect(issues({ distinct: 900, family: 'logistic', isNumber: true }, [])).toEqual(['estimator.family']);
  expect(issues({ distinct: 900, family: 'logistic', isNumber: true })).toEqual([]);
  // No row less makes a number of a text, or two values of one.
  expect(issues({ distinct: 2000, family: 'linear' })).toEqual(['estimator.family']);
  expect(issues({ distinct: 1, family: 'linear' })).toEqual(['target']);
  expect(issues({ distinct: 30, family: 'linear', task: 'regression' })).toEqual(['task']);
});

test('a duration as the gap of a split along numbers is refused where it stands', () => {
  const numbers = { isNumber: true, isInteger: true, missingCount: 0, distinctCount: 90 };
  const year = { name: 'year', ...numbers, traits: { type: 'INTEGER', role: 'FEATURE' } as const };
  const issues = (gap: number | string) =>
    columnIssues(
      { rowCount: 90, columns: [{ name: 'y', ...numbers }, year] },
      { target: 'y', drop: [], task: null, split: { kind: 'time', column: 'year', gap } as never },
    );
  expect(issues(2)).toEqual([]);
  expect(issues('P2D')).toEqual([
    {
      path: 'split.gap',
      message: 'is for columns of times or dates, and this column holds numbers',
      hint: 'give a number in the unit of the column',
    },
  ]);
});

describe('what the least value of a column tells', () => {
  const column = { isNumber: true, isInteger: true, missingCount: 0, distinctCount: 40 };
  const columns = [
    { ...column, name: 'claims', minimum: -3 },
    { ...column, name: 'visits', minimum: 0 },
    { ...column, name: 'x', minimum: -9 },
  ];
  const issuesOf = (use: object) =>
    columnIssues(
      { rowCount: 500, columns },
      { task: null, drop: [], split: { kind: 'random' } as never, target: 'visits', ...use },
    );
  const estimator = (parameters: object) => ({ estimator: { family: 'boosting', parameters: { ...parameters } } });

  test.each(['poisson', 'tweedie'])('a negative target and the loss %s are refused before the run', (loss) => {
    const message = `"claims" is -3 at least once, and the loss ${loss} is of counts and amounts, 0 or more`;
    expect(issuesOf({ target: 'claims', ...estimator({ loss }) })).toMatchObject([{ path: 'target', message }]);
    expect(issuesOf({ target: ['visits', 'claims'], ...estimator({ loss }) })).toMatchObject([
      { path: 'targets[1]', message },
    ]);
    expect(issuesOf({ target: 'visits', ...estimator({ loss }) })).toEqual([]);
    expect(issuesOf({ target: 'claims', ...estimator({ loss: 'mse' }) })).toEqual([]);
  });

  test('unless a step may leave such rows out, which the run finds', () => {
    const steps = [{ id: 'some', kind: 'FILTER', parameters: { where: 'claims >= 0' }, after: [] }];
    expect(issuesOf({ target: 'claims', steps, ...estimator({ loss: 'poisson' }) })).toEqual([]);
    expect(issuesOf({ weight: 'x', steps })).toEqual([]);
  });

  test('negative weights are refused as well', () => {
    expect(issuesOf({ weight: 'x' })).toMatchObject([
      { path: 'weight', message: '"x" is -9 at least once; weights are 0 or more' },
    ]);
  });
});
