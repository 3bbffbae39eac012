/** What a learner is told of the shape of its task. */
import { columnsOfFeatures } from '../../preprocess/encoding';
import { hasSeveralTargets, learnsFeatures } from '../../tasks/registry';
import type { Prepared } from './prepare';

export function dimensionsOf({ selection, encoding, network, train }: Prepared) {
  const { task, labels, columns } = selection.target;
  const outputs = learnsFeatures(task) ? train.width : (labels?.length ?? columns.length);
  const targets = hasSeveralTargets(task) ? columns.length : 1;
  const ids = encoding.ids.length > 0 ? encoding.ids : undefined;
  return { task, outputs, targets, columns: columnsOfFeatures(encoding), ids, network };
}
