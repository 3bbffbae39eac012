import { labelPairs } from './answers/answers';
import { defineTask } from './definition';
import { labels } from './learning/learnings';
import { ofLabels } from './score/scores';
import { notPairFault } from './targets/facts';
import { severalPairs } from './targets/shapes';

/** One of two labels for each of several targets. */
export const multilabel = defineTask({
  name: 'multilabel',
  targets: severalPairs({
    fits: (columns) => columns.every(({ distinct }) => distinct === 2),
    fault: notPairFault({ hint: 'name columns that hold two values each, such as 0 and 1; leave others out' }),
  }),
  learning: labels,
  score: ofLabels,
  answers: labelPairs,
});
