/** Counts and amounts, which are learnt by the logarithm of their mean, are never negative. */
import { amountsOf } from '../../families/registry';
import type { SourceRequest } from '../../rows/memory';
import { hasSeveralTargets, learnsNumbers } from '../../tasks/registry';
import type { Targets } from '../../tasks/targets/shape';
import { EngineError, rowNumber, type Table } from '../../types';
import { shown } from '../../../formats';

/** Throws EngineError for the first row whose target is negative, where the estimator takes none. */
export function refuseNegative(
  { estimator }: Pick<SourceRequest, 'estimator'>,
  { task, columns }: Targets,
  table: Pick<Table, 'origins'>,
): void {
  if (!learnsNumbers(task) || amountsOf(estimator) === null) return;
  columns.forEach(({ name, values }, t) => {
    const row = values.findIndex((value) => value < 0);
    if (row < 0) return;
    const { loss } = estimator.parameters;
    throw new EngineError(
      `Target ${shown(name)} is ${values[row]} in row ${rowNumber(table, row)}; the loss ${String(loss)} is of counts and amounts, 0 or more.`,
      hasSeveralTargets(task) ? `targets[${t}]` : 'target',
      'Correct the value, leave such rows out by a step FILTER, or use another loss, such as mse.',
    );
  });
}
