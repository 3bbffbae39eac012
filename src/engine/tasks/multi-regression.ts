import { numbers as answers } from './answers/answers';
import { defineTask } from './definition';
import { numbers } from './learning/learnings';
import { ofNumbers } from './score/scores';
import { holdsClasses, textFault } from './targets/facts';
import { severalNumbers } from './targets/shapes';

export const multiRegression = defineTask({
  name: 'multi_regression',
  description: 'Several numbers, such as the next steps of a series.',
  targets: severalNumbers({
    fits: (columns) => columns.every(({ isNumber }) => isNumber) && !columns.every(holdsClasses),
    fault: textFault({ hint: 'choose numeric columns' }),
  }),
  learning: numbers,
  score: ofNumbers,
  answers,
});
