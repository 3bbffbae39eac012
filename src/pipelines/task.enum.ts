import { registerEnumType } from 'type-graphql';
import type { Task } from '../engine';

export const TaskEnum = {
  REGRESSION: 'regression',
  BINARY: 'binary',
  MULTICLASS: 'multiclass',
} as const satisfies Record<Uppercase<Task>, Task>;

registerEnumType(TaskEnum, {
  name: 'Task',
  description: 'What a model predicts.',
  valuesConfig: {
    REGRESSION: { description: 'A number.' },
    BINARY: { description: 'One of two classes.' },
    MULTICLASS: { description: 'One of three or more classes.' },
  },
});
