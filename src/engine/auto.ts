/** The pseudo-family `auto` beside the real ones: it tries what they propose, and keeps the best. Pure. */
import { z } from 'zod';
import type { Cost, Description, Family, Proposal, TrainingSize } from './families/family';
import {
  checkParameters as checkFamily,
  checkSchema,
  familiesFor,
  familyInfos,
  findFamily,
  infoOf,
  readerFor,
  type Estimator,
  type ParameterIssue,
} from './families/registry';
import { sizeOf } from './families/advice';
import { classWeightField } from './families/training/training.schema';
import { DENSE_TASKS, learnsClasses } from './tasks/registry';
import type { FamilyInfo, Task } from './types';

export const AUTO = 'auto';

/** Counts for nothing where there are no classes. */
const CLASS_WEIGHT = 'classWeight';

const schema = z.strictObject({
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Passes over the training rows of each candidate, at most; left out: by the number of rows.'),
  [CLASS_WEIGHT]: classWeightField.classWeight.optional(),
});

const auto: Description<Record<string, unknown>> = {
  name: AUTO,
  title: 'Automatic',
  description:
    'Trains a linear model and networks of different size and regularisation, and keeps the one with the lowest ' +
    'validation loss (log loss, or root mean squared error; of several numbers relative to their spread).',
  data: 'table',
  tasks: DENSE_TASKS,
  schema,
  advise: (profile) => ({
    rank: 3,
    reason: `Trains linear models and networks of different size on your ${sizeOf(profile)}, and keeps the best on the validation part.`,
  }),
  cost: (parameters, size) => {
    const costs = proposed(size.task, size.rows, parameters).map((estimator) => costOf(estimator, size));
    const bytes = Math.max(0, ...costs.map((cost) => cost.bytes));
    return { operations: costs.reduce((sum, { operations }) => sum + operations, 0), bytes };
  },
};

/** All families a run may name, `auto` first. */
export const families = (): FamilyInfo[] => [autoInfo, ...familyInfos];
const autoInfo = infoOf(auto);

/** The description of a family or of `auto`; undefined when there is none of this name. */
export const describe = (name: string): Description | undefined => (name === AUTO ? auto : findFamily(name));

/** What a training costs, about. The estimator has been checked. */
export function costOf({ family, parameters }: Estimator, size: TrainingSize): Cost {
  const { schema, cost } = describe(family)!;
  return cost(schema.parse(parameters), size);
}

export interface Proposed extends Estimator {
  /** Unique within a run. */
  name: string;
}

/** Candidates share one reading of the table: that of `auto`. */
const isReadAlike =
  ({ name }: Family) =>
  ({ parameters }: Proposal): boolean =>
    readerFor({ family: name, parameters }).reader === readerFor({ family: AUTO, parameters: {} }).reader;

/** What the families propose for a task, simplest first, with the parameters of `auto` where they have them. */
export function proposed(task: Task, rows: number, settings: Record<string, unknown>): Proposed[] {
  const shared = Object.entries(settings).filter(([key]) => learnsClasses(task) || key !== CLASS_WEIGHT);
  return familiesFor(task).flatMap((family) =>
    (family.candidates?.(task, rows) ?? []).filter(isReadAlike(family)).map(({ name, parameters }) => {
      const known = shared.filter(([key, value]) => family.schema.safeParse({ ...parameters, [key]: value }).success);
      return { name, family: family.name, parameters: { ...parameters, ...Object.fromEntries(known) } };
    }),
  );
}

/** What is wrong with a family and its parameters for a task (null: not known yet); an empty list when all is well. */
export function checkParameters(
  family: string,
  parameters: Record<string, unknown>,
  task: Task | null,
): ParameterIssue[] {
  if (family !== AUTO) return checkFamily(family, parameters, task);
  const unable = task !== null && !auto.tasks.includes(task) ? [unableTo(task)] : [];
  return [...unable, ...checkSchema(auto, parameters)];
}

function unableTo(task: Task): ParameterIssue {
  const able = familiesFor(task).map(({ name }) => name);
  return {
    path: 'family',
    message: `Automatic does not try families for ${task}.`,
    hint: `For ${task} name one of: ${able.join(', ')}.`,
  };
}
