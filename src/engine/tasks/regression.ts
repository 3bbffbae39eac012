import { numbers as answers } from './answers/answers';
import { defineTask } from './definition';
import { numbers } from './learning/learnings';
import { ofNumber } from './score/scores';
import { holdsClasses, textFault } from './targets/facts';
import { oneNumber } from './targets/shapes';

export const regression = defineTask({
  name: 'regression',
  description: 'A number.',
  targets: oneNumber({
    fits: ([column]) => !holdsClasses(column),
    fault: textFault({ hint: 'choose a numeric column, or leave the task out', at: 'task' }),
  }),
  learning: numbers,
  score: ofNumber,
  answers,
});
