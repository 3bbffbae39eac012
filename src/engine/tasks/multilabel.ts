import { labelPairs } from './answers/answers';
import { defineTask } from './definition';
import { labels } from './learning/learnings';
import { ofLabels } from './score/scores';
import { notPairFault } from './targets/facts';
import { severalPairs } from './targets/shapes';

export const multilabel = defineTask({
  name: 'multilabel',
  description: 'Several targets of two classes each, any of which may hold together.',
  targets: severalPairs({
    fits: (columns) => columns.every(({ distinct }) => distinct === 2),
    fault: notPairFault({ hint: 'name columns that hold two values each, such as 0 and 1; leave others out' }),
  }),
  learning: labels,
  score: ofLabels,
  answers: labelPairs,
});
