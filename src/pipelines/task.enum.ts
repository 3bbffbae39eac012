import { registerEnumType } from 'type-graphql';
import { TaskEnum, taskOf } from '../engine';

export { TaskEnum };

registerEnumType(TaskEnum, {
  name: 'Task',
  description: 'What a model predicts.',
  // Asked when the schema is built: a task that was registered by then is part of it.
  valuesConfig: new Proxy({}, { get: (_, key: string) => ({ description: taskOf(TaskEnum[key]).description }) }),
});
