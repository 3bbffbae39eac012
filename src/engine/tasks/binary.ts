import { classes as answers } from './answers/answers';
import { defineTask } from './definition';
import { classes } from './learning/learnings';
import { CONTRASTIVE_LOSSES } from './learning/loss-names';
import { ofClasses } from './score/scores';
import { notPairFault } from './targets/facts';
import { oneClass } from './targets/shapes';

export const binary = defineTask({
  name: 'binary',
  description: 'One of two classes.',
  targets: oneClass({
    fits: ([{ distinct }]) => distinct === 2,
    fault: notPairFault({ hint: 'use the task multiclass or regression, or leave the task out', at: 'task' }),
  }),
  learning: classes(CONTRASTIVE_LOSSES),
  score: ofClasses,
  answers,
});
