import { readTargets, type Task } from '../../src/engine';
import { columnIssues } from '../../src/pipelines';

/** A start refuses the targets that the engine would refuse in the middle of a run, and no others. */

const PATHS = { target: 'target', targets: 'targets', task: 'task', drop: 'drop', split: 'split' };

function refusal(o: { classes: number; rows: number; isNumber: boolean; task: Task | null }): string | null {
  const { isNumber, rows, classes, task } = o;
  const column = { name: 'y', isNumber, isInteger: true, missingCount: 0, distinctCount: classes };
  const use = { target: 'y', task, drop: [], split: { kind: 'random' } as never };
  return columnIssues({ rowCount: rows, columns: [column] }, use, PATHS)[0]?.message ?? null;
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
