import { classesOfSteps as answers } from './answers/answers';
import { defineTask } from './definition';
import { classesOfSteps } from './learning/learnings';
import { ofSteps } from './score/scores';
import { stepClasses } from './targets/shapes';

/** One of several classes for each step of a sequence. */
export const sequenceLabeling = defineTask({
  name: 'sequence_labeling',
  targets: stepClasses({ fits: () => true, fault: () => null }),
  learning: classesOfSteps,
  score: ofSteps,
  answers,
});
