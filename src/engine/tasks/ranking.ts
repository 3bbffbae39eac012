import { numbers as answers } from './answers/answers';
import { defineTask } from './definition';
import { grades } from './learning/learnings';
import { ofOrder } from './score/scores';
import { textFault } from './targets/facts';
import { oneNumber } from './targets/shapes';

export const ranking = defineTask({
  name: 'ranking',
  description: 'The order of the rows of a group, such as the answers to a query: a score for each row.',
  targets: oneNumber({
    // A number alone does not say that rows are to be ordered.
    fits: () => false,
    fault: textFault({ hint: 'choose a column of grades: 0 for rows that do not suit, more for those that do' }),
  }),
  learning: grades,
  score: ofOrder,
  answers,
});
