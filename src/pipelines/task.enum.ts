import { registerEnumType } from 'type-graphql';
import type { Task } from '../engine';

export const TaskEnum = {
  REGRESSION: 'regression',
  BINARY: 'binary',
  MULTICLASS: 'multiclass',
  MULTILABEL: 'multilabel',
  MULTI_REGRESSION: 'multi_regression',
  SEQUENCE_LABELING: 'sequence_labeling',
  ANOMALY: 'anomaly',
} as const satisfies Record<Uppercase<Task>, Task>;

registerEnumType(TaskEnum, {
  name: 'Task',
  description: 'What a model predicts.',
  valuesConfig: {
    REGRESSION: { description: 'A number.' },
    BINARY: { description: 'One of two classes.' },
    MULTICLASS: { description: 'One of three or more classes.' },
    MULTILABEL: { description: 'Several targets of two classes each, any of which may hold together.' },
    MULTI_REGRESSION: { description: 'Several numbers, such as the next steps of a series.' },
    SEQUENCE_LABELING: { description: 'A class for each step of a sequence; the targets are the steps, in order.' },
    ANOMALY: { description: 'How unlike the other rows a row is; learnt without a target.' },
  },
});
