import { z } from 'zod';
import { shownList } from '../../../formats';
import { ALL_TASKS, learnsFeatures } from '../../tasks/registry';
import { defineStep } from '../definition';
import { columnName } from '../../columns/choice';

const TARGETS_MAX = 1000;

/** One that is registered after this schema is made counts as well, so it is no `z.enum`. */
const taskName = z
  .string()
  .refine((name) => ALL_TASKS.includes(name), {
    error: () => `Invalid option: expected one of ${shownList(ALL_TASKS, ALL_TASKS.length)}`,
    abort: true,
  })
  .meta({ enum: ALL_TASKS });

const cost = z.number().gt(0).max(1e12);
const GROUP_COLUMNS_MAX = 5;

const columns = z.strictObject({
  target: columnName
    .optional()
    .describe('The column to predict. Of the task anomaly a column of two values to evaluate by, or none.'),
  targets: z
    .array(columnName)
    .min(1)
    .max(TARGETS_MAX)
    .optional()
    .describe(
      'In place of target: several columns to predict, with missing values where they are not known. Columns of two ' +
        'values (multilabel), numbers (multi_regression), or the steps of a sequence in order, with one set of labels ' +
        '(sequence_labeling).',
    ),
  drop: z.array(columnName).max(10_000).default([]).describe('Columns the model must not see.'),
  task: taskName.nullable().default(null).describe('Null: decided from the values of the targets.'),
  positiveClass: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Of a target of two values: the one that precision, recall, F1 and the curves are of, and the second of the ' +
        'probabilities. Left out: the affirmative word (yes, true, 1), else the rarer value. Of the task anomaly: what ' +
        'marks an anomaly.',
    ),
  errorCosts: z
    .strictObject({
      missed: cost.describe('Of a row of the positive class that is taken for the other.'),
      falseAlarm: cost.describe('Of a row of the other class that is taken for the positive one.'),
    })
    .optional()
    .describe(
      'Of a target of two values: what errors cost, in any one unit. The model then answers the positive class from the ' +
        'probability falseAlarm / (missed + falseAlarm) on, where both answers are expected to cost the same, and is scored ' +
        'so. Left out: the likelier class.',
    ),
  weight: columnName
    .optional()
    .describe(
      'A column of numbers, 0 or more, that says how much each row counts: in the loss, in what models are chosen by and in ' +
        'every metric. A row of 2 counts as two rows of 1 do; only ratios matter. It is no feature, and rows to predict have ' +
        'none. Not of the tasks anomaly and ranking. Left out: all rows count the same.',
    ),
  groups: z
    .array(columnName)
    .min(1)
    .max(GROUP_COLUMNS_MAX)
    .optional()
    .describe(
      'Columns by whose values the test rows are scored apart as well (`Evaluation.groups`). The model reads them too, ' +
        'unless they are in drop.',
    ),
});

const parameters = columns.superRefine(({ target, targets, task }, context) => {
  const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (target !== undefined && targets) fault('targets', 'is given beside target: give one of the two');
  if (target === undefined && !targets && !(task && learnsFeatures(task))) {
    fault('target', 'is missing: name the column to predict; only the task anomaly needs none');
  }
});

export const selectColumns = defineStep({
  kind: 'SELECT_COLUMNS',
  title: 'Select columns',
  summary: 'Names the target or targets, and the columns to leave out. Every pipeline has one.',
  description: 'Names the target or targets, and the columns to leave out.',
  stage: 'rows',
  rank: 0,
  parameters,
  needed: '{ id: "columns", kind: SELECT_COLUMNS, parameters: { target: "…" } }',
  says: ({ target, targets, drop, task, positiveClass, errorCosts, weight, groups }) => ({
    target: targets ?? target ?? [],
    drop,
    task,
    ...(positiveClass !== undefined && { positiveClass }),
    ...(errorCosts && { errorCosts }),
    ...(weight !== undefined && { weight }),
    ...(groups && { groups }),
  }),
  places: {
    target: '.target',
    targets: '.targets',
    drop: '.drop',
    task: '.task',
    positiveClass: '.positiveClass',
    errorCosts: '.errorCosts',
    weight: '.weight',
    groups: '.groups',
  },
});
