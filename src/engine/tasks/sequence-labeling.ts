import { classesOfSteps as answers } from './answers/answers';
import { defineTask } from './definition';
import { classesOfSteps } from './learning/learnings';
import { ofSteps } from './score/scores';
import { stepClasses } from './targets/shapes';

export const sequenceLabeling = defineTask({
  name: 'sequence_labeling',
  description: 'A class for each step of a sequence; the targets are the steps, in order.',
  targets: stepClasses({ fits: () => true, fault: () => null }),
  learning: classesOfSteps,
  score: ofSteps,
  answers,
});
