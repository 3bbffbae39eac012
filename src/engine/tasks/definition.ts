/** What a task is: how its targets are read, what is learnt of them, how that is scored, and what a model answers. */
import type { Task } from '../types';
import type { Answers } from './answers/answer';
import type { Learning } from './learning/learning';
import type { Score } from './score/score';
import type { TargetShape } from './targets/shape';

export interface TaskDefinition {
  /** Lower case, words joined by underscores: the API has it in upper case. */
  name: Task;
  /** What a model of it predicts, in a sentence. */
  description: string;
  targets: TargetShape;
  learning: Learning;
  score: Score;
  answers: Answers;
}

/** Lets a task be written with its own name and kept in one list. */
export const defineTask = (task: TaskDefinition): TaskDefinition => task;
