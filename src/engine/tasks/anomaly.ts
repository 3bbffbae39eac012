import { errorOfReconstruction } from './answers/answers';
import { defineTask } from './definition';
import { features } from './learning/learnings';
import { ofReconstruction } from './score/scores';
import { notPairFault } from './targets/facts';
import { noColumn } from './targets/shapes';

export const anomaly = defineTask({
  name: 'anomaly',
  description: 'How unlike the other rows a row is; learnt without a target.',
  targets: noColumn({
    fault: notPairFault({ hint: 'choose a column of two values, such as 0 and 1, or name none', at: 'task' }),
  }),
  learning: features,
  score: ofReconstruction,
  answers: errorOfReconstruction,
});
