/** The pseudo-family `auto` beside the real ones: it tries what they propose, and keeps the best. Pure. */
import { z } from 'zod';
import type { Candidate, Cost, Description, Family, TrainingSize } from './families/family';
import {
  checkParameters as checkFamily,
  checkSchema,
  familiesFor,
  familyInfos,
  findFamily,
  infoOf,
  proposing,
  type Estimator,
  type ParameterIssue,
} from './families/registry';
import { sizeOf } from './families/advice';
import { classWeightField } from './families/training/training.schema';
import { DENSE_TASKS, learnsClasses } from './tasks/registry';
import type { FamilyInfo, Task, TrainRequest } from './types';

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
  // Families may be added to the list.
  get description() {
    return (
      `Trains those that can do the task of: ${titlesOf(proposing())}; the quickest first, some with several settings. Keeps the one ` +
      'with the lowest validation loss (log loss, or root mean squared error; of several numbers relative to their spread).'
    );
  },
  data: 'table',
  tasks: DENSE_TASKS,
  schema,
  advise: (profile) => ({
    rank: 3,
    reason: `Trains ${titlesOf(proposing(profile.task))} on your ${sizeOf(profile)}, and keeps the best on the validation part.`,
  }),
  tries: proposed,
};

/** As a part of a sentence. */
export function titlesOf(families: readonly Pick<Family, 'title'>[]): string {
  const titles = families.map(({ title }) => title[0].toLowerCase() + title.slice(1));
  return [titles.slice(0, -1).join(', '), ...titles.slice(-1)].filter((part) => part !== '').join(' and ');
}

/** All families a run may name, `auto` first. */
export const families = (): FamilyInfo[] => [infoOf(auto), ...familyInfos];

/** The description of a family or of `auto`; undefined when there is none of this name. */
export const describe = (name: string): Description | undefined => (name === AUTO ? auto : findFamily(name));

/** What the training of a candidate costs, about. It has been checked. */
export function costOf({ family, parameters }: Estimator, size: TrainingSize): Cost {
  const { schema, cost } = findFamily(family)!;
  return cost(schema.parse(parameters), size);
}

/** The models that a training of an estimator tries: one of its family, or what that stands for. It has been checked. */
export const candidatesOf = ({ family, parameters }: Estimator, task: Task, rows: number): Candidate[] =>
  describe(family)!.tries?.(task, rows, parameters) ?? [{ name: family, family, parameters }];

/** Rows outside the test part: with more, one validation part says enough, and folds take too long. */
const FOLD_ROWS_MAX = 20_000;
const FOLDS = 5;

/**
 * How many folds judge the models of a request, of so many rows outside its test part; below 2: none. Where several candidates compete, one
 * part of few rows would decide by luck.
 */
export const foldsFor = ({ estimator, folds }: Pick<TrainRequest, 'estimator' | 'folds'>, rows: number): number =>
  folds ?? (describe(estimator.family)?.tries && rows <= FOLD_ROWS_MAX ? FOLDS : 0);

/** What the families propose for a task, with the parameters of `auto` where they have them. */
function proposed(task: Task, rows: number, settings: Record<string, unknown>): Candidate[] {
  const shared = Object.entries(settings).filter(([key]) => learnsClasses(task) || key !== CLASS_WEIGHT);
  return proposing(task).flatMap((family) =>
    family.candidates!(task, rows).map(({ name, parameters }) => {
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
