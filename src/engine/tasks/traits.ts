/** What a task from outside the product can be composed of, as those of the product are. */
import * as answers from './answers/answers';
import * as learning from './learning/learnings';
import * as score from './score/scores';
import * as faults from './targets/facts';
import * as targets from './targets/shapes';

export const taskTraits = { answers, learning, score, targets, faults };
