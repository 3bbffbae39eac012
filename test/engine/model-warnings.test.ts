import { modelWarnings } from '../../src/engine/training/model-warnings';
import { ALL_TASKS } from '../../src/engine/tasks/registry';
import type { Evaluation, MetricValue, Scores, Task } from '../../src/engine/types';

type Score = [value: number, lower: number | null, upper: number | null];
const score = ([value, lower, upper]: Score) => ({ value, lower, upper });
const metric = (name: string, scored: Score, baseline: Score | null, target?: string): MetricValue => ({
  name,
  ...(target !== undefined && { target }),
  ...score(scored),
  ...(baseline && { baseline: score(baseline) }),
});

const evaluation = (metrics: MetricValue[], more: Partial<Scores> = {}): Evaluation => ({
  kind: 'numbers',
  rowCount: 80,
  metrics,
  undefinedMetrics: [],
  ...more,
});
const messagesOf = (found: Evaluation, task: Task) => modelWarnings(found, task).map(({ message }) => message);

const HALF: Score = [0.5, 0.5, 0.5];

describe('a model beside guessing', () => {
  test.each([
    ['its interval ends above the baseline', 'binary', metric('rocAuc', [0.7, 0.55, 0.8], HALF), null],
    ['its interval reaches the baseline', 'binary', metric('rocAuc', [0.6, 0.5, 0.7], HALF), /not clearly better/],
    ['it is worse', 'multiclass', metric('rocAuc', [0.45, 0.4, 0.49], HALF), / no better than guessing /],
    ['R² beyond 0', 'regression', metric('r2', [0.3, 0.1, 0.4], [-0.01, -0.05, 0]), null],
    ['R² about 0', 'regression', metric('r2', [-0.0005, -0.02, 0.01], [-0.001, -0.01, 0]), /not clearly better/],
    [
      'R² far below 0',
      'regression',
      metric('r2', [-0.85, -1.2, -0.4], [-0.001, -0.01, 0]),
      / no better than guessing /,
    ],
    [
      'errors below, less is better',
      'multi_regression',
      metric('averageRelativeRmse', [0.6, 0.5, 0.7], [1, 1, 1]),
      null,
    ],
    ['errors about equal', 'multi_regression', metric('averageRelativeRmse', [0.99, 0.9, 1.1], [1, 1, 1]), /clearly/],
    ['without intervals, better', 'anomaly', metric('rocAuc', [0.51, null, null], [0.5, null, null]), null],
    ['without intervals, equal', 'anomaly', metric('rocAuc', [0.5, null, null], [0.5, null, null]), / no better /],
    ['where only the loss is defined', 'binary', metric('logLoss', [0.7, 0.6, 0.8], [0.5, 0.4, 0.65]), / no better /],
    ['where nothing has a baseline', 'anomaly', metric('reconstructionError', [1, 1, 1], null), null],
  ] as const)('%s', (_, task, scored, message) => {
    const found = messagesOf(evaluation([scored]), task);
    expect(found).toEqual(message === null ? [] : [expect.stringMatching(message)]);
  });

  test('the message has the figures and the rows', () => {
    const [message] = messagesOf(evaluation([metric('rocAuc', [0.51, 0.4, 0.62], HALF)]), 'binary');
    expect(message).toContain('On 80 test rows');
    expect(message).toContain('rocAuc 0.5100 [0.4000, 0.6200], trivial predictor 0.5000 [0.5000, 0.5000]');
  });

  test('targets that are guessed are named, at most ten, where the model as a whole is better', () => {
    const targets = Array.from({ length: 14 }, (_, i) => metric('r2', [0, -0.1, 0.1], [-0.01, -0.02, 0], `t${i}`));
    const good = metric('r2', [0.9, 0.8, 0.95], [-0.01, -0.02, 0], 'good');
    const whole = metric('averageRelativeRmse', [0.8, 0.7, 0.9], [1, 1, 1]);
    const [message, ...more] = messagesOf(evaluation([whole, ...targets, good]), 'multi_regression');
    expect(message).toMatch(/guessing at 14 of 15 targets: "t0" .* and 4 more\.$/);
    expect(message).not.toContain('good');
    expect(more).toEqual([]);
  });

  test.each(ALL_TASKS)('%s is judged by something', (task) => {
    const names = ['rocAuc', 'logLoss', 'r2', 'rmse', 'averageRelativeRmse', 'balancedAccuracy', 'ndcgAt10'];
    const all = names.map((name) => metric(name, [0.5, 0.4, 0.6], [0.5, 0.4, 0.6]));
    expect(modelWarnings(evaluation(all), task)).toHaveLength(1);
  });
});

test('undefined scores are told once for each reason', () => {
  const undefinedMetrics = [
    { name: 'rocAuc', reason: 'One class.' },
    { name: 'recall', target: 'a', reason: 'One class.' },
    { name: 'r2', reason: 'One value.' },
  ];
  expect(messagesOf(evaluation([], { undefinedMetrics }), 'multilabel')).toEqual([
    'Left out as undefined: rocAuc, recall of "a". One class.',
    'Left out as undefined: r2. One value.',
  ]);
});
