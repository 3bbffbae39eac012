/** Learning by a single tree, of as many leaves as validation finds best. */
import type { ColumnLearner } from '../../learning/learner';
import { TREES_STATE_VERSION } from '../state';
import { forestAnswers, type ForestAnswers } from './answers';
import { ImpurityFit, type Grown, type ImpurityPass } from './impurity.fit';
import { singleTree } from './single';

export interface SingleTreeSettings {
  leaves: number;
  depth: number | null;
  rowsPerLeaf: number;
  refit: boolean;
}

/** Where leaves say probabilities: none is ever impossible. */
const EXTRA_ROWS = 1;

export const treeLearner: ColumnLearner = {
  reads: 'columns',
  explains: true,
  stateVersion: TREES_STATE_VERSION,
  fit: async (request, port) => {
    const settings = request.parameters as unknown as SingleTreeSettings;
    const { priorTrees, ...others } = forestAnswers(request.task, request.outputs);
    const answers = { ...others, priorTrees: 0 };
    const extra = priorTrees > 0 ? EXTRA_ROWS : 0;
    const grow = (pass: ImpurityPass): Grown => growSingle(pass, { settings, answers, extra });
    return new ImpurityFit(request, port, { answers, trainLoss: 'loss', steps: settings.leaves, grow }).run();
  },
};

function growSingle(
  { train, validation, columns, prior, size, steps, proceed, told }: ImpurityPass,
  { settings, answers, extra }: { settings: SingleTreeSettings; answers: ForestAnswers; extra: number },
): Grown {
  const { leaves: leavesMax, depth: depthMax, rowsPerLeaf } = settings;
  const rules = { leavesMax: size ?? leavesMax, depthMax, rowsPerLeaf, columnsPerSplit: columns.length, extra };
  const { trees, leaves, loss } = singleTree({
    ...{ train, validation, answers },
    grow: { columns, prior, rules, random: null, proceed },
    done: (count, losses) => {
      if (count <= steps.told) return;
      steps.told = count;
      told(count, losses);
    },
  });
  return { rounds: [trees], size: leaves, loss };
}
