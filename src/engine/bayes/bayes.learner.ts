/** Learning by naive Bayes: one pass over the columns; missing values are left out. */
import type { ColumnRows } from '../learning/fit';
import type { ColumnLearner } from '../learning/learner';
import { PointsTold, TOLD_STATE_VERSION } from '../learning/told';
import { logSum } from '../trees/boosting/losses';
import { joinRows } from '../trees/join-rows';
import { appendBayes } from './export';
import { fitTables, scoresOf, type BayesSettings, type ClassTables } from './sums';

export const bayesLearner: ColumnLearner = {
  reads: 'columns',
  stateVersion: TOLD_STATE_VERSION,
  fit: (request, port) => {
    const { train, validation, outputs } = request;
    const settings = request.parameters as unknown as BayesSettings & { refit: boolean };
    const told = new PointsTold(request, port);
    const tables = fitTables(train, outputs, settings, told.look);
    const judges = validation.rows > 0;
    const losses = { train: meanLoss(tables, train, told.look), validation: meanLoss(tables, validation, told.look) };
    const point = { step: 1, name: 'loss', fraction: 1 };
    told.tell([
      { ...point, split: 'train', value: losses.train },
      ...(judges ? [{ ...point, split: 'validation' as const, value: losses.validation }] : []),
    ]);
    const pays = judges && settings.refit;
    const isRefitted = pays && request.refit !== false;
    const kept = isRefitted ? fitTables(joinRows(train, validation), outputs, settings, told.look) : tables;
    told.tell([], { finished: true });
    return Promise.resolve({
      parameterCount: sizeOf(kept),
      ...(judges && { best: { epoch: 0, loss: losses.validation } }),
      append: (graph, features) => appendBayes(graph, features, kept),
      ...(isRefitted && { judged: (graph, features) => appendBayes(graph, features, tables) }),
      awaitsRefit: pays && !isRefitted,
    });
  },
};

function meanLoss(tables: ClassTables, rows: ColumnRows, look: () => void): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < rows.rows; i++) {
    if (i % LOOK_ROWS === 0) look();
    const weight = rows.weight ? rows.weight[i] : 1;
    const scores = scoresOf(tables, rows, i);
    sum += weight * (logSum(scores, 0, scores.length) - scores[rows.y[i]]);
    total += weight;
  }
  return sum / (total || 1);
}

const LOOK_ROWS = 256;

const sizeOf = ({ classes, numbers, texts }: ClassTables): number =>
  classes * (1 + 2 * numbers.length + texts.reduce((sum, { count }) => sum + count - 1, 0));
