import { classes as answers } from './answers/answers';
import { defineTask } from './definition';
import { classes } from './learning/learnings';
import { ofClasses } from './score/scores';
import { classesFault, holdsClasses } from './targets/facts';
import { oneClass } from './targets/shapes';

/** One of several classes. */
export const multiclass = defineTask({
  name: 'multiclass',
  targets: oneClass({
    fits: ([column]) => holdsClasses(column),
    fault: classesFault,
    instead: ([column]) => (column?.distinct === 2 ? 'binary' : null),
  }),
  learning: classes(),
  score: ofClasses,
  answers,
});
