import { classes as answers } from './answers/answers';
import { defineTask } from './definition';
import { classes } from './learning/learnings';
import { ofClasses } from './score/scores';
import { classesFault, holdsClasses } from './targets/facts';
import { oneClass } from './targets/shapes';

export const multiclass = defineTask({
  name: 'multiclass',
  description: 'One of three or more classes.',
  targets: oneClass({
    fits: ([column]) => holdsClasses(column),
    fault: classesFault,
    instead: ([column]) => (column?.distinct === 2 ? 'binary' : null),
  }),
  learning: classes(),
  score: ofClasses,
  answers,
});
