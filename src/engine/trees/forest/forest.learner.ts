/** Learning by a random forest. */
import type { ColumnLearner } from '../../learning/learner';
import { NodeCount } from '../request';
import { TREES_STATE_VERSION } from '../state';
import { forestAnswers } from './answers';
import { forest } from './forest';
import { ImpurityFit, type Grown, type ImpurityPass } from './impurity.fit';

export interface ForestSettings {
  trees: number;
  leaves: number | null;
  depth: number | null;
  rowsPerLeaf: number;
  /** A share of the columns, or how many by name; null: of the task. */
  columnsPerSplit: number | ColumnCount | null;
  bootstrap: boolean;
  rowShare: number;
  refit: boolean;
}

/** Of so many columns, as many as a split may be of. */
const COLUMN_COUNTS = { sqrt: Math.sqrt, log2: Math.log2, all: (columns: number) => columns };
export type ColumnCount = keyof typeof COLUMN_COUNTS;

export const forestLearner: ColumnLearner = {
  reads: 'columns',
  explains: true,
  stateVersion: TREES_STATE_VERSION,
  fit: async (request, port) => {
    const settings = request.parameters as unknown as ForestSettings;
    const answers = forestAnswers(request.task, request.outputs);
    const grow = (pass: ImpurityPass): Grown => growForest(pass, { settings, answers });
    return new ImpurityFit(request, port, { answers, trainLoss: 'outOfBagLoss', steps: settings.trees, grow }).run();
  },
};

function growForest(
  { kept, told, ...pass }: ImpurityPass,
  { settings, answers }: { settings: ForestSettings; answers: ReturnType<typeof forestAnswers> },
): Grown {
  const { trees, leaves, depth, rowsPerLeaf, columnsPerSplit, bootstrap, rowShare } = settings;
  const nodes = new NodeCount(kept, 'Ask for fewer trees, or raise rowsPerLeaf.');
  const { rounds, loss } = forest({
    ...{ ...pass, answers, resume: [...kept] },
    rules: {
      ...{ trees, bootstrap, rowShare, leavesMax: leaves ?? Infinity, depthMax: depth, rowsPerLeaf, extra: 0 },
      columnsPerSplit: columnCount(columnsPerSplit ?? (answers.priorTrees > 0 ? 'sqrt' : 'all'), pass.columns.length),
    },
    done: (round, { outOfBag, validation }) => {
      kept.push(round);
      nodes.add(round);
      told(kept.length, { train: outOfBag, validation });
    },
  });
  return { rounds, size: trees, loss };
}

function columnCount(asked: number | ColumnCount, columns: number): number {
  const count = typeof asked === 'number' ? asked * columns : COLUMN_COUNTS[asked](columns);
  return Math.max(1, Math.round(count));
}
