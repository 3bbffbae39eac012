import { z } from 'zod';
import { checkParameters, chooseTask, families, type ParameterIssue, type StepRequest, type Task } from '../../engine';
import { shown } from '../../formats';
import { didYouMean, type Fault } from '../../kernel';
import { issuesOf } from './schema-issues';
import type { Estimator } from './step-kind';

/** What is wrong with a family and its parameters, whatever it is to learn. Paths as the engine's. */
export function familyIssues({ family: name, parameters }: Estimator): Fault[] {
  const family = families().find((known) => known.name === name);
  if (family) {
    const result = z.fromJSONSchema(family.parameterSchema as never).safeParse(parameters);
    return result.success ? [] : issuesOf(result.error, 'estimator.parameters', family.parameterSchema);
  }
  const hint = didYouMean(
    name,
    families().map((known) => known.name),
  );
  return [{ path: 'estimator.family', message: `no family is named ${shown(name)}`, hint }];
}

/** Of a family that fits none of the tasks, what is wrong with it for the first. Paths as the engine's. */
export function misfits({ family, parameters }: Estimator, tasks: readonly Task[]): Fault[] {
  const found = tasks.map((task) => checkParameters(family, parameters, task));
  if (!found.every(({ length }) => length > 0)) return [];
  return found[0].map((issue) => asFault({ ...issue, path: `estimator.${issue.path}` }));
}

/** The API has sentences without their full stop. */
export const asFault = ({ path, message, hint }: ParameterIssue): Fault => ({
  ...{ path, hint },
  message: message.replace(/\.$/, ''),
});

/** A target of two classes, which some tasks are trained as another one for. */
const PAIR = { name: '', isNumber: false, isInteger: false, known: Infinity, distinct: 2 };

/** A family that does not do the task that a pipeline names, whatever the targets hold. */
export const taskIssues = ({ task, estimator }: StepRequest): Fault[] =>
  task === null ? [] : misfits(estimator, [task, chooseTask([PAIR], task)]);
