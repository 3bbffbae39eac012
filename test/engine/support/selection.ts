/** The columns that a training would choose of a table. */
import {
  checkColumns,
  chooseFeatures,
  type Selection,
  type SelectionRequest,
} from '../../../src/engine/preprocess/select';
import { withOrder } from '../../../src/engine/tasks/targets/order';
import { readTargets } from '../../../src/engine/tasks/targets/read';
import type { TrainRequest } from '../../../src/engine/types';

export function selectColumns(request: SelectionRequest & Pick<TrainRequest, 'positiveClass'>): Selection {
  const { task, table } = request;
  const target = withOrder(readTargets(checkColumns(request), task, table.rowCount), request);
  return chooseFeatures(request, target, { seen: target, ...table });
}
