/** The pseudo-family `auto` beside the real ones: what a caller may ask for, and the check of it. Pure. */
import { z } from 'zod';
import { classWeightField } from './families/training.schema';
import { checkParameters as checkFamily, familiesFor, familyInfos, type ParameterIssue } from './families/registry';
import { DENSE_TASKS } from './tasks/registry';
import type { FamilyInfo, Task } from './types';

export const AUTO = 'auto';

const schema = z.strictObject({
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Passes over the training rows of each candidate, at most; left out: by the number of rows.'),
  classWeight: classWeightField.classWeight.optional(),
});

/** All families a run may name, `auto` first. */
export const families: FamilyInfo[] = [
  {
    name: AUTO,
    title: 'Automatic',
    description:
      'Trains a linear model and networks of different size and regularisation, and keeps the one with the lowest ' +
      'validation loss (log loss, or root mean squared error; of several numbers relative to their spread).',
    data: 'table',
    tasks: DENSE_TASKS,
    parameterSchema: z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }) as Record<string, unknown>,
  },
  ...familyInfos,
];

/** What is wrong with a family and its parameters for a task (null: not known yet); an empty list when all is well. */
export function checkParameters(
  family: string,
  parameters: Record<string, unknown>,
  task: Task | null,
): ParameterIssue[] {
  if (family !== AUTO) return checkFamily(family, parameters, task);
  const result = schema.safeParse(parameters);
  const unable = task !== null && !DENSE_TASKS.includes(task) ? [unableTo(task)] : [];
  const wrong = (result.error?.issues ?? []).map((issue) => ({
    path: ['parameters', ...issue.path.map(String)].join('.'),
    message: issue.message,
    hint: `Parameters of ${AUTO}: ${Object.keys(schema.shape).join(', ')}.`,
  }));
  return [...unable, ...wrong];
}

function unableTo(task: Task): ParameterIssue {
  const able = familiesFor(task).map(({ name }) => name);
  return {
    path: 'family',
    message: `Automatic does not try families for ${task}.`,
    hint: `For ${task} name one of: ${able.join(', ')}.`,
  };
}
